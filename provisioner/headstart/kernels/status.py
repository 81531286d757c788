"""The status of each kernel of this process: what it runs in, or how the build for it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..core.plan import KernelState
from ..core.progress import Progress
from ..core.store.manifest import Environment
from ..errors import HeadstartError
from ..request.read import NO_REQUEST, Request

if TYPE_CHECKING:
    from ..core.store.receipt import Receipt


NOT_FOUND = (
    "It is not known which notebook this kernel is for, so that it was started without a header."
)
NOT_FOUND_AGAIN = (
    "The notebook of this kernel was not found when the kernel was restarted: its environment is "
    "that of the header which was seen last."
)


class WaitingCell(NamedTuple):
    """A cell that waits for the environment: the id of its request, and its own or ``""``."""

    msg_id: str
    cell_id: str


class Change(NamedTuple):
    """What came of building another environment beside a kernel that runs.

    ``ready``: it is there, and a restart has it. ``error``: why it cannot be had.
    """

    ready: bool = False
    error: HeadstartError | None = None


class KernelControl(Protocol):
    """What others may ask of a kernel's session. Does not block."""

    def agree(self) -> None:
        """The user agrees to the header as it is now: have its environment."""

    def cancel(self) -> None:
        """Stop the build, if there is one."""


class KernelStatus(NamedTuple):
    """One kernel, as it is now.

    ``path`` is the notebook's API path, or ``""``; ``request`` is what it asked for when the kernel
    started; ``environment`` and ``layer`` are those that it really runs in, None until it is ready;
    ``note`` says, if that is so, that its notebook was not found;
    ``waiting`` are the cells that wait for it; ``change`` is what came of the last build beside it;
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
    waiting: tuple[WaitingCell, ...] = ()
    change: Change | None = None
    since: float = 0.0


Subscriber = Callable[[KernelStatus], None]
"""Called from any thread, at each change; must not block."""


class StatusBoard:
    """The status of every kernel of this process. Safe between threads."""

    def __init__(self) -> None:
        self._statuses: dict[str, KernelStatus] = {}
        self._controls: dict[str, KernelControl] = {}
        self._subscribers: list[Subscriber] = []
        self._lock = threading.Lock()

    def set(self, status: KernelStatus, control: KernelControl | None = None) -> None:
        """Replace the status of its kernel.

        As long as the state stays the same, ``since`` does.
        """
        with self._lock:
            before = self._statuses.get(status.kernel_id)
            if before is not None and before.state is status.state:
                status = status._replace(since=before.since)
            self._statuses[status.kernel_id] = status
            if control is not None:
                self._controls[status.kernel_id] = control
            subscribers = tuple(self._subscribers)
        # Without the lock: a subscriber may look at the board.
        for subscriber in subscribers:
            subscriber(status)

    def forget(self, kernel_id: str) -> None:
        """The kernel has ended for good."""
        with self._lock:
            self._statuses.pop(kernel_id, None)
            self._controls.pop(kernel_id, None)

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

    def control(self, kernel_id: str) -> KernelControl | None:
        """What a kernel's session can be asked; None if no kernel of ours has that id."""
        with self._lock:
            return self._controls.get(kernel_id)

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
