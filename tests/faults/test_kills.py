"""Processes that use the store are killed at random."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.faults.alone import alone, together
from tests.faults.extent import SHARES, times
from tests.faults.figures import record
from tests.faults.kills import kill_at_steps, kill_rounds


def test_three_users_and_a_pruner_killed_at_random_leave_right_environments(quick_folder) -> None:
    rounds = times(10, 1000, 20_000) // SHARES
    calls = [
        partial(alone, kill_rounds, folder=quick_folder / str(n), rounds=rounds, seed=n)
        for n in range(SHARES)
    ]
    found = together(calls)
    record("SIGKILL at random points", found)
    assert found["violations"] == []
    assert found["kills"] >= found["rounds"]
    assert found["survived"] >= found["rounds"]


def test_a_builder_killed_at_each_step_leaves_right_environments(quick_folder: Path) -> None:
    found = alone(kill_at_steps, folder=quick_folder, every=times(23, 1, 1))
    record("SIGKILL before each step of a build", found)
    assert found["violations"] == []
    # Builds do not all take the same number of steps.
    assert found["kills"] > 0.9 * found["steps"] / times(23, 1, 1)


def test_killed_at_some_step_it_leaves_a_wrong_one_without_the_rename(quick_folder: Path) -> None:
    enough = times(1, 20, 20)
    every = times(23, 5, 5)
    found = alone(kill_at_steps, folder=quick_folder, every=every, enough=enough, without="rename")
    record("control, before each step, without the rename", found)
    assert len(found["violations"]) >= enough


def test_killed_at_random_they_leave_wrong_ones_without_the_lease(quick_folder: Path) -> None:
    enough = times(1, 20, 200)
    found = alone(
        kill_rounds, folder=quick_folder, rounds=1000, seed=2, enough=enough, without="lease"
    )
    record("control, without the lease", found)
    assert len(found["violations"]) >= enough
