"""Folders that something is built in, and who looks at them meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.store import building, unpacking
from headstart.store.building import LOCK, build_folder
from headstart.store.disk.file_locks import try_lock
from headstart.store.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path, locks=True)
    layout.building.mkdir(parents=True)
    return layout


def test_who_counts_builds_makes_no_lock_again_that_was_removed(layout: Layout) -> None:
    with build_folder(layout, unpacking.PARTS) as folder:
        assert unpacking.builders(layout) == 1
        (folder / LOCK).unlink()  # as it does first when it has ended
        assert unpacking.builders(layout) == 0
        assert not (folder / LOCK).exists()
    assert list(layout.building.iterdir()) == []


def test_a_folder_whose_lock_somebody_tried_is_not_left(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def looked_at(path: Path) -> object:
        if not held:
            held.append(try_lock(path))
        return try_lock(path)

    monkeypatch.setattr(building, "try_lock", looked_at)
    with build_folder(layout, "a") as folder:
        assert list(layout.building.iterdir()) == [folder]
