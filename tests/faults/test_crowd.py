"""A crowd of processes, and pruners among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.testing.package_index import LocalIndex
from tests.faults.alone import alone
from tests.faults.crowd import eight_environments, one_new_environment, price_of_a_crowd
from tests.faults.extent import times
from tests.faults.figures import record

ONE_BY_ONE = 10
"""A crowd of 64 that takes so many times as long as one has not waited for one build. The budget is
1.3; what it was is said at the end, for a machine that does other things too may not keep it."""


def test_of_a_crowd_one_builds(quick_folder: Path) -> None:
    found = alone(one_new_environment, folder=quick_folder, processes=times(64, 64, 256))
    record("one new environment for all", found)
    assert found["violations"] == []
    assert (found["builds"], found["environments"]) == (1, 1)
    assert found["turns"] <= found["processes"] / 8, "who waits takes what is there"


@pytest.mark.faults
def test_a_crowd_waits_little_longer_than_one(folder: Path) -> None:
    turns = times(1, 5, 15)
    with LocalIndex(folder / "house") as index:
        found = alone(price_of_a_crowd, folder=folder, processes=64, turns=turns, index=index.url)
    record("how long a crowd waits", found)
    assert found["ratio"] < ONE_BY_ONE


def test_what_a_crowd_uses_stays_while_others_prune(quick_folder: Path) -> None:
    found = alone(eight_environments, folder=quick_folder, processes=64, turns=times(2, 40, 400))
    record("eight environments for all, and pruners", found)
    assert found["violations"] == []
    assert found["builds"] >= 8


def test_without_leases_it_does_not_stay(quick_folder: Path) -> None:
    found = alone(
        eight_environments,
        folder=quick_folder,
        processes=64,
        turns=times(2, 40, 40),
        without="lease",
    )
    record("control, eight environments without leases", found)
    assert found["violations"]
