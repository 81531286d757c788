import json
from dataclasses import replace

import pytest

from headstart.core.notebook_lock import (
    check_fits,
    find_lock,
    lock_of,
    read_record,
    with_lock,
)
from headstart.core.spec import EnvironmentSpec, GivenLock
from headstart.errors import LockError, LockOutdated
from tests.core.factory import lock_text, notebook, pure

TEXT = lock_text(pure("alpha", "1.0"))
SPEC = EnvironmentSpec(("alpha>=1", "beta"), requires_python=">=3.11", exclude_newer="7 days")
FACTS = {
    "until": "2026-11-13T00:00:00Z",
    "universal": False,
    "platform": "linux-x86_64",
    "created": "2026-11-20T10:00:00Z",
}


def locked(spec=SPEC, **more):
    """A notebook with the lock for a spec in its metadata, as it comes out of a file."""
    value = {**lock_of(TEXT, spec, **FACTS).to_json(), **more}
    return notebook(metadata={"lock": json.loads(json.dumps(value))})


def test_a_lock_is_read_as_it_was_written():
    spec = replace(SPEC, hashes=(("alpha", ("ab" * 32,)),), constraints=("gamma<2",))
    assert find_lock(locked(spec)) == lock_of(TEXT, spec, **FACTS)


def test_the_text_stands_in_lines_so_that_a_diff_shows_packages():
    value = lock_of(TEXT, SPEC, **FACTS).to_json()
    assert 'name = "alpha"' in value["pylock"]


@pytest.mark.parametrize("metadata", [None, {}, {"dependencies": "alpha"}, "alpha", ["alpha"]])
def test_most_notebooks_have_none(metadata):
    assert find_lock(notebook(metadata=metadata)) is None


def test_the_record_alone_is_read_with_a_text_from_elsewhere():
    lock = lock_of(TEXT, SPEC, **FACTS)
    assert read_record(lock.record(), TEXT, "a.py") == lock


@pytest.mark.parametrize(
    "more, reason",
    [
        ({"version": 2}, "another version"),
        ({"pylock": "text"}, "pylock is a string"),
        ({"pylock": []}, "it is empty"),
        ({"pylock": [1]}, "an item of pylock is a whole number"),
        ({"pylock": ["x" * 1000] * 5000}, "pylock is longer than"),
        ({"requirements": "alpha"}, "requirements is a string"),
        ({"requirements": ["-r x"]}, "a requirement in requirements"),
        ({"requirements": ["x" * 999] * 300}, "requirements is longer than"),
        ({"requires-python": 3}, "requires-python is a whole number"),
        ({"universal": "yes"}, "universal is a string"),
        ({"hashes": []}, "hashes is a list"),
        ({"hashes": {"alpha": "ab"}}, "alpha is a string"),
    ],
)
def test_what_is_no_lock_is_an_error_that_says_so(more, reason):
    with pytest.raises(LockError, match=f"cannot be read: .*{reason}") as raised:
        find_lock(locked(**more))
    assert raised.value.hint == "Lock the notebook again: headstart lock NOTEBOOK"


@pytest.mark.parametrize("value", [[], "text", 3, True])
def test_a_lock_of_another_kind_is_an_error(value):
    with pytest.raises(LockError, match="cannot be read"):
        find_lock(notebook(metadata={"lock": value}))


def test_a_lock_that_fits_becomes_the_specs():
    found = with_lock(SPEC, locked())
    assert found.lock == GivenLock(TEXT, "the lock in the notebook's metadata")
    assert found.digest == SPEC.digest


def test_a_lock_fits_whatever_the_refresh_mode_and_the_kernels_variables_are():
    spec = replace(SPEC, refresh="ephemeral")
    assert with_lock(spec, locked()).lock is not None


def test_a_lock_fits_whichever_packaging_spelt_its_requirements():
    assert with_lock(SPEC, locked(requirements=["Beta", "Alpha >= 1"])).lock is not None


def test_a_lock_that_the_header_names_comes_first():
    spec = replace(SPEC, lock=GivenLock("its own", "pylock.toml"))
    assert with_lock(spec, locked(requirements=[])) == spec


@pytest.mark.parametrize(
    "change, said",
    [
        ({"requirements": ("alpha>=1", "beta", "gamma")}, 'it adds "gamma"'),
        ({"requirements": ("alpha>=1",)}, 'it leaves out "beta"'),
        ({"requirements": ("alpha>=2", "beta")}, 'it asks for "alpha>=2" and not for "alpha>=1"'),
        ({"requires_python": ">=3.12"}, 'its requires-python is ">=3.12" and was ">=3.11"'),
        ({"requires_python": ""}, 'its requires-python is none and was ">=3.11"'),
        ({"exclude_newer": "8 days"}, "it has other exclude-newer"),
        ({"constraints": ("gamma<2",)}, "it has other constraints"),
        ({"overrides": ("gamma<2",)}, "it has other overrides"),
    ],
)
def test_a_header_that_does_not_fit_is_reported_with_the_difference(change, said):
    with pytest.raises(LockOutdated) as raised:
        with_lock(replace(SPEC, **change), locked())
    assert raised.value.message == f"The header no longer fits the lock in the notebook: {said}."
    assert raised.value.code == "lock-outdated"


def test_hashes_that_changed_do_not_fit():
    spec = replace(SPEC, hashes=(("alpha", ("ab" * 32,)),))
    with pytest.raises(LockOutdated):
        check_fits(lock_of(TEXT, SPEC), spec)


def test_the_error_has_the_difference_for_programs_and_the_command_for_people():
    spec = replace(SPEC, requirements=("beta", "gamma"))
    with pytest.raises(LockOutdated) as raised:
        check_fits(lock_of(TEXT, SPEC), spec, "my notebook.ipynb")
    assert raised.value.details["added"] == ["gamma"]
    assert raised.value.details["removed"] == ["alpha>=1"]
    assert raised.value.hint == "Lock the notebook again: headstart lock 'my notebook.ipynb'"


def test_a_long_difference_is_cut_short():
    many = tuple(f"package-{number:03}" for number in range(100))
    with pytest.raises(LockOutdated) as raised:
        check_fits(lock_of(TEXT, SPEC), replace(SPEC, requirements=many))
    assert len(str(raised.value)) < 500
    assert "and 95 more" in raised.value.message
