"""Forked kernels leave nothing behind, and a killed zygote takes none of them along."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from tests.faults.extent import times
from tests.faults.figures import record
from tests.kernels.forks import Forks
from tests.waiting import until
from tests.zygotes import Zygotes, children, is_spare, kill

SETTLED = 20
"""Kernels after which whatever is made only once has been made."""

MEMORY = 2 << 20
"""Bytes that may come on top of it."""


@pytest.fixture
def forks(zygotes: Zygotes, store_root: Path) -> Iterator[Forks]:
    forks = Forks(store_root, zygotes)
    yield forks
    forks.end()


def held(pid: int) -> tuple[int, int]:
    """Descriptors and children of a process."""
    process = psutil.Process(pid)
    return process.num_fds(), len(process.children())


def memory(pid: int) -> int:
    """Bytes that are a process's own."""
    return int(psutil.Process(pid).memory_full_info().uss)


def run_kernels(forks: Forks, count: int) -> None:
    """Fork kernels, one after the other, and end each."""
    for _ in range(count):
        process = forks.launch()
        assert isinstance(process, ForkedProcess), forks.zygotes.said()
        process.kill()
        assert process.wait(60) == -9
        forks.started.remove(process)
        for path in forks.folder.iterdir():
            path.unlink()


def test_kernels_leave_nothing_in_zygote_and_client(forks: Forks) -> None:
    count, me = times(30, 1000, 20_000), os.getpid()
    forks.launch().kill()
    zygote = forks.zygotes.wait()
    run_kernels(forks, SETTLED)
    # For the next kernel there is a process, and a connection to it.
    until(lambda: any(map(is_spare, children(zygote))))
    idle = held(zygote)
    assert idle[1] == 1
    before = {pid: memory(pid) for pid in (zygote, me)}
    mine = held(me)
    run_kernels(forks, count)
    until(lambda: held(zygote) == idle)
    assert held(me) == mine
    grown = {pid: memory(pid) - before[pid] for pid in (zygote, me)}
    record("kernels one after the other", {"kernels": count, "zygote": grown[zygote]})
    assert grown[zygote] < MEMORY
    assert grown[me] < 2 * MEMORY
    assert forks.zygotes.pids() == [zygote]


def kernels_in(folder: Path) -> list[int]:
    """Processes that work in a folder, as kernels do that were started for it."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def test_a_zygote_that_is_killed_at_any_moment_costs_no_kernel(forks: Forks) -> None:
    """And there are never two for one connection file, which would both answer."""
    chance, count, plain = random.Random(3), times(6, 60, 2_000), 0
    for _ in range(count):
        forks.launch().kill()
        zygote = forks.zygotes.wait()
        forks.end()
        killer = threading.Timer(chance.uniform(0, 0.06), kill, [zygote])
        killer.start()
        process = forks.launch()
        killer.join()
        plain += not isinstance(process, ForkedProcess)
        assert forks.ask("", "__import__('os').getpid()") == process.pid
        assert kernels_in(forks.folder) == [process.pid]
        forks.end()
        forks.started.clear()
    record("zygotes killed while a kernel starts", {"kernels": count, "plain starts": plain})
