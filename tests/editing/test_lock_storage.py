"""Where a notebook keeps its lock."""

from __future__ import annotations

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.embedded import NotebookLock
from headstart.editing.draft import read_draft
from headstart.editing.lock_storage import lock_storage, read_own_lock
from headstart.errors import LockError, NotebookError
from headstart.testing.notebooks import header_cell, save_notebook
from tests.core.factory import block

PYLOCK = 'lock-version = "1.0"\ncreated-by = "headstart"\n'


@pytest.fixture
def opened(tmp_path, settings):
    """Reads a notebook: its path, its content, and what it asks for."""

    def read(name: str, *sources: str):
        path = tmp_path / name
        if path.suffix == ".ipynb":
            save_notebook(path, *sources)
        else:
            path.write_text("\n".join(sources))
        draft = read_draft(path, settings, allow_no_header=True)
        return path, draft.notebook, draft.request(locked=False)

    return read


def test_a_notebook_has_it_in_its_metadata(opened):
    path, notebook, request = opened("a.ipynb", header_cell("alpha"))
    storage = lock_storage(path, notebook, request)
    assert (storage.file, storage.read()) == (path, None)


def test_a_text_notebook_names_a_file_next_to_it(opened):
    path, notebook, request = opened("a.py", block('dependencies = ["alpha"]'), "# %%\n1\n")
    storage = lock_storage(path, notebook, request)
    storage.write(NotebookLock(EnvironmentSpec(requirements=("alpha",)), PYLOCK))
    assert storage.file == path.with_name("pylock.a.toml")
    assert f'pylock = "{storage.file.name}"' in path.read_text()
    assert storage.read().spec.requirements == ("alpha",)


def test_a_lock_of_another_tool_is_left_alone(opened, tmp_path):
    (tmp_path / "pylock.a.toml").write_text(PYLOCK)
    path, notebook, request = opened("a.py", block('dependencies = ["alpha"]'), "# %%\n1\n")
    with pytest.raises(LockError, match="was not written by Headstart"):
        lock_storage(path, notebook, request)
    assert read_own_lock(path, notebook, request) is None


def test_without_a_header_there_is_nothing_to_lock(opened):
    path, notebook, request = opened("a.ipynb", "1 + 1")
    with pytest.raises(NotebookError, match="nothing to lock"):
        lock_storage(path, notebook, request)
    assert read_own_lock(path, notebook, request) is None
