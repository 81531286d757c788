"""Prune the store in the background, and check it: after a build, at most once an hour.

In a process of its own with the lowest priority, which outlives whoever started it. It waits a
moment first: a kernel is starting, other notebooks may be about to build, and where large trees
were just deleted a build is several times slower.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

from ...errors import HeadstartError
from ...settings import Settings, environ_of, read_settings

__all__ = ["detach", "start_pruning"]

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
    from ...store.upkeep import Upkeep

    try:
        upkeep = Upkeep(settings.store)
        if upkeep.is_due(INTERVAL):
            # At once, or every build of the next seconds would start a process.
            upkeep.note_pruned("begun")
            detach([sys.executable, "-P", "-m", __name__, str(delay)], environ_of(settings))
    except (HeadstartError, OSError) as error:
        logger.warning("The store is not pruned in the background: %s", error)


def detach(command: list[str], environ: dict[str, str]) -> None:
    """Start a process that leaves its parent by itself; see `main`."""
    nothing = subprocess.DEVNULL
    subprocess.run(
        command,
        env=environ,
        cwd="/",
        stdin=nothing,
        stdout=nothing,
        stderr=nothing,
        start_new_session=True,
        check=False,
    )


def main(delay: float) -> None:
    """Prune in a child of this process, while this one ends: the child is nobody's then.

    Its end is noted in the store, for nobody reads its output.
    """
    if os.fork() != 0:
        return
    os.nice(19)
    time.sleep(delay)
    _prune(read_settings())


def _prune(settings: Settings) -> None:
    """Prune, then check a little of what is left: every hour some more of it."""
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
