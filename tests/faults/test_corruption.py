"""Files of the store, and lock files, are changed at random."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.faults.alone import alone, together
from tests.faults.corruption import corrupt_rounds
from tests.faults.extent import SHARES, times
from tests.faults.figures import record

ENOUGH = 20
"""Wrong starts after which nothing more is tried."""


def test_whatever_is_changed_each_start_gives_the_right_environment(quick_folder: Path) -> None:
    given = {"rounds": times(40, 1000, 20_000) // SHARES, "kinds": [], "enough": ENOUGH}
    calls = [
        partial(alone, corrupt_rounds, folder=quick_folder / str(number), seed=number, **given)
        for number in range(SHARES)
    ]
    found = together(calls)
    record("one file of the store or a lock changed", found)
    assert found["violations"] == []


def test_without_their_digests_what_is_remembered_is_believed(quick_folder: Path) -> None:
    given = {"rounds": 500, "seed": 3, "kinds": ["remembered"], "enough": times(1, ENOUGH, ENOUGH)}
    found = alone(corrupt_rounds, folder=quick_folder, without="digests", **given)
    record("control, what is remembered changed, without its digest", found)
    assert found["violations"]
