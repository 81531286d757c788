"""The environment of a server's kernel, which comes after the kernel: agree, build, attach, mend.

Events come from three sides: the kernel's, over its link; the user's, over the server; the build's,
from its thread. What each leads to is decided by `core.plan.next_step`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from ..core.header.spec import EnvironmentSpec
from ..core.plan import AtHand, Effect, Event, Follow, Hold, KernelState, Refuse, next_step
from ..core.progress import Phase, Progress
from ..errors import BuildCancelled, HeadstartError, LaunchError, RestartNeeded
from ..request.read import Request, with_locations
from .environment_build import EnvironmentBuild
from .launch.environ import must_be_there_first, notebook_environ
from .launch.kernel_launch import KernelLaunch, fail_message, launch_before_environment
from .launch.launchers import launcher_for
from .launch.process_launcher import ProcessLauncher
from .link import KernelLink
from .session import KernelSession
from .session_request import is_header_of, read_request_again
from .status import Change, KernelControl, WaitingCell
from .threads import in_thread, start_thread

if TYPE_CHECKING:
    from ..environments.ready import Ready
    from ..store.leases import LeasedEnvironment

__all__ = ["Follower"]

INTERVAL = 0.2
"""Seconds between two messages of progress to a kernel, as long as the phase is the same."""

ENDED = "The kernel was ended while it was being started."


class Follower(KernelControl):
    """Has one kernel's environment follow it. Safe between threads.

    ``session`` is the kernel's; ``state`` has no other writer. ``link`` leads to the kernel's
    process, None where that had its environment before it started, or is none of ours.
    """

    def __init__(self, session: KernelSession) -> None:
        self.state = KernelState.NONE
        self.link: KernelLink | None = None
        self.session = session
        session.control = self
        self._lock = threading.RLock()
        self._build: EnvironmentBuild | None = None
        self._error: HeadstartError | None = None
        self._change: Change | None = None
        self._progress: Progress | None = None
        self._told: tuple[Phase | None, float] = (None, 0.0)
        self._waiting: tuple[WaitingCell, ...] = ()
        self._layer: LeasedEnvironment | None = None
        """That of a process which has no environment yet."""
        self._recalled: Ready | None = None
        """What the store has for the start in hand."""
        self._next: Ready | None = None
        """What the kernel cannot take on while it runs, and has after a restart."""
        self._given: list[tuple[Ready, Request]] = []
        """What the kernel was given, and has not said yet that it has, each with what asked for it.

        Several where the user has cancelled and begun again while the process was busy.
        """
        self._runs = 0
        """Cells of which the process has told."""
        self._restarting: RestartNeeded | None = None
        """What cells are told that are run in a process which is about to end for a restart."""
        self._is_ended = False
        self._is_starting = False
        """No process can be told anything: what is built meanwhile is found in the store."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._start: tuple[Mapping[str, str] | None, str | None] = (None, None)

    # -- a start -------------------------------------------------------------------------------

    def starts(self, environ: Mapping[str, str] | None, cwd: str | None) -> None:
        """The kernel is about to start, on this loop.

        :param environ: the variables that the client gave for it, or None.
        :param cwd: its working directory as the client gave it, or None.
        """
        self._loop, self._start = asyncio.get_running_loop(), (environ, cwd)
        with self._lock:
            self._is_ended = False

    async def look(self, spec: EnvironmentSpec) -> AtHand:
        """What can be known of a spec without an effect; what is there is leased.

        :raises HeadstartError: if the settings or the store cannot be used.
        """
        with self._lock:
            if self._next is not None and self._next.spec == spec:
                self._recalled, self._next = self._next, None
                return AtHand(agreed=True, present=True)
            on_the_way = self._build.request if self._build is not None else None
            if on_the_way is not None and on_the_way.spec == spec:
                return AtHand(agreed=True, present=False)
        recalled, agreed = await in_thread(lambda: self._recall(spec))
        with self._lock:
            if not self._is_ended:
                self._recalled = recalled
                return AtHand(agreed, recalled is not None)
        if recalled is not None:
            _give_back(recalled)
        raise LaunchError(ENDED)

    def _recall(self, spec: EnvironmentSpec) -> tuple[Ready | None, bool]:
        # Imported here: kernels that are none of ours need none of it.
        from ..environments.agreement import is_agreed
        from ..environments.context import open_context
        from ..environments.ready import known_lock, recall

        context = open_context(self.session.owner.settings())
        ready = recall(spec, context)
        lock = ready.lock if ready is not None else known_lock(spec, context)
        agreed = is_agreed(spec, lock, self.session.owner.kernel_name, context)
        if ready is not None and not agreed:
            ready.close()
            ready = None
        return ready, agreed

    async def attach(self, request: Request) -> Ready:
        """Have the environment that `look` has found, for a process that is about to start."""
        ready, self._recalled = self._recalled, None
        assert ready is not None
        await self._reset()
        self.session.use_settings()
        await self.session.take(request, ready)
        with self._lock:
            self.state = KernelState.READY if request.header is not None else KernelState.NONE
            if self._build is not None:  # the user has asked for another one meanwhile
                self.state = KernelState.CHANGING
        self.session.show_ready()
        if self.state is KernelState.CHANGING:
            self._show()
        return ready

    async def launch(self, plan: Follow | Hold | Refuse, request: Request) -> KernelLaunch:
        """How to start a kernel before its environment; what is to come of it is under way then."""
        self._is_starting = True
        try:
            await self._reset(keep=plan.spec if isinstance(plan, Follow) else None)
            session = self.session
            await session.release()
            session.request = request
            spec = plan.spec if isinstance(plan, Follow | Hold) else request.spec
            layer = await in_thread(lambda: self._layer_at_hand(spec))
            link = KernelLink(self._hear, self._lost)
        except BaseException:
            self._is_starting = False
            raise
        with self._lock:
            self._is_starting = False
            if self._is_ended:
                link.close()
                if layer is not None:
                    layer.close()
                raise LaunchError(ENDED)
            self.link, self._layer, self._runs = link, layer, 0
            # One that goes on, or one that the user has asked for meanwhile.
            if self._build is not None:
                self.state = KernelState.BUILDING
            else:
                self._carry_on(plan, request)
        self._show()
        return launch_before_environment(layer, link.descriptor)

    def _carry_on(self, plan: Follow | Hold | Refuse, request: Request) -> None:
        match plan:
            case Follow():
                self.state = KernelState.BUILDING
                self._begin(lambda: request, agreed=False)
            case Hold():
                self.state = KernelState.HELD
            case Refuse(error):
                self.state, self._error = KernelState.FAILED, error

    def _layer_at_hand(self, spec: EnvironmentSpec) -> LeasedEnvironment | None:
        from ..environments.context import open_context
        from ..environments.early_layer import layer_at_hand

        session = self.session
        try:
            settings = session.use_settings()
            layer = layer_at_hand(spec, open_context(settings))
        except Exception as error:  # noqa: BLE001  (the build says so, or the plan has said it)
            session.owner.log.debug("Headstart: no layer is at hand: %s", error)
            layer = None
        # A zygote of Jupyter's own Python would have no use: the next kernel has a layer.
        session.launcher = launcher_for(settings) if layer is not None else ProcessLauncher()
        return layer

    def opened(self) -> None:
        """The process has started."""
        if self.link is not None:
            self.link.open()

    async def end(self) -> None:
        """Stop the build and give everything back: the kernel has ended for good."""
        with self._lock:
            self._is_ended = True
            self.state = KernelState.NONE
        await self._reset()
        await self.session.end()

    async def _reset(self, *, keep: EnvironmentSpec | None = None) -> None:
        """Forget the process before, and what was on the way for it.

        :param keep: let the build go on that is for this spec, if there is one.
        """
        with self._lock:
            link, self.link = self.link, None
            build = self._build
            request = build.request if build is not None and keep is not None else None
            if request is not None and request.spec == keep:
                build = None
            else:
                self._build = None
            layer, self._layer = self._layer, None
            given_back = [self._recalled, self._next, *(ready for ready, _ in self._given)]
            self._recalled = self._next = None
            self._given = []
            self._waiting, self._error, self._change = (), None, None
            self._restarting = None
        if link is not None:
            link.close()
        if build is not None:
            build.cancel()
        if layer is not None:
            layer.close()
        for ready in filter(None, given_back):
            # Deleting an ephemeral one may take seconds, which a server's loop does not have.
            await in_thread(ready.release)

    # -- what may be asked for -----------------------------------------------------------------

    def agree(self) -> None:
        """The user agrees to the header as it is now: have its environment. Does not block."""
        with self._lock:
            build = self._build
        if build is None:
            self._take(Event.AGREED)
        else:
            start_thread(lambda: self._agree_instead(build))

    def cancel(self) -> None:
        """Stop the build, if there is one. Does not block."""
        start_thread(lambda: self._take(Event.CANCELLED))

    # -- events --------------------------------------------------------------------------------

    def _take(
        self,
        event: Event,
        *,
        error: HeadstartError | None = None,
        code: str = "",
        by_kernel: bool = False,
    ) -> None:
        """Do what an event leads to.

        :param error: of what failed.
        :param code: the source of the cell that is run, if it holds a header.
        :param by_kernel: whether the kernel has told it, and has answered its cells by itself.
        """
        with self._lock:
            if self._is_ended:
                return
            effect = self._step(event)
            match effect:
                case Effect.BUILD:
                    self._error = self._change = None
                    self._begin(lambda: self._read_again(code), agreed=True)
                case Effect.STOP:
                    self._stop(tell=not by_kernel)
                case Effect.TELL:
                    self._fail(error)
                case Effect.SHOW:
                    self._change = Change(error=error)
                case Effect.NOTHING:
                    return
                case _:
                    pass  # done by the caller, which has what is to be attached
        self._show()

    def _step(self, event: Event) -> Effect:
        self.state, effect = next_step(self.state, event)
        if self.state is KernelState.READY and self.session.request.header is None:
            self.state = KernelState.NONE
        return effect

    def _stop(self, *, tell: bool) -> None:
        """End the build; what it may still give is not wanted any more."""
        build, self._build = self._build, None
        if build is not None:
            build.cancel()
        cancelled = BuildCancelled("The build was cancelled.", hint="Run a cell to begin again.")
        if self.state is KernelState.FAILED:
            self._fail(cancelled, tell=tell)
        else:
            self._change = Change(error=cancelled)

    def _fail(self, error: HeadstartError | None, *, tell: bool = True) -> None:
        assert error is not None
        self._error, self._waiting = error, ()
        # Not what it knows already: by now other cells may wait, which are not meant.
        if tell and self.link is not None:
            self.link.send({**fail_message(error), "runs": self._runs})

    def _begin(self, read: Callable[[], Request], *, agreed: bool) -> None:
        self._progress = Progress(Phase.RESOLVE, "Starting")
        self._build = build = EnvironmentBuild(
            self.session,
            read=read,
            agreed=agreed,
            report=lambda progress: self._report(build, progress),
            built=lambda ready: self._built(build, ready),
            failed=lambda error: self._failed(build, error),
        )
        build.start()

    def _builds(self, code: str) -> bool:
        """Whether what is built is what a cell that is run asks for.

        :param code: the source of the cell if it holds a header, else ``""``.
        """
        build = self._build
        if not code or build is None:
            return True
        request = build.request
        return request is not None and is_header_of(code, request)

    def _build_instead(self, code: str) -> None:
        """The user has corrected the header, and runs it while another one is built."""
        if self._build is not None:
            self._build.cancel()
        self._begin(lambda: self._read_again(code), agreed=True)

    def _agree_instead(self, build: EnvironmentBuild) -> None:
        """The user agrees while something is built: that goes on if it is what they see."""
        try:
            spec = self._read("").spec
        except HeadstartError:  # told by the build that reads it
            spec = None
        request = build.request
        if request is not None and request.spec == spec:
            return
        with self._lock:
            if self._is_ended or build is not self._build:
                self._take(Event.AGREED)
                return
            self._build_instead("")
        self._show()

    def _read(self, code: str) -> Request:
        environ, cwd = self._start
        assert self._loop is not None
        reading = read_request_again(self.session, environ, cwd, code)
        return asyncio.run_coroutine_threadsafe(reading, self._loop).result()

    def _read_again(self, code: str) -> Request:
        request = self._read(code)
        with self._lock:
            # Beside a kernel that runs, what it runs in stays its request.
            if self.state is KernelState.BUILDING:
                self.session.request = request
        return request

    def _report(self, build: EnvironmentBuild, progress: Progress) -> None:
        with self._lock:
            # A build that was cancelled may go on for a moment; its progress is not shown.
            if build is not self._build:
                return
            self._progress = progress = progress.after(self._progress)
            phase, when = self._told
            if self._waiting and (progress.phase != phase or time.monotonic() - when >= INTERVAL):
                self._tell_progress()
        self._show()

    def _tell_progress(self) -> None:
        """Tell a kernel in which cells wait how far it is."""
        if self.link is None or self._progress is None:
            return
        self._told = (self._progress.phase, time.monotonic())
        quiet = self.session.owner.shows_progress(self.session.path)
        progress = self._progress.to_json()
        self.link.tell({"type": "progress", "progress": progress, "quiet": quiet})

    def _built(self, build: EnvironmentBuild, ready: Ready) -> None:
        with self._lock:
            if build is not self._build:
                _give_back(ready)
                return
            self._build = None
            if self._is_starting:
                _give_back(ready)
                return
            effect = self._step(Event.BUILT)
            if effect is Effect.ATTACH:
                self._attach(ready, build.request or self.session.request)
            elif effect is Effect.KEEP and not self._runs_in(ready):
                self._keep(ready)
                self._change = Change(ready=True)
            else:
                _give_back(ready)
        self._show()

    def _runs_in(self, ready: Ready) -> bool:
        """Whether a restart would change nothing: it was agreed to what is there already."""
        runs = self.session.ready
        if runs is None or runs.spec != ready.spec:
            return False
        return runs.environment.environment.key == ready.environment.environment.key

    def _keep(self, ready: Ready) -> None:
        """Hold it for the next start, in place of what was held before."""
        before, self._next = self._next, ready
        if before is not None:
            _give_back(before)

    def _attach(self, ready: Ready, request: Request) -> None:
        """Give the environment to a process that can take it on."""
        obstacle = self._obstacle(ready)
        if obstacle or self.link is None:
            self._keep(ready)
            self._need_restart(obstacle)
            return
        self._given.append((ready, request))
        options, environment = ready.spec.kernel, ready.environment.environment
        message = {
            "type": "attach",
            "environment": environment.prefix,
            "environ": notebook_environ(options, request.found),
            "prepend_paths": list(options.prepend_paths),
        }
        self.link.send(message, (ready.environment.lease.fileno(), ready.layer.lease.fileno()))

    def _obstacle(self, ready: Ready) -> str:
        """Why the process cannot take on an environment; ``""`` if it can."""
        from ..environments.early_layer import suits

        if self._layer is None:
            return "It was started before there was a Python with Headstart's kernel."
        if not suits(self._layer.environment, ready):
            return "It runs in another Python, or has loaded other versions of some packages."
        names = must_be_there_first(ready.spec.kernel)
        return f"{names[0]} of the header is read when a process starts." if names else ""

    def _need_restart(self, why: str) -> None:
        """Restart a kernel that cannot take on its environment, if nothing is lost with it."""
        needed = RestartNeeded(
            f"The environment is there, but this process cannot take it on. {why}",
            hint="Restart the kernel, and run the cells again.",
        )
        owner = self.session.owner
        # No cell has run: what a cell has made would be lost with it.
        restarting = None if self._waiting else owner.restart(self.session.kernel_id, self._loop)
        if restarting is None:
            self.state = KernelState.FAILED
            self._fail(needed)
            return
        self._progress = Progress(Phase.READY, "Restarting the kernel")
        self._restarting = RestartNeeded(
            needed.message, hint="It is being restarted. Run the cells again when it is there."
        )

        def look(done: Future[None]) -> None:
            if done.cancelled() or done.exception() is not None:
                self._restarting = None
                self._take(Event.ERROR, error=needed)

        restarting.add_done_callback(look)

    def _failed(self, build: EnvironmentBuild, error: HeadstartError) -> None:
        with self._lock:
            if build is not self._build:
                return
            self._build = None
            if self._is_starting:
                return
            error = with_locations(error, build.request or self.session.request)
        self.session.owner.log.warning("Headstart: %s", error)
        self._take(Event.ERROR, error=error)

    # -- the kernel's side ---------------------------------------------------------------------

    def _hear(self, link: KernelLink, message: dict[str, Any]) -> None:
        # What another process has said before it ended is not for the one that has followed.
        with self._lock:
            if link is self.link:
                self._hear_kernel(message)

    def _hear_kernel(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "run":
                self._runs += 1
                # It says the same in a moment; until then it must not count as one without cells.
                cell = WaitingCell(str(message.get("msg_id")), str(message.get("cell_id")))
                if cell not in self._waiting:
                    self._waiting += (cell,)
                code = str(message.get("code") or "")
                if self.state is KernelState.BUILDING and not self._builds(code):
                    self._build_instead(code)
                self._take(Event.AGREED, code=code)
                if self._restarting is not None:
                    # It would end with the process, and wait for ever in the front end.
                    self._fail(self._restarting)
                elif self.state is KernelState.BUILDING:
                    self._tell_progress()
            case "waiting":
                self._waiting = tuple(
                    WaitingCell(str(cell["msg_id"]), str(cell["cell_id"]))
                    for cell in message["cells"]
                )
                self._show()
            case "cancel":
                self._take(Event.CANCELLED, by_kernel=True)
            case "attached":
                self._attached(message.get("environment"))
            case "refused":
                refused = self._take_given(message.get("environment"))
                # Not if it was given another one since.
                if refused is not None and not self._given:
                    self._keep(refused[0])
                    self._need_restart(str(message.get("message", "")))
                    self._show()
                elif refused is not None:
                    _give_back(refused[0])

    def _take_given(self, prefix: object) -> tuple[Ready, Request] | None:
        """What the kernel speaks of, and has not had before; what it was given before is released.

        :param prefix: of the environment; None for the last one.
        """
        prefixes = [ready.environment.environment.prefix for ready, _ in self._given]
        count = prefixes.index(prefix) + 1 if prefix in prefixes else len(prefixes)
        given, self._given = self._given[:count], self._given[count:]
        for ready, _ in given[:-1]:
            _give_back(ready)
        return given[-1] if given else None

    def _attached(self, prefix: object) -> None:
        given = self._take_given(prefix)
        if given is None:
            return
        ready, request = given
        # It had begun when it was given these: it can have the last one by a restart.
        later, self._given = [it for it, _ in self._given], []
        layer, self._layer = self._layer, None
        if layer is not None:
            # What the process really runs in: it suits, and need not be the same one.
            ready.layer.close()
            ready = ready._replace(layer=layer)
        self.session.request = request
        self._step(Event.ATTACHED)
        self._error, self._waiting = None, ()
        self.session.attached(ready)
        for other in later:
            if other.spec == ready.spec:
                _give_back(other)
            else:
                self._keep(other)
                self._change = Change(ready=True)
        if self._build is not None:
            # The user has cancelled, and has asked for it again, before this came.
            self.state = KernelState.CHANGING
        if self._build is not None or self._change is not None:
            self._show()

    def _lost(self, link: KernelLink) -> None:
        """The process has ended, or has nothing more to say; Jupyter sees to it."""
        with self._lock:
            if link is self.link and self._waiting:
                self._waiting = ()
                self._show()

    # -- what others see -----------------------------------------------------------------------

    def _show(self) -> None:
        with self._lock:
            if self._is_ended:
                return
            on_the_way = self.state in (KernelState.BUILDING, KernelState.CHANGING)
            self.session.show(
                self.state,
                progress=self._progress if on_the_way else None,
                error=self._error if self.state is KernelState.FAILED else None,
                waiting=self._waiting,
                change=self._change,
            )


def _give_back(ready: Ready) -> None:
    """Release what no kernel has. Does not wait: deleting an ephemeral one may take seconds."""
    start_thread(ready.release)
