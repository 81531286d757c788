"""Files of environments are damaged."""

from __future__ import annotations

from pathlib import Path

from tests.faults.alone import alone
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.tampering import tamper_rounds


def test_the_full_check_finds_every_damage_and_the_next_build_mends_it(quick_folder: Path) -> None:
    found = alone(tamper_rounds, folder=quick_folder, rounds=times(20, 500, 10_000), seed=1)
    record("one file damaged", found)
    assert found["missed"] == []
    assert found["violations"] == []
    assert found["rebuilt"] == found["rounds"]


def test_where_nothing_is_discarded_what_is_damaged_is_used(quick_folder: Path) -> None:
    found = alone(tamper_rounds, folder=quick_folder, rounds=20, seed=2, without="discard")
    record("control, one file damaged, nothing discarded", found)
    assert found["violations"]
