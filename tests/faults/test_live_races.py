"""Kernels of a server whose environments come after them, and everything at any moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart import envvars
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.races.drive import one_round, race, raced_server
from tests.faults.races.rounds import RaceIndex

STEPS = ["hold", "run_cell", "run_cell", "release"]

DROPS_A_CELL = """
import sys, threading

class Finder:
    def find_spec(self, name, path, target=None):
        if name == "headstart_kernel.waiting.waiting_kernel":
            from headstart_kernel.waiting.waiting_cells import WaitingCells
            take = WaitingCells.take
            WaitingCells.take = lambda *arguments: take(*arguments)[:1]

sys.meta_path.insert(0, Finder())
"""

pytestmark = pytest.mark.real_index


@pytest.fixture
def raced(folder: Path, shared_layer: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one for wheels, and room for a store; the kernel layer is in a system's."""
    monkeypatch.setenv(envvars.SYSTEM_STORE, str(shared_layer))
    (folder / "house").mkdir()
    return folder


@pytest.fixture
def index(raced: Path) -> Iterator[RaceIndex]:
    with RaceIndex(raced / "house") as index:
        yield index


def test_every_cell_is_answered_once_and_nothing_is_left(raced: Path, index: RaceIndex) -> None:
    with raced_server(raced, index) as server:
        seed = int(os.environ.get("SEED", "1"))  # to try others, or one round again
        found = race(server, index, raced, count=times(4, 500, 5000), seed=seed)
    record("races of kernels and their environments", found)
    assert found["violations"] == []


def test_a_kernel_that_drops_a_cell_is_found_out(raced: Path, index: RaceIndex) -> None:
    (raced / "sitecustomize.py").write_text(DROPS_A_CELL)
    variables = {"PYTHONPATH": str(raced), "HEADSTART_ZYGOTE": "off"}
    with raced_server(raced, index, **variables) as server:
        found = one_round(server, index, raced, STEPS)
    record("control, kernels that drop a cell", {"violations": found})
    assert "not answered" in found[0]
