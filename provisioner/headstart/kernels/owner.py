"""What starts a kernel, a Jupyter server or a headless client, and how the two differ."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async

from ..settings import Settings
from ..traits import headless_settings, settings_of
from .jupyter.nbclient_frames import is_nbclient_loaded
from .jupyter.server_app import server_of
from .notebook.discover import find_notebook
from .notebook.notebook_source import Source

if TYPE_CHECKING:
    import logging

    from ..core.store.receipt import Receipt

    Log = logging.Logger | logging.LoggerAdapter[Any]

__all__ = ["KernelOwner"]


class KernelOwner:
    """The kernel manager of one kernel, and the application that uses it.

    :param manager: the KernelManager.
    :param kernel_spec: the KernelSpec of the kernel.
    :param config: traitlets' configuration of the application.
    :param log: the application's log.
    """

    def __init__(self, manager: Any, kernel_spec: Any, config: Any, log: Log) -> None:
        self.log = log
        self._manager = manager
        self._kernel_spec = kernel_spec
        self._config = config

    @property
    def is_server(self) -> bool:
        """Whether a Jupyter server starts the kernel."""
        return server_of(self._manager) is not None

    @property
    def names_headstart(self) -> bool:
        """Whether the kernelspec names our provisioner, which is not merely the default one."""
        stanza = self._kernel_spec.metadata.get("kernel_provisioner", {})
        return bool(stanza.get("provisioner_name") == "headstart")

    @property
    def kernel_name(self) -> str:
        """The name of the kernelspec."""
        return str(getattr(self._manager, "kernel_name", ""))

    @property
    def reads_headers(self) -> bool:
        """Whether a header is looked for when the kernel starts."""
        return bool(self._kernel_spec.language.lower() == "python")

    @property
    def may_be_nbclient(self) -> bool:
        """Whether a headless client may run a notebook with nbclient, though not as we know it."""
        return not self.is_server and is_nbclient_loaded()

    def settings(self) -> Settings:
        """The settings as they are now.

        :raises SettingsError: if a value means nothing.
        """
        return (settings_of if self.is_server else headless_settings)(self._config)

    async def find_notebook(
        self, environ: Mapping[str, str] | None, cwd: str | None
    ) -> Source | None:
        """The notebook whose kernel is starting; see `discover.find_notebook`."""
        return await find_notebook(self._manager, environ, cwd) if self.reads_headers else None

    def shows_progress(self, path: str) -> bool:
        """Whether a front end of ours shows how far the build for a notebook is."""
        if not self.is_server:
            return False
        from .notebook.unsaved import live_headers  # of no use to a headless client

        return live_headers.is_open(path)

    def restart(
        self, kernel_id: str, loop: asyncio.AbstractEventLoop | None
    ) -> Future[None] | None:
        """Have a server restart a kernel; does not wait. May be called from any thread.

        :param loop: the server's.
        :return: what tells when it has been done; None where there is no server to do it.
        """
        kernels: Any = getattr(server_of(self._manager), "kernel_manager", None)

        async def restart() -> None:
            await ensure_async(kernels.restart_kernel(kernel_id))

        if kernels is not None and loop is not None and loop.is_running():
            return asyncio.run_coroutine_threadsafe(restart(), loop)
        return None

    def leave_receipt(self, receipt: Receipt) -> None:
        """Put a receipt into the notebook that a headless client runs."""
        from .receipts import leave_in_client  # by default none is left

        leave_in_client(self._manager, receipt)
