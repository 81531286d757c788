"""The progress of a build, as values. Server, command line and cell output render them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple


class Phase(StrEnum):
    """The phase of the work between header and kernel."""

    INTERPRETER = "interpreter"
    RESOLVE = "resolve"
    WAIT = "wait"
    DOWNLOAD = "download"
    INSTALL = "install"
    COMPILE = "compile"
    CHECK = "check"
    LAYER = "layer"
    READY = "ready"


class Progress(NamedTuple):
    """One event of a build.

    ``message`` is one short line for people; ``done`` and ``total`` count packages, ``total`` is 0
    while it is unknown; ``size`` is the bytes of the current download, or 0. ``bytes_done`` and
    ``bytes_total`` are those of all downloads, 0 while that is unknown. ``fraction`` says how much
    of the whole is done, from 0 to 1, and never goes back; ``remaining`` is an estimate of the
    seconds until it is ready. Both are None where they are not known.
    """

    phase: Phase
    message: str
    done: int = 0
    total: int = 0
    size: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    fraction: float | None = None
    remaining: float | None = None

    def after(self, before: Progress | None) -> Progress:
        """The event with what was known of the whole before, if it knows nothing of that.

        >>> event = Progress(Phase.CHECK, "A file was mended")
        >>> event.after(Progress(Phase.INSTALL, "Installing", fraction=0.5)).fraction
        0.5
        """
        if before is None or self.fraction is not None:
            return self
        return self._replace(
            bytes_done=before.bytes_done,
            bytes_total=before.bytes_total,
            fraction=before.fraction,
            remaining=before.remaining,
        )

    def to_json(self) -> dict[str, Any]:
        """The event as JSON."""
        return self._asdict()


READY = Progress(Phase.READY, "Ready", fraction=1.0, remaining=0.0)
"""The last event of each build, and the only one where nothing had to be built."""

Reporter = Callable[[Progress], None]
"""A function that is called with each event, from any thread that builds; it must not block."""


def silent(_progress: Progress) -> None:
    """A `Reporter` that ignores all events."""
