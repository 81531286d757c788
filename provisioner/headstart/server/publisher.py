"""Emit the status board's changes as Jupyter events: on the loop, rarely, without secrets."""

from __future__ import annotations

import re
from typing import Any, Protocol

from tornado.ioloop import IOLoop

from ..core.plan import KernelState
from ..kernels.status import KernelStatus
from ..printable import printable

SCHEMA = "https://schema.jupyter.org/headstart/environment/v1"

# Whatever has a slash: a URL may hold a password, and a path tells about the server.
_LOCATION = re.compile(r"\S*/\S*")

INTERVAL = 0.2
"""Seconds between two events of progress of one kernel."""


class Logger(Protocol):
    """The part of Jupyter's event logger that the publisher uses."""

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> Any:
        """Emit an event to all listeners."""
        ...


class Publisher:
    """Emits an event at each change of a kernel's state, and on progress.

    Of changes that come faster than `INTERVAL` the latest is emitted at the end of the interval.

    :param logger: the server's event logger; it is used on the loop only.
    :param loop: the server's loop.
    """

    def __init__(self, logger: Logger, loop: IOLoop) -> None:
        self._logger = logger
        self._loop = loop
        self._emitted: dict[str, tuple[KernelState, float]] = {}
        self._waiting: dict[str, KernelStatus] = {}

    def notify(self, status: KernelStatus) -> None:
        """Emit a status, or the latest of several. May be called from any thread."""
        # The one method of the loop that other threads may call (tornado's IOLoop).
        self._loop.add_callback(self._take, status)

    def _take(self, status: KernelStatus) -> None:
        kernel_id = status.kernel_id
        state, at = self._emitted.get(kernel_id, (None, 0.0))
        rest = at + INTERVAL - self._loop.time()
        if status.state != state or status.progress is None or rest <= 0:
            self._emit(status)
        else:
            if kernel_id not in self._waiting:
                self._loop.call_later(rest, self._take_waiting, kernel_id)
            self._waiting[kernel_id] = status

    def _take_waiting(self, kernel_id: str) -> None:
        status = self._waiting.pop(kernel_id, None)
        if status is not None:
            self._take(status)

    def _emit(self, status: KernelStatus) -> None:
        """Emit, and drop an older status that still waits."""
        self._waiting.pop(status.kernel_id, None)
        # What is older makes no difference; else a kernel that ends during a build, which emits
        # nothing, would leave an entry.
        now = self._loop.time()
        self._emitted = {
            kernel_id: last for kernel_id, last in self._emitted.items() if now < last[1] + INTERVAL
        }
        if status.state in (KernelState.BUILDING, KernelState.CHANGING):
            self._emitted[status.kernel_id] = (status.state, now)
        else:
            self._emitted.pop(status.kernel_id, None)
        self._logger.emit(schema_id=SCHEMA, data=event_of(status))


def event_of(status: KernelStatus) -> dict[str, Any]:
    """The event's data, without what only the kernel's owner may know.

    Of an error only the code is included: its message may name an index. URLs and paths are removed
    from the progress.
    """
    progress = status.progress
    message = printable(_LOCATION.sub("…", progress.message)) if progress else ""
    return {
        "path": status.path,
        "kernel_id": status.kernel_id,
        "state": status.state.value,
        "phase": progress.phase.value if progress else "",
        "message": status.error.code if status.error else message,
        "done": progress.done if progress else 0,
        "total": progress.total if progress else 0,
        "size": progress.size if progress else 0,
        "bytes_done": progress.bytes_done if progress else 0,
        "bytes_total": progress.bytes_total if progress else 0,
        "fraction": progress.fraction if progress else None,
        "remaining": progress.remaining if progress else None,
        "waiting": [cell._asdict() for cell in status.waiting],
    }
