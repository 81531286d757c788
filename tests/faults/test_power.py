"""The power of loop-mounted disks is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.testing.package_index import LocalIndex
from tests.faults.alone import alone
from tests.faults.disks import missing
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.power import power_cuts

pytestmark = pytest.mark.faults


@pytest.fixture(params=["ext4", "xfs"])
def file_system(request: pytest.FixtureRequest) -> str:
    if reason := missing(request.param):
        pytest.skip(reason)
    return request.param


@pytest.fixture
def index(quick_folder: Path) -> Iterator[str]:
    with LocalIndex(quick_folder / "house") as running:
        yield running.url


def test_after_a_power_cut_environments_are_right(file_system: str, quick_folder: Path) -> None:
    found = alone(
        power_cuts,
        folder=quick_folder,
        file_system=file_system,
        cuts=times(2, 25, 1000),
        seed=1,
    )
    record(f"power cuts, {file_system}", found)
    assert found["violations"] == []
    assert found["survived"] > found["cuts"]


def test_after_a_power_cut_inside_uv_it_is_built_again(file_system, quick_folder, index) -> None:
    found = alone(
        power_cuts,
        folder=quick_folder,
        file_system=file_system,
        cuts=times(2, 25, 1000),
        seed=2,
        index=index,
    )
    record(f"power cuts with the real uv, {file_system}", found)
    assert found["violations"] == []


def test_after_a_power_cut_ephemeral_environments_leave_only_what_is_whole(
    file_system: str, quick_folder: Path
) -> None:
    found = alone(
        power_cuts,
        folder=quick_folder,
        file_system=file_system,
        cuts=times(2, 25, 1000),
        seed=4,
        ephemeral=True,
    )
    record(f"power cuts under ephemeral environments, {file_system}", found)
    assert found["violations"] == []


def test_without_the_sync_ephemeral_environments_lose_what_is_shared(
    file_system: str, quick_folder: Path
) -> None:
    enough = times(1, 20, 200)
    found = alone(
        power_cuts,
        folder=quick_folder,
        file_system=file_system,
        cuts=200,
        seed=5,
        enough=enough,
        ephemeral=True,
        without="sync",
    )
    record(f"control, the same without the sync of what is shared, {file_system}", found)
    assert len(found["violations"]) >= enough


def test_without_the_sync_environments_are_lost(file_system: str, quick_folder: Path) -> None:
    enough = times(1, 20, 200)
    found = alone(
        power_cuts,
        folder=quick_folder,
        file_system=file_system,
        cuts=200,
        seed=3,
        enough=enough,
        without="sync",
    )
    record(f"control, power cuts without the sync, {file_system}", found)
    assert len(found["violations"]) >= enough
