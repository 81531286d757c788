"""Prune the store in the background, and check it: after a build, at most once an hour.

In a process of its own with the lowest priority, which outlives the process that starts it. It
waits a moment first: a kernel is starting, other notebooks may be about to build, and where large
trees were just deleted a build is several times slower.
"""

from __future__ import annotations

import logging
import sys

from ...errors import HeadstartError
from ...settings import Settings, read_settings
from .background import leave_parent, start_in_background

__all__ = ["start_pruning"]

logger = logging.getLogger(__name__)

INTERVAL = 3600.0
"""Seconds between two times that the store is pruned by itself."""

DELAY = 20.0
"""Seconds that the process waits before it begins."""

CHECKING = 10.0
"""Seconds that it reads files afterwards, to see whether they are as they were installed."""


def start_pruning(settings: Settings, delay: float = DELAY) -> None:
    """Start such a process if it is time and the settings allow it; takes 50 ms. Never raises."""
    if not settings.auto_prune:
        return
    # A server imports this module, and needs the rest after a build only.
    from ...store.upkeep import Upkeep

    try:
        upkeep = Upkeep(settings.store)
        if upkeep.is_due(INTERVAL):
            # Now and not when it is done: else every build of the next seconds starts a process.
            upkeep.note_pruned("begun")
            start_in_background(__name__, str(delay), settings=settings)
    except (HeadstartError, OSError) as error:
        logger.warning("The store is not pruned in the background: %s", error)


def main(delay: float) -> None:
    """Prune; the result is noted in the store, for this process has no output."""
    if leave_parent(delay):
        _prune(read_settings())


def _prune(settings: Settings) -> None:
    """Prune, then check a little of what is left: every hour some more of it."""
    # Only in the process in the background.
    from ...store.upkeep import Upkeep
    from ...store.verify_all import verify_some
    from ..context import open_context
    from .gc import prune, why_not_more

    upkeep, context = Upkeep(settings.store), open_context(settings)
    if not upkeep.is_due(0):  # the store was deleted meanwhile
        return
    turn = upkeep.take_turn()
    if turn is None:
        return
    with turn:
        try:
            pruning = prune(context).pruning
            damaged = verify_some(context.store, CHECKING)
        except Exception as error:
            upkeep.note_pruned(f"{type(error).__name__}: {error}")
            raise
        done = f"{len(pruning.removals)} removed, {len(damaged)} found damaged"
        upkeep.note_pruned("; ".join(filter(None, (done, why_not_more(pruning)))))


if __name__ == "__main__":
    main(float(sys.argv[1]))
