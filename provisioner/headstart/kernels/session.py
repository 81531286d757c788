"""What belongs to one kernel: its notebook's request, its environment, and how it was launched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core.header.spec import EnvironmentSpec
from ..core.plan import KernelState, LastGood
from ..core.progress import Progress
from ..errors import BuildCancelled, HeadstartError, LaunchError
from ..request.read import NO_REQUEST, Request
from ..settings import Receipts, Settings, Transport
from .housekeeping import note_agreement, note_user, work_after_build
from .launch.kernel_launch import KernelLaunch
from .launch.launchers import launcher_for
from .launch.process_launcher import Launcher, ProcessLauncher
from .owner import KernelOwner
from .status import KernelControl, KernelStatus, status_board
from .threads import in_thread

if TYPE_CHECKING:
    from ..core.store.receipt import Receipt
    from ..environments.ready import Ready

__all__ = ["KernelSession"]


def _nothing() -> None:
    """There is nothing to cancel, or to end."""


class KernelSession:
    """One kernel, from its first start through its restarts to its end.

    It holds the leases of the environment that the kernel runs in, so that an autorestart finds it,
    and is the only one that writes the kernel's row on the `status_board`.

    ``request`` is what the notebook asked for when the kernel got its environment, ``path`` the
    notebook's API path or ``""``, ``note`` what users are to know where the notebook was not found;
    ``ready`` is the environment, None while there is none; ``launch`` is how the kernel was started
    last, None for a kernel that is none of ours; ``launcher`` starts its process, and ``transport``
    is the setting for it; ``control`` is what others may ask of the kernel.
    """

    def __init__(self, kernel_id: str, owner: KernelOwner) -> None:
        self.kernel_id = kernel_id
        self.owner = owner
        self.request = NO_REQUEST
        self.path = ""
        self.note = ""
        self.ready: Ready | None = None
        self.launch: KernelLaunch | None = None
        self.launcher: Launcher = ProcessLauncher()
        self.transport: Transport = "auto"
        self.control: KernelControl | None = None
        self._receipts: Receipts = "off"
        self._receipt: Receipt | None = None
        self._cancel: Callable[[], object] = _nothing
        self._process: tuple[int, str] | None = None
        self._forget_user: Callable[[], object] = _nothing

    @property
    def headerless(self) -> str:
        """Is the kernel one without a header? See `headstart_kernel.launch_request.Launch`."""
        if self.request.header is not None:
            return ""
        if not self.owner.is_server:
            return "headless"
        return "unknown" if self.note else "server"

    @property
    def last_good(self) -> LastGood | None:
        """What the kernel ran in before, if it ran."""
        if self.ready is None:
            return None
        return LastGood(self.ready.spec, self.ready.environment.environment)

    def environment(self) -> Ready:
        """The environment to start in.

        :raises LaunchError: if there is none.
        """
        if self.ready is None:
            raise LaunchError("There is no environment to start the kernel in.")
        return self.ready

    def use_settings(self) -> Settings:
        """The settings as they are now, for this start.

        :raises SettingsError: if a value means nothing.
        """
        settings = self.owner.settings()
        self.transport, self._receipts = settings.transport, settings.receipts
        self.launcher = launcher_for(settings)
        return settings

    # -- the environment -----------------------------------------------------------------------

    async def use_environment(self, spec: EnvironmentSpec) -> None:
        """Have the environment for ``spec`` from now on; the one before is released.

        The one before is kept until then: a start that is cancelled loses nothing.

        :raises HeadstartError: if it cannot be had.
        """
        cancelled = threading.Event()
        settings = self.use_settings()

        def report(progress: Progress) -> None:
            # A build that was cancelled may go on for a moment; its progress is not shown.
            if not cancelled.is_set():
                self.show(KernelState.BUILDING, progress=progress)

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
            self._cancel = cancelled.set
            ready = await in_thread(work, cancelled.set)
        except BaseException:
            # The client gave up: the kernel does not need the build any more.
            cancelled.set()
            status_board.forget(self.kernel_id)
            raise
        await self.take(self.request, ready)
        if not ready.reused:
            await in_thread(lambda: self.log_notices(ready))
        work_after_build(ready, settings)
        # The environment comes before the kernel where a user runs the notebook on purpose.
        note_agreement(ready, self.owner.kernel_name, self.path, settings)
        self.show_ready()

    async def take(self, request: Request, ready: Ready) -> None:
        """Have an environment from now on, that of a request; the one before is released."""
        await self.release()
        self.request, self.ready = request, ready

    def attached(self, ready: Ready) -> None:
        """The kernel, which runs already, has its environment now. Called in any thread."""
        self.ready = ready
        if self._process is not None:
            self._forget_user = note_user(ready, *self._process, self.path)
        work_after_build(ready, self.owner.settings())
        self.show_ready()

    async def release(self) -> None:
        """Release the environment that the kernel ran in; an ephemeral one is deleted."""
        ready, self.ready, self._receipt = self.ready, None, None
        if ready is None:
            return
        try:
            # Deleting may take seconds, which a server's loop does not have.
            await in_thread(ready.release)
        except HeadstartError as error:
            self.owner.log.warning("Headstart: an environment could not be given back: %s", error)

    def log_notices(self, ready: Ready) -> None:
        """Log what there is to know of a new environment; the panel has it, too."""
        from ..environments.resolve.notices import notices_in  # for environments that were built

        for notice in notices_in(ready.environment.environment, ready.spec, ready.store):
            self.owner.log.warning("Headstart: %s", notice)

    # -- the process ---------------------------------------------------------------------------

    def process_started(self, pid: int, cwd: str) -> None:
        """Record in the store that this kernel's process uses its environment.

        :param cwd: its working directory, or ``""``.
        """
        self._process = (pid, cwd)
        if self.ready is not None:
            self._forget_user = note_user(self.ready, pid, cwd, self.path)

    def process_ended(self) -> None:
        """Remove that record. May be called twice."""
        self._process = None
        forget, self._forget_user = self._forget_user, _nothing
        forget()

    async def end(self) -> None:
        """Release everything: the kernel has ended for good, or is none of ours.

        May be called twice, and while a start still waits for its environment: that is cancelled.
        """
        self._cancel()
        status_board.forget(self.kernel_id)
        await self.release()

    # -- what others see -----------------------------------------------------------------------

    def show_ready(self) -> None:
        """Show which environment the kernel runs in."""
        self._receipt = self._leave_receipt(self.environment())
        state = KernelState.READY if self.request.header is not None else KernelState.NONE
        self.show(state)

    def show(self, state: KernelState, **values: Any) -> None:
        """Show the kernel's state, with the environment that it runs in, if it has one."""
        ready = self.ready
        if ready is not None:
            values = {
                "environment": ready.environment.environment,
                "layer": ready.layer.environment,
                "reused": ready.reused,
                **values,
            }
        status = KernelStatus(
            self.kernel_id,
            self.path,
            state,
            self.request,
            note=self.note,
            receipt=self._receipt,
            since=time.time(),
            **values,
        )
        status_board.set(status, self.control)

    def _leave_receipt(self, ready: Ready) -> Receipt | None:
        """What the notebook keeps of this start; in a headless client it is put in here."""
        headless = not self.owner.is_server
        if self._receipts == "off" or (self._receipts == "headless" and not headless):
            return None
        from .receipts import receipt_of  # by default none is left

        receipt = receipt_of(ready)
        if headless:
            self.owner.leave_receipt(receipt)
        return receipt
