"""The status of each kernel of this process: what it runs in, or how the build for it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ..core.progress import Progress
from ..core.store.manifest import Environment
from ..errors import HeadstartError
from ..request.read import NO_REQUEST, Request

if TYPE_CHECKING:
    from ..core.store.receipt import Receipt


class KernelState(StrEnum):
    """The states of a kernel's environment."""

    BUILDING = "building"
    READY = "ready"
    UNKNOWN = "unknown"
    """It runs in the empty environment, for its notebook could not be found."""
    FAILED = "failed"


NOT_FOUND = (
    "It is not known which notebook this kernel is for, so that it was started without a header."
)
NOT_FOUND_AGAIN = (
    "The notebook of this kernel was not found when the kernel was restarted: its environment is "
    "that of the header which was seen last."
)


class KernelStatus(NamedTuple):
    """One kernel, as it is now.

    ``path`` is the notebook's API path, or ``""``; ``request`` is what it asked for when the kernel
    started; ``environment`` and ``layer`` are those that it really runs in, None until it is ready;
    ``note`` says, if that is so, that its notebook was not found;
    ``receipt`` is what a notebook keeps of it, if the settings say so;
    ``since`` is the time of the last change of state, seconds since the epoch.
    """

    kernel_id: str
    path: str
    state: KernelState
    request: Request = NO_REQUEST
    environment: Environment | None = None
    layer: Environment | None = None
    reused: bool = False
    note: str = ""
    receipt: Receipt | None = None
    progress: Progress | None = None
    error: HeadstartError | None = None
    since: float = 0.0


Subscriber = Callable[[KernelStatus], None]
"""Called from any thread, at each change; must not block."""


class StatusBoard:
    """The status of every kernel of this process. Safe between threads."""

    def __init__(self) -> None:
        self._statuses: dict[str, KernelStatus] = {}
        self._cancels: dict[str, Callable[[], None]] = {}
        self._subscribers: list[Subscriber] = []
        self._lock = threading.Lock()

    def set(self, status: KernelStatus, cancel: Callable[[], None] | None = None) -> None:
        """Replace the status of its kernel; ``cancel`` stops the build it tells of.

        As long as the state stays the same, ``since`` does.
        """
        with self._lock:
            before = self._statuses.get(status.kernel_id)
            if before is not None and before.state is status.state:
                status = status._replace(since=before.since)
            self._statuses[status.kernel_id] = status
            if cancel is None:
                self._cancels.pop(status.kernel_id, None)
            else:
                self._cancels[status.kernel_id] = cancel
            subscribers = tuple(self._subscribers)
        # Without the lock: a subscriber may look at the board.
        for subscriber in subscribers:
            subscriber(status)

    def forget(self, kernel_id: str) -> None:
        """The kernel has ended for good."""
        with self._lock:
            self._statuses.pop(kernel_id, None)
            self._cancels.pop(kernel_id, None)

    def get(self, kernel_id: str) -> KernelStatus | None:
        """The status of a kernel, or None if no kernel of ours has that id."""
        with self._lock:
            return self._statuses.get(kernel_id)

    def by_path(self, path: str) -> KernelStatus | None:
        """The status of the kernel that started last for the notebook at an API path."""
        with self._lock:
            statuses = [status for status in self._statuses.values() if status.path == path]
        return max(statuses, key=lambda status: status.since, default=None)

    def all(self) -> tuple[KernelStatus, ...]:
        """The status of every kernel."""
        with self._lock:
            return tuple(self._statuses.values())

    def cancel(self, kernel_id: str) -> bool:
        """Stop the build for a kernel; False if there is none."""
        with self._lock:
            cancel = self._cancels.get(kernel_id)
        if cancel is None:
            return False
        cancel()
        return True

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` at every change from now on; returns what ends the subscription."""
        with self._lock:
            self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.remove(subscriber)

        return unsubscribe


status_board = StatusBoard()
"""That of this process."""
