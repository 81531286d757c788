"""How long a row may take, and folders to work in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.extent import LEVEL, SECONDS
from tests.isolation import PREFIX, remove_tree

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.timeout(SECONDS))
    left_out = [item for item in ours if LEVEL == "quick" and item.get_closest_marker("faults")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: for rows that are not about disks."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    yield folder
    remove_tree(folder)


@pytest.fixture
def folder(store_root: Path) -> Path:
    """A folder on the disk that temporary files are on."""
    return store_root


@pytest.fixture(scope="session")
def strace() -> str:
    """Path of strace. Where there is none, a laptop skips the test and CI fails it."""
    found = shutil.which("strace")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("strace is not installed.")
    return found
