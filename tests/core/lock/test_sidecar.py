import tomllib

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.embedded import NotebookLock
from headstart.core.lock.pylock import parse_lock
from headstart.core.lock.sidecar import lock_file_name, read_lock_file, render_lock_file
from headstart.errors import LockError
from tests.core.factory import lock_text, pure

LOCK = NotebookLock(
    EnvironmentSpec(('alpha[x]>=1; sys_platform == "linux"',), hashes=(("alpha", ("ab" * 32,)),)),
    parse_lock(lock_text(pure("alpha", "1.0"))).render(),
    universal=False,
    platform="linux-x86_64",
    created="2026-11-20T10:00:00Z",
)


def test_a_lock_file_is_read_as_it_was_written():
    assert read_lock_file(render_lock_file(LOCK), "a.py") == LOCK


def test_a_lock_file_is_a_pylock_for_every_installer():
    text = render_lock_file(LOCK)
    assert tomllib.loads(text)["tool"]["headstart"]["requirements"] == list(LOCK.spec.requirements)
    assert parse_lock(text) == parse_lock(LOCK.pylock)


def test_windows_line_endings_are_read_too():
    assert read_lock_file(render_lock_file(LOCK).replace("\n", "\r\n"), "a.py") == LOCK


def test_the_lock_of_somebody_else_is_not_ours():
    assert read_lock_file(LOCK.pylock, "a.py") is None


@pytest.mark.parametrize("record", ["requirements =", "requirements = 3", 'universal = "yes"'])
def test_a_record_that_is_damaged_is_an_error(record):
    with pytest.raises(LockError) as raised:
        read_lock_file(f"{LOCK.pylock}\n[tool.headstart]\n{record}\n", "a.py")
    assert raised.value.hint == "Lock the notebook again: headstart lock a.py"


@pytest.mark.parametrize(
    "notebook, name",
    [("a.py", "pylock.a.toml"), ("my notes.v2.md", "pylock.my notes-v2.toml")],
)
def test_the_file_is_named_after_the_notebook(notebook, name):
    assert lock_file_name(notebook) == name
