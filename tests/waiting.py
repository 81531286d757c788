"""Waiting for something to become true."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT = 240
"""Seconds that anything may take: on a busy machine what takes one may take a minute or two."""


def until(condition: Callable[[], object], said: Callable[[], object] = lambda: "") -> None:
    """Wait for a condition.

    :param said: what may explain that it does not come.
    """
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"The condition did not come true in time. {said()}"
        time.sleep(0.005)
