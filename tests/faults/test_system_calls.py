"""System calls fail, one at a time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.faults.alone import alone, together
from tests.faults.extent import SHARES, times
from tests.faults.figures import record
from tests.faults.system_calls import fail_calls


@pytest.mark.usefixtures("strace")
def test_a_failing_call_leaves_right_environments_or_none(quick_folder: Path) -> None:
    every = times(701, 5, 1)

    calls = [
        partial(
            alone,
            fail_calls,
            folder=quick_folder / str(number),
            every=SHARES * every,
            first=number * every,
        )
        for number in range(SHARES)
    ]
    found = together(calls)
    record("failing system calls", found)
    assert found["violations"] == []
    assert found["failed"] > 20


@pytest.mark.usefixtures("strace")
def test_without_regard_for_the_disks_errors_what_may_be_lost_is_published(quick_folder) -> None:
    found = alone(
        fail_calls,
        folder=quick_folder,
        every=1,
        only="build",
        call="syncfs",
        without="errors of the disk",
    )
    record("control, without regard for errors of the disk", found)
    assert len(found["violations"]) == found["failed"] > 0
