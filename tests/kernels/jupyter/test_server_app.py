"""What is known of a server from within a kernel's start."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from jupyter_server import CallContext
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from headstart import envvars
from headstart.kernels.jupyter import server_app

from ..managers import provisioner_in, server_at


def test_the_server_is_found_from_a_kernel_manager(tmp_path: Path) -> None:
    server = server_at(tmp_path)
    assert server_app.server_of(provisioner_in(server).parent) is server
    assert server_app.server_of(provisioner_in(None).parent) is None
    assert server_app.server_of(None) is None


def test_the_name_of_an_outer_notebook_is_not_ours(monkeypatch) -> None:
    monkeypatch.setenv(envvars.SESSION_NAME, "/outer.ipynb")

    assert server_app.session_name(dict(os.environ)) is None
    assert server_app.session_name({envvars.SESSION_NAME: "/inner.ipynb"}) == "/inner.ipynb"
    assert server_app.session_name(None) is None


def test_the_request_is_that_of_the_context() -> None:
    async def in_a_request(handler: object) -> object:
        CallContext.set(CallContext.JUPYTER_HANDLER, handler)
        return server_app.request_handler()

    handler = SimpleNamespace()
    assert asyncio.run(in_a_request(handler)) is handler
    assert asyncio.run(in_a_request(None)) is None


@pytest.mark.parametrize(
    "path, relative", [("sub/a.ipynb", "sub/a.ipynb"), ("../outside.ipynb", None)]
)
def test_files_below_the_root_have_a_path(tmp_path: Path, path: str, relative: str | None) -> None:
    contents = AsyncLargeFileManager(root_dir=str(tmp_path))
    assert server_app.is_for_files(type(contents).__module__)
    expected = None if relative is None else tmp_path / relative
    assert server_app.disk_path(contents, path) == expected
    assert server_app.disk_path(SimpleNamespace(), path) is None


def test_a_start_is_pending_until_its_kernel_is_there() -> None:
    async def start() -> list[int]:
        kernels = AsyncMultiKernelManager()
        server = SimpleNamespace(kernel_manager=kernels)
        counts = [len(server_app.pending_starts(server))]
        starting = asyncio.ensure_future(kernels.start_kernel(kernel_name="python3"))
        await asyncio.sleep(0)
        counts.append(len(server_app.pending_starts(server)))
        await starting
        counts.append(len(server_app.pending_starts(server)))
        await kernels.shutdown_all(now=True)
        return counts

    assert asyncio.run(start()) == [0, 1, 0]
    assert server_app.pending_starts(None) == ()
