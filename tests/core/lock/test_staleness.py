import pytest

from headstart.core.header.spec import ProvidedLock
from headstart.core.lock.embedded import NotebookLock
from headstart.core.lock.staleness import check_fits, with_lock
from headstart.errors import LockOutdated
from tests.core.lock.test_embedded import SPEC, TEXT, locked
from tests.effort import effort


def test_a_lock_that_fits_becomes_the_specs():
    found = with_lock(SPEC, locked())
    assert found.lock == ProvidedLock(TEXT, "the lock in the notebook's metadata")
    assert found.digest == SPEC.digest


def test_a_lock_fits_whatever_the_refresh_mode_and_the_kernels_variables_are():
    spec = SPEC._replace(refresh="ephemeral")
    assert with_lock(spec, locked()).lock is not None


def test_a_lock_fits_whichever_packaging_spelt_its_requirements():
    assert with_lock(SPEC, locked(requirements=["Beta", "Alpha >= 1"])).lock is not None


@pytest.mark.parametrize("line", ["-r x", "(" * 999, "\ud800", ""])
def test_what_is_no_requirement_fits_no_header(line):
    with pytest.raises(LockOutdated):
        with_lock(SPEC, locked(requirements=["alpha>=1", "beta", line]))


def test_a_hostile_lock_is_soon_refused():
    """Of 2,500 requirements none is parsed: each takes 0.1 ms, and the message is about five."""
    many = [f'package-{n}[extra]>=1,<2; python_version >= "3.8"' for n in range(2500)]

    def refuse() -> None:
        with pytest.raises(LockOutdated):
            with_lock(SPEC, locked(requirements=many))

    assert effort(refuse) < 25


def test_a_lock_that_the_header_names_comes_first():
    spec = SPEC._replace(lock=ProvidedLock("its own", "pylock.toml"))
    assert with_lock(spec, locked(requirements=[])) == spec


@pytest.mark.parametrize(
    "change, reason",
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
def test_a_header_that_does_not_fit_is_reported_with_the_difference(change, reason):
    with pytest.raises(LockOutdated) as raised:
        with_lock(SPEC._replace(**change), locked())
    assert raised.value.message == f"The header no longer fits the lock in the notebook: {reason}."
    assert raised.value.code == "lock-outdated"


def test_hashes_that_changed_do_not_fit():
    spec = SPEC._replace(hashes=(("alpha", ("ab" * 32,)),))
    with pytest.raises(LockOutdated):
        check_fits(NotebookLock(SPEC, TEXT), spec)


def test_the_error_has_the_difference_for_programs_and_the_command_for_people():
    spec = SPEC._replace(requirements=("beta", "gamma"))
    with pytest.raises(LockOutdated) as raised:
        check_fits(NotebookLock(SPEC, TEXT), spec, "my notebook.ipynb")
    assert raised.value.details["added"] == ["gamma"]
    assert raised.value.details["removed"] == ["alpha>=1"]
    assert raised.value.hint == "Lock the notebook again: headstart lock 'my notebook.ipynb'"


def test_a_long_difference_is_cut_short():
    many = tuple(f"package-{number:03}" for number in range(100))
    with pytest.raises(LockOutdated) as raised:
        check_fits(NotebookLock(SPEC, TEXT), SPEC._replace(requirements=many))
    assert len(str(raised.value)) < 500
    assert "and 95 more" in raised.value.message
