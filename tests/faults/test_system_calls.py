"""System calls fail, one at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.faults.alone import alone
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.system_calls import fail_calls

SHARES = 2
"""Processes that share the work."""


@pytest.mark.usefixtures("strace")
def test_a_failing_call_leaves_right_environments_or_none(quick_folder: Path) -> None:
    every = times(701, 11, 1)

    def share(number: int) -> dict[str, Any]:
        folder = quick_folder / str(number)
        return alone(fail_calls, folder=folder, every=SHARES * every, first=number * every)

    with ThreadPoolExecutor(SHARES) as pool:
        found = list(pool.map(share, range(SHARES)))
    failed, wrong = (
        sum(item["failed"] for item in found),
        [x for i in found for x in i["violations"]],
    )
    record(
        "failing system calls", {"calls": found[0]["calls"], "failed": failed, "violations": wrong}
    )
    assert wrong == []
    assert failed > 20


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
