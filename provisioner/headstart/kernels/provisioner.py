"""The kernel provisioner: every kernel start of every Jupyter client comes through here."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

from .follow import Follower
from .jupyter import transport
from .jupyter.encryption import without_encryption
from .jupyter.kernel_exit import PromptProvisioner
from .jupyter.readiness import prefer_prompt_client
from .jupyter.server_app import session_name
from .launch.environ import kernel_environ
from .launch.kernel_launch import KernelLaunch
from .launch.launch_in_thread import launched
from .launch.process_launcher import Process
from .owner import KernelOwner
from .session import KernelSession
from .start import prepare_launch

__all__ = ["HeadstartProvisioner"]


class HeadstartProvisioner(PromptProvisioner):
    """Launches a notebook's kernel in the environment that the notebook's header asks for.

    Kernels of the kernelspec ``headstart`` are always ours. With
    ``JUPYTER_DEFAULT_PROVISIONER_NAME=headstart`` every kernel comes through here: Python kernels
    whose notebook has a header are ours, all others start as if Headstart were not installed.

    This is jupyter_client's contract and nothing else. One instance lives as long as its kernel,
    through restarts; what it knows of the kernel is its ``session``, and ``follower`` has the
    environment of a server's kernel come after it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        owner = KernelOwner(self.parent, self.kernel_spec, self.config, self.log)
        self.session = KernelSession(self.kernel_id, owner)
        self.follower = Follower(self.session)
        self._died = False
        self._losing: asyncio.Future[None] | None = None

    @property
    def reads_headers(self) -> bool:
        """Whether a header is looked for when this kernel starts."""
        return self.session.owner.reads_headers

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Get the notebook's environment, then prepare the launch as ever.

        In a server the environment may follow. Else it comes first: LocalProvisioner takes ports,
        and leaves a connection file behind if something goes wrong after it.

        :raises HeadstartError: in a headless client, if the environment cannot be had.
        """
        died, self._died = self._died, False
        environ = kwargs.get("env")
        launch = await prepare_launch(self.follower, environ, kwargs.get("cwd"), died=died)
        self.session.launch = launch
        if launch is None:
            return await super().pre_launch(**kwargs)
        try:
            return await self._prepare(launch, kwargs)
        except BaseException:
            # Jupyter cleans up after a process only: the build for it would go on.
            await self.follower.end()
            raise

    async def _prepare(self, launch: KernelLaunch, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Prepare the launch as LocalProvisioner does, with a command and variables of ours."""
        session, environ = self.session, kwargs.get("env")
        if launch.failure is None:
            transport.prefer_ipc(self.parent, session.transport)
        if not session.owner.is_server:
            prefer_prompt_client(self.parent)
        # A copy: LocalProvisioner takes them out of what it is given.
        extra_arguments = list(kwargs.get("extra_arguments") or ())
        result = await super().pre_launch(**without_encryption(self.parent, kwargs, launch))
        manager: Any = self.parent
        connection_file = os.path.realpath(manager.connection_file)
        result["cmd"] = launch.command(connection_file, extra_arguments)
        variables = kernel_environ(
            result["env"],
            launch.options,
            session=session_name(environ) is not None,
            # It is told with the environment, if that follows.
            header=session.request.found if launch.link is None else None,
        )
        result["env"] = variables | launch.variables()
        return result

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the process. Its clients may connect from then on; it answers when it can."""
        launch = self.session.launch
        if launch is None:
            return await super().launch_kernel(cmd, **kwargs)
        try:
            process = await self._start(launch, cmd, kwargs)
        except BaseException:
            await self.follower.end()  # as above
            raise
        self.adopt(process, kwargs.get("cwd"))
        self.session.process_started(process.pid, kwargs.get("cwd") or "")
        self.follower.opened()
        return self.connection_info

    async def _start(self, launch: KernelLaunch, cmd: list[str], kwargs: dict[str, Any]) -> Process:
        """Start the process by the session's launcher, in a thread."""
        not_for_popen = {"extra_arguments", "kernel_id"}
        options = {name: value for name, value in kwargs.items() if name not in not_for_popen}
        launcher = self.session.launcher
        opened = contextlib.ExitStack()
        listeners = opened.enter_context(transport.listening(self.parent))
        command = launch.with_listeners(cmd, listeners)

        def work() -> Process:
            # Closed here: a start that is given up leaves this to itself, and their numbers would
            # be others' when it comes to launch.
            with opened:
                inherited = (*launch.descriptors, *listeners.values())
                return launcher.launch(command, inherited, **options)

        return await launched(work)

    async def post_launch(self, **kwargs: Any) -> None:
        """Ask to be told if the kernel dies for good: a server does not clean up after those."""
        await super().post_launch(**kwargs)
        manager: Any = self.parent
        manager.remove_restart_callback(self._lose, "dead")  # of an earlier start
        if self.session.launch is not None:
            manager.add_restart_callback(self._lose, "dead")

    def _lose(self) -> None:
        # Kept: an event loop holds its tasks weakly.
        self._losing = asyncio.ensure_future(self.cleanup())

    async def kill(self, restart: bool = False) -> None:
        """Kill the process; remembers whether it was dead already: then this is an autorestart."""
        self._died = self.process is not None and self.process.poll() is not None
        await super().kill(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Give the environment back when the kernel has ended for good. May be called twice.

        Clients that are told to end call it while they still wait for the kernel's start.
        """
        await super().cleanup(restart=restart)
        self.session.process_ended()
        if not restart:
            await self.follower.end()
