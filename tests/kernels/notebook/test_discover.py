"""Which notebook is starting, in a server and in a headless client."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from tornado.web import HTTPError

from headstart.core.notebook.find import Notebook
from headstart.errors import NotebookError
from headstart.kernels.notebook import discover, server_sessions
from headstart.kernels.notebook.contents_manager import read_from_server
from headstart.testing.notebooks import header_cell, save_notebook

from ..managers import Kernels, Server, server_at


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return server_at(tmp_path)


def found_by(server: Server, path: str) -> str | None:
    """The first cell of the notebook that is found under an API path."""
    source = asyncio.run(read_from_server(server, path))
    return None if source is None else source.notebook.cells[0].source


@pytest.mark.parametrize(
    "name, path",
    [
        ("/srv/root/sub/a.ipynb", "sub/a.ipynb"),
        ("sub/a.ipynb", "sub/a.ipynb"),
        ("/srv/elsewhere/a.ipynb", None),
        ("/srv/root2/a.ipynb", None),
    ],
)
def test_a_sessions_name_is_below_the_root_or_an_api_path(name, path):
    assert server_sessions.api_path(name, "/srv/root") == path


def test_a_root_behind_a_link_is_the_same_root(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    name = str(tmp_path / "real" / "a.ipynb")
    assert server_sessions.api_path(name, str(tmp_path / "link")) == "a.ipynb"


def test_a_server_reads_the_file(server, tmp_path):
    save_notebook(tmp_path / "sub" / "a.ipynb", "on disk")

    assert found_by(server, "sub/a.ipynb") == "on disk"


@pytest.mark.parametrize("path", ["missing.ipynb", "../outside.ipynb", "no/folder/a.ipynb"])
def test_a_path_without_a_notebook_gives_none(server, path):
    assert found_by(server, path) is None


def test_a_console_for_a_script_has_no_notebook(server, tmp_path):
    (tmp_path / "script.py").write_text("print(1)")

    assert found_by(server, "script.py") is None


def test_a_notebook_that_cannot_be_read_is_an_error(server, tmp_path):
    (tmp_path / "broken.ipynb").write_text("not JSON")

    with pytest.raises(NotebookError, match=r"broken\.ipynb"):
        found_by(server, "broken.ipynb")


class _Bucket:
    """A contents manager that keeps notebooks elsewhere than on disk."""

    async def get(self, path: str, content: bool, type: str) -> dict[str, object]:
        if path == "broken.ipynb":
            raise HTTPError(500, "the bucket leaks")
        if path == "missing.ipynb":
            raise HTTPError(404)
        return {"content": new_notebook(cells=[new_code_cell("in a bucket")])}


def test_any_contents_manager_is_asked(server):
    server.contents_manager = _Bucket()

    assert found_by(server, "a.ipynb") == "in a bucket"
    assert found_by(server, "missing.ipynb") is None
    with pytest.raises(NotebookError, match="the bucket leaks"):
        found_by(server, "broken.ipynb")


def test_a_headless_client_is_found_by_the_kernel_that_it_owns():
    """Among the clients on the stack: a notebook that executes notebooks."""

    class Client(NotebookClient):
        async def look_for(self, manager: object) -> object:
            return await discover.find_notebook(manager, None)

        async def run_inner(self, inner: Client) -> object:
            return await inner.look_for(self.km)

    outer, inner = (Client(new_notebook(cells=[new_code_cell(name)])) for name in ("out", "in"))
    for client in (outer, inner):
        client.create_kernel_manager()

    source = asyncio.run(outer.run_inner(inner))
    assert source.notebook.cells[0].source == "out"


def test_a_kernel_without_a_client_has_no_notebook():
    assert asyncio.run(discover.find_notebook(Kernels(), None)) is None


TEXT = f"{header_cell('numpy')}\n\n# %%\nimport numpy\n"


def with_jupytext(server: Server) -> Server:
    """The server, with jupytext's contents manager before its own, as jupytext puts it there."""
    kind = build_async_jupytext_contents_manager_class(type(server.contents_manager))
    server.contents_manager = kind(root_dir=server.root_dir)
    return server


def text_found_by(server: Server, path: str) -> str | None:
    source = asyncio.run(read_from_server(server, path))
    return None if source is None else source.notebook.text


def test_a_text_notebook_is_read_as_its_text(server, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text(TEXT)

    assert text_found_by(server, "sub/a.py") is None, "without jupytext it is no notebook"
    source = asyncio.run(read_from_server(with_jupytext(server), "sub/a.py"))
    assert (source.notebook.text, source.path) == (TEXT, "sub/a.py")
    assert source.folder.path("x") == tmp_path / "sub" / "x"


def test_with_jupytext_a_notebook_is_read_from_its_file(server, tmp_path):
    save_notebook(tmp_path / "a.ipynb", "on disk")
    with_jupytext(server).contents_manager.get = None  # is not asked

    assert found_by(server, "a.ipynb") == "on disk"
    assert found_by(server, "missing.ipynb") is None
    assert found_by(server, "missing.py") is None
    assert found_by(server, "../outside.py") is None


def test_the_text_of_a_pair_has_the_header(server, tmp_path):
    """Of a pair, jupytext takes the cells from the text, which any editor may have changed."""
    paired = {"jupytext": {"formats": "ipynb,py:percent"}, "headstart": {"lock": {}}}
    save_notebook(tmp_path / "a.ipynb", header_cell("pandas"), metadata=paired)
    (tmp_path / "a.py").write_text(TEXT)
    contents = with_jupytext(server).contents_manager
    asyncio.run(contents.get("a.ipynb", content=True, type="notebook"))

    source = asyncio.run(read_from_server(server, "a.ipynb"))
    assert source.notebook.text == TEXT
    assert source.notebook.metadata["headstart"] == {"lock": {}}
    (tmp_path / "a.py").unlink()
    assert text_found_by(server, "a.ipynb") is None


def test_a_headless_client_may_say_what_text_its_cells_are_of():
    class Client(NotebookClient):
        headstart_notebook = Notebook(path="a.py", text=TEXT)

        async def look_for(self) -> object:
            return await discover.find_notebook(self.km, None)

    client = Client(new_notebook(cells=[new_code_cell("x")]))
    client.create_kernel_manager()

    assert asyncio.run(client.look_for()).notebook.text == TEXT


def test_a_plain_notebook_waits_for_nothing_that_only_others_need():
    code = (
        "import sys, headstart.kernels.provisioner, headstart.request.read as read\n"
        "from headstart.core.notebook.find import Cell, Notebook\n"
        "from headstart.request.directory import NoFolder\n"
        f"cells = (Cell(0, 'raw', 'text'), Cell(1, 'code', {header_cell('numpy')!r}))\n"
        "assert read.request_of(Notebook(cells), NoFolder()).spec.requirements == ('numpy',)\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    heavy = {"jupytext", "packaging.pylock", "yaml", "headstart.core.header.edit"}
    assert not heavy & set(loaded)
