"""Progress on a terminal: one line on standard error that changes, and nothing elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.status import Status

    from ..core.progress import Progress


from ..printable import printable

_SOON = 2.0
"""Seconds; of less it is not said how long it takes."""


class ProgressLine:
    """A context manager; within it, `report` and `say` change the line. Safe between threads."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            # Only here: without a terminal, in a pipe or a log, its import is not needed.
            from rich.console import Console

            self._status = Console(stderr=True).status("")
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def report(self, progress: Progress) -> None:
        """Show how far a build is."""
        self.say(line_of(progress))

    def say(self, text: str) -> None:
        """Show a text."""
        if self._status is not None:
            from rich.text import Text

            # A Text: in a string rich would read words in brackets as its markup.
            self._status.update(Text(printable(text)))


def line_of(progress: Progress) -> str:
    """An event of a build as one line: ``Downloading numpy (16.2 MiB), 3 of 12``."""
    counted = f", {progress.done} of {progress.total}" if progress.total > progress.done else ""
    remaining = progress.remaining or 0.0
    left = f", about {_time(remaining)} left" if remaining >= _SOON else ""
    return f"{progress.message}{counted}{left}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
