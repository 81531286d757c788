"""The real uv is killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.testing.package_index import LocalIndex
from tests.faults.alone import alone
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.uv_kills import in_place, uv_kills


@pytest.fixture
def index(folder: Path) -> Iterator[str]:
    with LocalIndex(folder / "house") as running:
        yield running.url


def test_after_uv_was_killed_the_same_is_built_again(folder: Path, index: str) -> None:
    found = alone(uv_kills, folder=folder, index=index, wanted=times(2, 60, 1000), seed=1)
    record("SIGKILL inside uv", found)
    assert found["violations"] == []
    assert found["kills"] == times(2, 60, 1000)


@pytest.mark.faults
def test_uv_again_where_it_was_killed_leaves_wrong_environments(folder: Path, index: str) -> None:
    enough = times(1, 5, 50)
    found = alone(in_place, folder=folder, index=index, rounds=500, seed=2, enough=enough)
    record("control, uv again in the same folder", found)
    assert len(found["violations"]) + found["stuck"] >= enough
