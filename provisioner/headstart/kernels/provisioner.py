"""The kernel provisioner: every kernel start of every Jupyter client comes through here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.header.spec import EnvironmentSpec
from ..core.plan import Build, LastGood, Refuse, Reuse, plan_start
from ..core.progress import Progress
from ..errors import BuildCancelled, HeaderError, HeadstartError, LaunchError, LockError
from ..request.read import NOTHING, Wanted, want, with_places
from ..settings import Receipts, Settings, Transport
from ..traits import headless_settings, settings_of
from .housekeeping import note_user, work_after_build
from .jupyter import transport
from .jupyter.kernel_exit import PromptProvisioner
from .jupyter.readiness import prefer_prompt_client
from .jupyter.threads import in_thread
from .launch.environ import kernel_environ
from .launch.launch_in_thread import launched
from .launch.launchers import (
    KernelLaunch,
    Launcher,
    Process,
    ProcessLauncher,
    launch_failed,
    launch_in,
)
from .launch.zygote.zygote_launcher import launcher_for
from .notebook.discover import find_notebook, server_of, session_name
from .notebook.notebook_source import Source
from .status import NOT_FOUND, NOT_FOUND_AGAIN, KernelState, KernelStatus, status_board

if TYPE_CHECKING:
    from ..core.store.receipt import Receipt
    from ..environments.ready import Ready


class HeadstartProvisioner(PromptProvisioner):
    """Launches a notebook's kernel in the environment that the notebook's header asks for.

    Kernels of the kernelspec ``headstart`` are always ours. With
    ``JUPYTER_DEFAULT_PROVISIONER_NAME=headstart`` every kernel comes through here: Python kernels
    whose notebook has a header are ours, all others start as if Headstart were not installed.

    One instance lives as long as its kernel, through restarts. It holds the leases of the
    environment that the kernel runs in, so that an autorestart finds it.
    """

    launcher: Launcher = ProcessLauncher()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ready: Ready | None = None
        self._wanted = NOTHING
        self._path = ""
        self._note = ""
        self._launch: KernelLaunch | None = None
        self._transport: Transport = "auto"
        self._receipts: Receipts = "off"
        self._died = False
        self._losing: asyncio.Future[None] | None = None
        self._give_up: Callable[[], object] = lambda: None
        self._ended: Callable[[], object] = lambda: None

    # -- the provisioner's contract ------------------------------------------------------------

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Get the notebook's environment, then prepare the launch as ever.

        The environment comes first: LocalProvisioner takes ports, and leaves a connection file
        behind if something goes wrong after it.

        :raises HeadstartError: in a headless client, if the environment cannot be had.
        """
        self._launch = await self._decide(kwargs)
        if self._launch is None:
            return await super().pre_launch(**kwargs)
        if self._launch.failure is None:
            transport.prefer_ipc(self.parent, self._transport)
        if server_of(self.parent) is None:
            prefer_prompt_client(self.parent)
        extra_arguments = list(kwargs.get("extra_arguments") or ())
        result = await super().pre_launch(**self._without_encryption(kwargs, self._launch))
        manager: Any = self.parent
        connection_file = os.path.realpath(manager.connection_file)
        result["cmd"] = self._launch.command(connection_file, extra_arguments)
        session = session_name(kwargs.get("env")) is not None
        environ = kernel_environ(
            result["env"], self._launch.options, session=session, header=self._wanted.found
        )
        result["env"] = environ | self._launch.variables()
        return result

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the process. Its clients may connect from then on; it answers when it can."""
        if self._launch is None:
            return await super().launch_kernel(cmd, **kwargs)
        await self._start(self._launch, cmd, kwargs)
        if self._ready is not None and self.process is not None:
            folder = kwargs.get("cwd") or ""
            self._ended = note_user(self._ready, self.process.pid, folder, self._path)
        return self.connection_info

    async def _start(self, launch: KernelLaunch, cmd: list[str], kwargs: dict[str, Any]) -> None:
        """As LocalProvisioner does it, by the launcher."""
        not_for_popen = {"extra_arguments", "kernel_id"}
        options = {name: value for name, value in kwargs.items() if name not in not_for_popen}
        opened = contextlib.ExitStack()
        listeners = opened.enter_context(transport.listening(self.parent))
        command = launch.with_listeners(cmd, listeners)

        def work() -> Process:
            # Closed here: a start that is given up leaves this to itself, and their numbers would
            # be others' when it comes to launch.
            with opened:
                return self.launcher.launch(
                    command, (*launch.leases, *listeners.values()), **options
                )

        process: Any = await launched(work)
        self.process, self.pid, self.pgid = process, process.pid, None
        if hasattr(os, "getpgid"):
            # A process that has ended already has no group; whoever waits for it will know.
            with contextlib.suppress(OSError):
                self.pgid = os.getpgid(process.pid)
        self.cwd = kwargs.get("cwd", Path.cwd())

    async def post_launch(self, **kwargs: Any) -> None:
        """Ask to be told if the kernel dies for good: a server does not clean up after those."""
        await super().post_launch(**kwargs)
        manager: Any = self.parent
        manager.remove_restart_callback(self._lose, "dead")  # of an earlier start
        if self._launch is not None:
            manager.add_restart_callback(self._lose, "dead")

    def _lose(self) -> None:
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
        self._ended()
        if not restart:
            self._give_up()
            status_board.forget(self.kernel_id)
            await self._release()

    # -- from a kernel start to a launch -------------------------------------------------------

    async def _decide(self, kwargs: dict[str, Any]) -> KernelLaunch | None:
        """What to launch, or None if this kernel is none of ours."""
        died, self._died = self._died, False
        if died and self._launch is None:
            return None
        try:
            wanted = await self._read_wanted(kwargs)
            if wanted is None and not (died and self._ready):
                status_board.forget(self.kernel_id)
                await self._release()
                return None
            asked = wanted.spec if isinstance(wanted, Wanted) else wanted or NOTHING.spec
            match plan_start(asked, self._last_good(), autorestart=died):
                case Reuse():
                    self._show_ready(reused=True)
                case Build(spec):
                    self._wanted = wanted if isinstance(wanted, Wanted) else NOTHING
                    await self._get(spec)
                case Refuse(reason):
                    self._wanted = wanted if isinstance(wanted, Wanted) else NOTHING
                    raise reason
            return launch_in(self._running())._replace(headerless=self._headerless())
        except HeadstartError as error:
            return await self._refuse(error)
        except Exception as error:
            if server_of(self.parent) is None:
                raise
            self.log.exception("Headstart: a kernel start failed in a way that it should not.")
            return await self._refuse(_unforeseen(error))

    async def _read_wanted(self, kwargs: dict[str, Any]) -> Wanted | HeadstartError | None:
        """What the notebook asks for now; the error, if that cannot be read.

        None if this kernel is none of ours: its kernelspec names another provisioner or none, and
        a header was not found, for whatever reason.
        """
        try:
            wanted = await self._read_header(kwargs)
            if wanted.header is not None or self._is_ours():
                return wanted
        except HeadstartError as unreadable:
            if isinstance(unreadable, HeaderError | LockError) or self._is_ours():
                return unreadable
            self.log.warning("Headstart: %s", unreadable)
        except Exception:
            if self._is_ours():
                raise
            self.log.exception("Headstart: a notebook's header could not be looked for.")
        return None

    async def _read_header(self, kwargs: dict[str, Any]) -> Wanted:
        """What the notebook that is starting asks for now.

        Whoever restarts a kernel need not be the one who started it, and known the notebook: then
        it is what the notebook asked for last.
        """
        source = await self._source(kwargs)
        if source is None:
            return self._without_notebook()
        self._path, self._note = source.path, ""
        wanted = await in_thread(lambda: want(source.notebook, source.folder, self._settings))
        for warning in wanted.header.warnings if wanted.header is not None else ():
            self.log.warning("Headstart: %s", warning)
        return wanted

    def _without_notebook(self) -> Wanted:
        """What is wanted where no notebook is found: what was, or nothing. Neither in silence."""
        if self._wanted is NOTHING:
            self._path, self._note = "", NOT_FOUND
        else:
            self._note = NOT_FOUND_AGAIN
        if server_of(self.parent) is not None and (self._is_ours() or self._wanted is not NOTHING):
            self.log.warning("Headstart: kernel %s: %s", self.kernel_id, self._note)
        elif self._is_ours() and "nbclient.client" in sys.modules:
            self.log.warning(
                "Headstart: %s Run notebooks with nbclient's own kernel manager, or `headstart "
                "run`.",
                self._note,
            )
        return self._wanted

    def _headerless(self) -> str:
        """Is the kernel one without a header? See `headstart_kernel.launch_request.Launch`."""
        if self._wanted.header is not None:
            return ""
        if server_of(self.parent) is None:
            return "headless"
        return "unknown" if self._note else "server"

    @property
    def reads_headers(self) -> bool:
        """Whether a header is looked for when this kernel starts."""
        return bool(self.kernel_spec.language.lower() == "python")

    async def _source(self, kwargs: dict[str, Any]) -> Source | None:
        if not self.reads_headers:
            return None
        return await find_notebook(self.parent, kwargs.get("env"), kwargs.get("cwd"))

    def _is_ours(self) -> bool:
        """The kernelspec names this provisioner; it is not merely the default one."""
        stanza = self.kernel_spec.metadata.get("kernel_provisioner", {})
        return bool(stanza.get("provisioner_name") == "headstart")

    async def _get(self, spec: EnvironmentSpec) -> None:
        """Run in the environment for ``spec`` from now on; the one before is given back."""
        cancelled = threading.Event()
        settings = self._settings()
        self._transport, self._receipts = settings.transport, settings.receipts
        self.launcher = launcher_for(settings)

        def report(progress: Progress) -> None:
            # A build that was given up may go on for a moment; nobody is to hear of it.
            if not cancelled.is_set():
                status = self._status(KernelState.BUILDING, progress=progress)
                status_board.set(status, cancelled.set)

        def work() -> Ready:
            # Imported here: kernels that are none of ours need none of it.
            from ..environments.context import open_context
            from ..environments.ready import ensure

            ready = ensure(spec, open_context(settings, report, cancelled.is_set))
            if cancelled.is_set():
                ready.release()
                raise BuildCancelled("The kernel's start was given up.")
            return ready

        try:
            self._give_up = cancelled.set
            ready = await in_thread(work, cancelled.set)
        except BaseException:
            # The client gave up, and nobody waits for the build any more.
            cancelled.set()
            status_board.forget(self.kernel_id)
            raise
        await self._release()
        self._ready = ready
        if not ready.reused:
            await in_thread(lambda: self._log_notices(ready))
        work_after_build(ready, settings)
        self._show_ready(reused=ready.reused)

    def _log_notices(self, ready: Ready) -> None:
        """Log what there is to know of a new environment; the panel has it, too."""
        from ..environments.resolve.notices import notices_in

        for notice in notices_in(ready.environment.environment, ready.spec, ready.store):
            self.log.warning("Headstart: %s", notice)

    def _running(self) -> Ready:
        if self._ready is None:
            raise LaunchError("There is no environment to start the kernel in.")
        return self._ready

    def _last_good(self) -> LastGood | None:
        if self._ready is None:
            return None
        return LastGood(self._ready.spec, self._ready.environment.environment)

    async def _refuse(self, error: HeadstartError) -> KernelLaunch:
        """What becomes of a kernel without its environment.

        JupyterLab would wait forever for a restart that failed, so in a server the kernel starts
        all the same, and every cell explains. A headless run must not look like a success.
        """
        error = with_places(error, self._wanted)
        if server_of(self.parent) is None:
            raise error
        self.log.warning("Headstart: %s", error)
        await self._release()
        status_board.set(self._status(KernelState.FAILED, error=error))
        return launch_failed(error)

    async def _release(self) -> None:
        """Give back the environment that the kernel ran in; an ephemeral one goes with it."""
        ready, self._ready = self._ready, None
        if ready is None:
            return
        try:
            # Deleting may take seconds, which a server's loop does not have.
            await in_thread(ready.release)
        except HeadstartError as error:
            self.log.warning("Headstart: an environment could not be given back: %s", error)

    # -- what others see -----------------------------------------------------------------------

    def _status(self, state: KernelState, **values: Any) -> KernelStatus:
        return KernelStatus(
            self.kernel_id, self._path, state, self._wanted, since=time.time(), **values
        )

    def _show_ready(self, *, reused: bool) -> None:
        ready = self._running()
        unknown = self._note and self._wanted is NOTHING
        status = self._status(
            KernelState.UNKNOWN if unknown else KernelState.READY,
            environment=ready.environment.environment,
            layer=ready.layer.environment,
            reused=reused,
            note=self._note,
            receipt=self._leave_receipt(ready),
        )
        status_board.set(status)

    def _leave_receipt(self, ready: Ready) -> Receipt | None:
        """What the notebook keeps of this start; a headless client's has it at once."""
        headless = server_of(self.parent) is None
        if self._receipts == "off" or (self._receipts == "headless" and not headless):
            return None
        from .receipts import leave_in_client, receipt_of

        receipt = receipt_of(ready)
        if headless:
            leave_in_client(self.parent, receipt)
        return receipt

    # -- small things --------------------------------------------------------------------------

    def _without_encryption(self, kwargs: dict[str, Any], launch: KernelLaunch) -> dict[str, Any]:
        """The arguments, without encryption if the kernel's ipykernel cannot do it.

        The kernelspec promises CurveZMQ for all kernels, for most can. The layer of a notebook
        that asks for an older ipykernel cannot, and would never answer.
        """
        policy = getattr(self.parent, "_transport_encryption_policy", None)
        if policy is None or launch.can_encrypt:
            return kwargs
        if policy(kwargs.get("transport_encryption")) == "required":
            raise LaunchError(
                f"ipykernel {launch.ipykernel} cannot encrypt, and Jupyter is set to require it.",
                hint="Ask for ipykernel>=7.3 in the header, or for nothing that keeps it older.",
            )
        return {**kwargs, "transport_encryption": "disabled"}

    def _settings(self) -> Settings:
        read = headless_settings if server_of(self.parent) is None else settings_of
        return read(self.config)


def _unforeseen(error: Exception) -> HeadstartError:
    """What a cell says of an exception that nobody has thought of."""
    return LaunchError(
        f"Headstart failed: {type(error).__name__}: {error}.",
        hint="This is an error in Headstart; please report it.",
    )
