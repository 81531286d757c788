"""The events of getting an environment, as values. Server, command line and cell render them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple


class Phase(StrEnum):
    """Where on the line from header to kernel the work is."""

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

    ``message`` is one short line for people; ``done`` of ``total`` count packages, ``total`` is 0
    while it is unknown; ``size`` is the bytes of the download in hand, or 0.
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
"""Whoever wants to hear of progress. Called from the thread that builds; must not block."""


def silent(_progress: Progress) -> None:
    """A `Reporter` that hears nothing."""
