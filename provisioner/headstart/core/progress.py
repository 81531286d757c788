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
    CHECK = "check"
    LAYER = "layer"
    READY = "ready"


class Progress(NamedTuple):
    """One event of a build.

    ``message`` is one short line for people; ``done`` and ``total`` count packages, ``total`` is 0
    while it is unknown; ``size`` is the bytes of the current download, or 0.
    """

    phase: Phase
    message: str
    done: int = 0
    total: int = 0
    size: int = 0

    def to_json(self) -> dict[str, Any]:
        """The event as JSON."""
        return self._asdict()


Reporter = Callable[[Progress], None]
"""A function that is called with each event, in the thread that builds; it must not block."""


def silent(_progress: Progress) -> None:
    """A `Reporter` that ignores all events."""
