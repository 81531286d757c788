"""Files next to a notebook that a contents manager of another kind stores."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tornado.web import HTTPError

from headstart.core.notebook.find import notebook_of
from headstart.errors import HeaderError, NotebookError
from headstart.kernels.notebook.contents_manager import folder_of, read_from_server
from headstart.request.directory import Folder
from headstart.request.read import request_of
from headstart.testing.notebooks import make_notebook

from ..managers import Server, server_at


class Storage:
    """A contents manager whose files are values; of one it says nothing."""

    files: ClassVar = {
        "sub/requirements.txt": {"format": "text", "content": "six\n-r ../more.txt"},
        "..more.txt": {"format": "text", "content": "dots"},
        "../more.txt": {"format": "text", "content": "outside of the root"},
        "more.txt": {"format": "base64", "content": base64.encodebytes(b"rich").decode()},
        "sub/strange.txt": {},
        "sub/long.txt": {"format": "text", "content": "x" * 5_000_000},
    }

    async def get(self, path: str, content: bool, type: str) -> dict[str, Any]:
        assert content
        if path == "sub/a.ipynb" and type == "notebook":
            headstart = {"requirements": "requirements.txt"}
            return {"content": make_notebook("1", metadata={"headstart": headstart})}
        if path not in self.files or type != "file":
            raise HTTPError(404)
        return self.files[path]


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = server_at(tmp_path)
    server.contents_manager = Storage()
    return server


def content_of(server: Server, name: str) -> bytes | None:
    """What a thread reads while the loop runs."""

    async def ask() -> bytes | None:
        folder: Folder = folder_of(server, "sub/a.ipynb")
        return await asyncio.to_thread(folder.read, name)

    return asyncio.run(ask())


def test_files_are_read_through_the_contents_manager(server: Server, tmp_path: Path) -> None:
    assert content_of(server, "requirements.txt") == b"six\n-r ../more.txt"
    assert content_of(server, "../more.txt") == b"rich"
    assert content_of(server, "../..more.txt") == b"dots"
    assert content_of(server, "none.txt") is None
    assert content_of(server, "../../more.txt") is None
    (tmp_path / "on-disk.txt").write_text("x")
    assert content_of(server, str(tmp_path / "on-disk.txt")) == b"x"


def test_what_cannot_be_read_is_an_error(server: Server) -> None:
    for name in ("strange.txt", "long.txt"):
        with pytest.raises(NotebookError, match=f'"sub/{name}"'):
            content_of(server, name)


def test_a_header_names_files_of_the_contents_manager(server: Server) -> None:
    async def request() -> Any:
        source = await read_from_server(server, "sub/a.ipynb")
        assert source is not None
        return await asyncio.to_thread(request_of, source.notebook, source.folder)

    assert asyncio.run(request()).spec.direct == {"six", "rich"}
    server.contents_manager.files = {}
    with pytest.raises(HeaderError, match=r'at "sub/requirements.txt" among the server'):
        asyncio.run(request())


def test_folders_on_the_path_have_to_be_on_a_disk(server: Server) -> None:
    async def request() -> None:
        named = notebook_of(make_notebook(metadata={"headstart": {"prepend-paths": "tools"}}))
        await asyncio.to_thread(request_of, named, folder_of(server, "sub/a.ipynb"))

    with pytest.raises(HeaderError, match="the notebook's folder is not on a disk"):
        asyncio.run(request())
