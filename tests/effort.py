"""How much work a call is: in units of a fixed piece of work, measured beside it.

A machine that is slow, or busy with other things, is so for both. Seconds would say more of the
machine than of the call.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

__all__ = ["effort"]


def effort(work: Callable[[], object], rounds: int = 3) -> float:
    """The processor's time that ``work`` takes, in units: some 4 ms on a machine of today.

    :param rounds: the least of so many counts.
    """
    enabled = gc.isenabled()
    gc.disable()  # it looks at all that the tests before have left, again and again
    try:
        return min(_seconds(work) / _seconds(_unit) for _ in range(rounds))
    finally:
        if enabled:
            gc.enable()


def _seconds(work: Callable[[], object]) -> float:
    begin = time.thread_time()
    work()
    return time.thread_time() - begin


def _unit() -> int:
    count = 0
    for number in range(100_000):
        count += number & 1
    return count
