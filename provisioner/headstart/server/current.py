"""What is read for a notebook as it is now, without keeping the server's loop waiting."""

from __future__ import annotations

from functools import partial
from typing import Any

from jupyter_core.utils import ensure_async

from ..core.notebook.find import Notebook
from ..core.notebook.misplaced import misplaced_header
from ..errors import HeadstartError
from ..kernels.notebook.contents_manager import read_from_server
from ..kernels.status import KernelStatus
from ..kernels.threads import in_thread
from ..request.directory import Folder
from ..request.read import want
from ..traits import settings_of
from .views import CurrentHeader


async def header_at(server: Any, path: str) -> CurrentHeader:
    """The header of the notebook at an API path, unsaved edits included.

    :param server: the ServerApp.
    """
    try:
        source = await read_from_server(server, path)
    except HeadstartError as error:
        return CurrentHeader(error=error)
    if source is None:
        return CurrentHeader(known=False)
    return await header_in(server, source.notebook, source.folder)


async def is_hidden(server: Any, path: str) -> bool:
    """Whether the server's contents manager would tell nobody of a file there.

    :param server: the ServerApp.
    """
    contents = server.contents_manager
    if contents.allow_hidden:
        return False
    try:
        return bool(await ensure_async(contents.is_hidden(path)))
    except NotImplementedError:
        return False  # it knows no hidden files
    except Exception:  # noqa: BLE001  (it may raise what it likes for paths outside of its root)
        return True


async def header_in(server: Any, notebook: Notebook, folder: Folder) -> CurrentHeader:
    """The header of a notebook that is at hand.

    :param server: the ServerApp.
    """
    settings = partial(settings_of, server.config)

    def read() -> CurrentHeader:
        wanted = want(notebook, folder, settings)
        return CurrentHeader(
            wanted, misplaced="" if wanted.header is not None else misplaced_header(notebook)
        )

    try:
        return await in_thread(read)
    except HeadstartError as error:
        return CurrentHeader(error=error)


def reads_headers(server: Any, kernel_id: str) -> bool:
    """Whether a restart of a kernel applies its notebook's header.

    Also if it is none of ours yet: Jupyter may start all kernels through Headstart.

    :param server: the ServerApp.
    """
    manager = server.kernel_manager
    if kernel_id not in manager:
        return False
    # The kernels of a gateway have no provisioner here.
    provisioner = getattr(manager.get_kernel(kernel_id), "provisioner", None)
    return bool(getattr(provisioner, "reads_headers", False))


async def notices_of(server: Any, status: KernelStatus | None) -> tuple[str, ...]:
    """What there is to know of a kernel's environment: see `environments.resolve.notices`.

    :param server: the ServerApp.
    """
    if status is None or status.environment is None:
        return ()
    environment, spec = status.environment, status.wanted.spec

    def read() -> tuple[str, ...]:
        # Imported here: a server that builds nothing needs none of it.
        from ..environments.resolve.notices import notices_in
        from ..store.system import open_store

        settings = settings_of(server.config)
        store = open_store(settings.store, settings.system_store)
        return notices_in(environment, spec, store)

    try:
        return await in_thread(read)
    except HeadstartError:  # whoever needs the store says so
        return ()
