"""How much is done: a little in every run, more by `make faults`, all by `make faults LONG=1`."""

from __future__ import annotations

import os

LEVELS = ("quick", "bounded", "long")
LEVEL = os.environ.get("FAULTS", "quick")
"""``quick`` is part of `make test`; ``bounded`` takes minutes; ``long`` takes a night."""

SECONDS = {"quick": 600, "bounded": 900, "long": 86_400}[LEVEL]
"""After which a test is given up."""

SHARES = 2
"""Processes that share a row's work, where one of them cannot use two processors."""


def times(quick: int, bounded: int, long: int) -> int:
    """The number for this run."""
    return dict(zip(LEVELS, (quick, bounded, long), strict=True))[LEVEL]
