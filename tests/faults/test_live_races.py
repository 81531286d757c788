"""Kernels of a server whose environments come after them, and everything at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.header.spec import EMPTY_SPEC
from headstart.environments.context import open_context
from headstart.environments.ready import ensure
from headstart.settings import read_settings
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.races.drive import race, raced_server
from tests.faults.races.rounds import RaceIndex

pytestmark = pytest.mark.real_index


@pytest.fixture
def raced(folder: Path) -> Path:
    """A folder with a store that has a kernel layer, and one with wheels."""
    settings = replace(read_settings(), store=folder / "store")
    ensure(EMPTY_SPEC, open_context(settings)).close()
    (folder / "house").mkdir()
    return folder


@pytest.fixture
def index(raced: Path) -> Iterator[RaceIndex]:
    with RaceIndex(raced / "house") as index:
        yield index


def test_every_cell_is_answered_once_and_nothing_is_left(raced: Path, index: RaceIndex) -> None:
    with raced_server(raced, index) as server:
        found = race(
            server,
            index,
            raced,
            count=times(int(__import__("os").environ.get("N", "24")), 500, 5000),
            seed=int(__import__("os").environ.get("SEED", "1")),
        )
    record("races of kernels and their environments", found)
    assert found["violations"] == []
