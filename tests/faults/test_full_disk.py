"""Disks that are full."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.testing.package_index import LocalIndex
from tests.faults.alone import alone
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.full_disk import full_disks


@pytest.mark.faults
@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can mount a disk.")
def test_on_a_full_disk_there_is_an_error_and_with_more_room_an_environment(folder: Path) -> None:
    with LocalIndex(folder / "house") as index:
        disks = times(2, 20, 200)
        found = alone(full_disks, folder=folder, index=index.url, disks=disks)
    record("full disks", found)
    assert found["violations"] == []
    assert found["unclear"] == []
    assert 0 < found["refused"] < found["disks"]
