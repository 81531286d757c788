import json

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.embedded import NotebookLock, find_lock, read_record
from headstart.errors import LockError
from tests.core.factory import lock_text, notebook, pure
from tests.core.header.test_spec import FULL

TEXT = lock_text(pure("alpha", "1.0"))
SPEC = EnvironmentSpec(("alpha>=1", "beta"), requires_python=">=3.11", exclude_newer="7 days")
FACTS = {
    "until": "2026-11-13T00:00:00Z",
    "universal": False,
    "platform": "linux-x86_64",
    "created": "2026-11-20T10:00:00Z",
}
WRITTEN = (
    '{"version": 1, "requirements": ["alpha>=1", "beta"], "requires-python": ">=3.11", '
    '"constraints": ["gamma<2"], "overrides": ["delta==1"], "exclude-newer": "7 days", '
    '"universal": false, "platform": "linux-x86_64", "created": "2026-11-20T10:00:00Z", '
    f'"until": "2026-11-13T00:00:00Z", "hashes": {{"alpha": ["{"ab" * 32}"]}}, '
    '"digest": "5b61e7230bd834572ea9e920e1be864aa81a91def88096e4d5090165a533e777", '
    '"pylock": ["[[packages]]", "name = \\"alpha\\""]}'
)


def locked(spec=SPEC, **more):
    """A notebook with the lock for a spec in its metadata, as it comes out of a file."""
    value = {**NotebookLock(spec, TEXT, **FACTS).to_json(), **more}
    return notebook(metadata={"lock": json.loads(json.dumps(value))})


def test_a_lock_is_read_as_it_was_written():
    spec = SPEC._replace(hashes=(("alpha", ("ab" * 32,)),), constraints=("gamma<2",))
    assert find_lock(locked(spec)) == NotebookLock(spec, TEXT, **FACTS)


def test_a_record_is_written_as_ever_for_older_versions_read_it_too():
    lock = NotebookLock(FULL.resolution, '[[packages]]\nname = "alpha"\n', **FACTS)
    assert json.dumps(lock.to_json()) == WRITTEN
    plain = NotebookLock(EnvironmentSpec(), "a = 1\n").to_json()
    assert list(plain) == [name for name in lock.to_json() if name not in ("until", "hashes")]
    assert plain["digest"] == "138c041d3a0f384e3cc0aa80808279a49d0805a9ca9b90db9cfba5e3ae21c2aa"


def test_the_text_stands_in_lines_so_that_a_diff_shows_packages():
    value = NotebookLock(SPEC, TEXT, **FACTS).to_json()
    assert 'name = "alpha"' in value["pylock"]


@pytest.mark.parametrize("metadata", [None, {}, {"dependencies": "alpha"}, "alpha", ["alpha"]])
def test_most_notebooks_have_none(metadata):
    assert find_lock(notebook(metadata=metadata)) is None


def test_the_record_alone_is_read_with_a_text_from_elsewhere():
    lock = NotebookLock(SPEC, TEXT, **FACTS)
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
        ({"requirements": ["x" * 999] * 300}, "requirements is longer than"),
        ({"requires-python": 3}, "requires-python is a whole number"),
        ({"universal": "yes"}, "universal is a string"),
        ({"hashes": []}, "hashes is a list"),
        ({"hashes": {"alpha": "ab"}}, 'hashes of "alpha" is a string'),
        ({"hashes": {"\x1b": None}}, r'hashes of "\\x1b" is another kind'),
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


def test_a_lock_tells_whether_it_was_changed():
    assert find_lock(locked()).intact is True
    value = NotebookLock(SPEC, TEXT, **FACTS).to_json()
    for name in value.keys() - {"version", "universal"}:
        other = [*value[name], "x"] if isinstance(value[name], list) else "other"
        assert find_lock(locked(**{name: other})).intact is False, name
    assert find_lock(locked(digest=None)).intact is None
