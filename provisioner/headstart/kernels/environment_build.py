"""An environment that is being made ready in a thread, for a kernel that is there already."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.progress import Progress
from ..errors import BuildCancelled, HeadstartError, LaunchError
from ..request.read import Request
from .session import KernelSession
from .threads import start_thread

if TYPE_CHECKING:
    from ..environments.ready import Ready

__all__ = ["EnvironmentBuild", "unforeseen"]


class EnvironmentBuild:
    """One build. Its functions are called in its thread.

    ``request`` is what is built, None until the header has been read.

    :param read: gives the request; it may read the header again.
    :param agreed: whether the user has agreed to it: then that is recorded.
    :param report: hears of progress.
    :param built: gets what was built, with its leases.
    :param failed: gets the reason why there is none.
    """

    def __init__(
        self,
        session: KernelSession,
        *,
        read: Callable[[], Request],
        agreed: bool,
        report: Callable[[Progress], None],
        built: Callable[[Ready], None],
        failed: Callable[[HeadstartError], None],
    ) -> None:
        self.request: Request | None = None
        self._session = session
        self._read = read
        self._agreed = agreed
        self._report = report
        self._built = built
        self._failed = failed
        self._cancelled = threading.Event()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        start_thread(self._work, self.cancel)

    def cancel(self) -> None:
        """Let it end soon."""
        self._cancelled.set()

    def _work(self) -> None:
        try:
            ready = self._make()
        except HeadstartError as error:
            self._failed(error)
        except Exception as error:
            # A kernel that waits has to be told, whatever it is.
            log = self._session.owner.log
            log.exception("Headstart: a build failed in a way that it should not.")
            self._failed(unforeseen(error))
        else:
            self._built(ready)

    def _make(self) -> Ready:
        # Imported here: kernels that are none of ours need none of it.
        from ..environments.agreement import agree
        from ..environments.context import open_context
        from ..environments.ready import ensure

        session, cancelled = self._session, self._cancelled
        self.request = self._read()
        spec = self.request.spec
        settings = session.owner.settings()
        context = open_context(settings, self._report, cancelled.is_set)
        ready = ensure(spec, context)
        if cancelled.is_set():
            ready.release()
            raise BuildCancelled("The build was cancelled.")
        if self._agreed:
            agree(spec, ready.lock, session.owner.kernel_name, session.path, context)
        if not ready.reused:
            session.log_notices(ready)
        return ready


def unforeseen(error: Exception) -> HeadstartError:
    """The error that a cell shows for an unexpected exception."""
    return LaunchError(
        f"Headstart failed: {type(error).__name__}: {error}.",
        hint="This is an error in Headstart; please report it.",
    )
