"""Random sequences of everything."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.faults.alone import alone, together
from tests.faults.extent import SHARES, times
from tests.faults.figures import record
from tests.faults.sequences import sequences


def test_whatever_happens_what_is_used_stays_and_what_is_found_is_right(quick_folder: Path) -> None:
    examples, length = times(4, 500, 20_000) // SHARES, times(20, 50, 50)
    calls = [
        partial(alone, sequences, folder=quick_folder / str(n), examples=examples, length=length)
        for n in range(SHARES)
    ]
    found = together(calls)
    record("random sequences", found)
    assert found["violations"] == []


def test_without_leases_it_does_not_stay(quick_folder: Path) -> None:
    found = alone(sequences, folder=quick_folder, examples=50, length=50, without="lease")
    record("control, random sequences without leases", found)
    assert found["violations"]
