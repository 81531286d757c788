"""A Jupyter server as far as a provisioner sees it, and kernel managers that belong to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from traitlets import Any as AnyTrait
from traitlets.config import Config, Configurable

from headstart.kernels.provisioner import HeadstartProvisioner


class Server(Configurable):
    """What `server_of` takes for a server: it has a contents manager."""

    contents_manager = AnyTrait()
    root_dir = ""


class Kernels(Configurable):
    """Is called between a server and its kernel managers."""


def server_at(root: Path, **settings: Any) -> Server:
    """A server whose notebooks lie in ``root``; the settings are traits of Headstart's."""
    server = Server(config=Config({"Headstart": settings}))
    server.root_dir = str(root)
    server.contents_manager = AsyncLargeFileManager(root_dir=str(root))
    return server


def provisioner_in(server: Server | None, kernel: str = "headstart") -> HeadstartProvisioner:
    """A provisioner for a kernel that has not started, of a server or of a headless client."""
    parent = None if server is None else Kernels(parent=server)
    manager = AsyncKernelManager(kernel_name=kernel, parent=parent)
    manager._launch_args = {}
    manager.provisioner = HeadstartProvisioner(
        kernel_id="kernel", kernel_spec=manager.kernel_spec, parent=manager
    )
    return manager.provisioner
