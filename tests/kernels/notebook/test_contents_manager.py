"""Of the header in an editor and the stored one, the later counts, whatever clocks say."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class
from tornado.web import HTTPError

from headstart.core.notebook.find import Notebook, find_header, notebook_of
from headstart.kernels.notebook.contents_manager import note_stored, read_from_server
from headstart.kernels.notebook.unsaved import Revision, live_headers
from headstart.testing.notebooks import header_cell, make_notebook, save_notebook

from ..managers import Server, server_at

PATH = "a.ipynb"
LONG_AGO, LONG_HENCE = 1, 2**32
numbers = itertools.count()


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    yield
    live_headers.clear()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return server_at(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(tmp_path / PATH, "stored")


def save(file: Path, *names: str, time: int = LONG_HENCE, **options: Any) -> Path:
    save_notebook(file, header_cell(*names), **options)
    os.utime(file, (time, time))
    return file


def edit(server: Server, *names: str, path: str = PATH, **options: Any) -> None:
    """The front end sends the header as an editor shows it."""
    notebook = notebook_of(make_notebook(header_cell(*names), **options), path)
    live = live_headers.put(path, notebook, Revision("page", next(numbers)))
    assert live is not None
    asyncio.run(note_stored(server, path, live))


def requirement(server: Server, path: str = PATH) -> str:
    """The requirement of the header that a restart uses."""
    source = asyncio.run(read_from_server(server, path))
    assert source is not None
    header = find_header(source.notebook)
    assert header is not None
    return header.text.split('"')[1]


def test_an_edit_counts_whatever_the_files_time_says(server: Server, file: Path) -> None:
    edit(server, "edited")
    for time in (LONG_AGO, LONG_HENCE):
        os.utime(file, (time, time))
        assert requirement(server) == "edited"


@pytest.mark.parametrize("time", [LONG_AGO, LONG_HENCE])
def test_what_changes_the_file_counts_whatever_its_time_says(
    server: Server, file: Path, time: int
) -> None:
    edit(server, "edited")
    save(file, "later", time=time)
    assert requirement(server) == "later"


def test_a_copy_that_keeps_its_time_counts(server: Server, file: Path, tmp_path: Path) -> None:
    save(tmp_path / "kept.ipynb", "kept", time=LONG_AGO)
    edit(server, "edited")
    shutil.copy2(tmp_path / "kept.ipynb", file)
    assert requirement(server) == "kept"


def test_a_checkout_of_what_was_saved_before_counts(
    server: Server, file: Path, tmp_path: Path
) -> None:
    def git(*words: str) -> None:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    git("add", PATH)
    git("commit", "-m", "stored")
    edit(server, "edited")
    save(file, "edited")
    edit(server, "edited")  # as the front end does when the notebook was saved
    git("checkout", PATH)
    assert requirement(server) == "stored"


def test_what_is_edited_after_the_file_changed_counts_again(server: Server, file: Path) -> None:
    edit(server, "edited")
    save(file, "later")
    assert requirement(server) == "later"
    save(file, "stored")
    assert requirement(server) == "stored", "what was stale once stays stale"
    edit(server, "edited", "again")
    assert requirement(server) == "edited"


def test_a_change_elsewhere_in_the_notebook_makes_no_header_stale(
    server: Server, file: Path
) -> None:
    edit(server, "edited")
    save_notebook(file, "x = 1", header_cell("stored"), metadata={"headstart": {"receipt": {}}})
    assert requirement(server) == "edited"


def test_another_lock_in_the_file_counts(server: Server, file: Path) -> None:
    edit(server, "stored")
    save(file, "stored", metadata={"headstart": {"lock": {"pylock": ["x"]}}})
    source = asyncio.run(read_from_server(server, PATH))
    assert source is not None
    assert source.notebook.metadata["headstart"] == {"lock": {"pylock": ["x"]}}


def test_a_header_that_came_just_now_counts_before_the_file_was_read(
    server: Server, file: Path
) -> None:
    edit(server, "edited")
    notebook = notebook_of(make_notebook(header_cell("newest")))
    live_headers.put(PATH, notebook, Revision("page", next(numbers)))
    save(file, "later")
    assert requirement(server) == "newest"


def test_what_the_editor_shows_counts_where_the_file_is_gone_or_broken(
    server: Server, file: Path
) -> None:
    edit(server, "edited")
    file.write_text("{")
    assert requirement(server) == "edited"
    file.unlink()
    assert requirement(server) == "edited"


def test_a_file_that_was_made_or_mended_since_counts(server: Server, file: Path) -> None:
    for broken in (file.unlink, lambda: file.write_text("{")):
        broken()
        edit(server, "edited")
        assert requirement(server) == "edited"
        save(file, "later")
        assert requirement(server) == "later"


def test_the_text_of_a_text_notebook_counts_when_it_changes(server: Server, tmp_path: Path) -> None:
    kind = build_async_jupytext_contents_manager_class(type(server.contents_manager))
    server.contents_manager = kind(root_dir=server.root_dir)
    for name, around in (("a.py", "{}\n"), ("a.md", "```python\n{}\n```\n")):
        text = tmp_path / name
        text.write_text(around.format(header_cell("stored")))
        edit(server, "edited", path=name)
        assert requirement(server, name) == "edited"
        text.write_text(around.format(header_cell("later")))
        os.utime(text, (LONG_AGO, LONG_AGO))
        assert requirement(server, name) == "later"


class Bucket:
    """A contents manager that keeps notebooks elsewhere than on disk."""

    def __init__(self) -> None:
        self.names = ("stored",)
        self.is_up = True

    def get(self, path: str, content: bool, type: str) -> dict[str, Any]:
        if not self.is_up:
            raise HTTPError(500)
        return {"content": make_notebook(header_cell(*self.names)), "last_modified": None}


def test_any_contents_manager_is_compared_by_what_it_holds(server: Server) -> None:
    bucket = server.contents_manager = Bucket()
    edit(server, "edited")
    assert requirement(server) == "edited"
    bucket.is_up = False
    assert requirement(server) == "edited"
    bucket.is_up, bucket.names = True, ("later",)
    assert requirement(server) == "later"


def test_a_header_that_cannot_be_read_is_compared_by_its_fault(server: Server, file: Path) -> None:
    edit(server, "edited")
    save_notebook(file, "# /// script\nimport os")
    source = asyncio.run(read_from_server(server, PATH))
    assert source is not None
    assert source.notebook == Notebook(source.notebook.cells, source.notebook.metadata, str(file))
