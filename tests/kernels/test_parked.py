"""Kernels that were initialised before anybody wanted them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.kernels.forked import ForkedProcess
from tests.clients.drive import until
from tests.kernels.test_zygotes import kernel
from tests.zygotes import Zygotes

pytestmark = pytest.mark.real_index


@pytest.fixture(autouse=True)
def store(shared_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(envvars.STORE, str(shared_store))
    monkeypatch.setenv(envvars.PARKED, "1")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def children(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def waits_for_a_request(pid: int) -> bool:
    """Whether the main thread reads from a Unix socket, which kernels never do."""
    try:
        return Path(f"/proc/{pid}/wchan").read_text().startswith("unix_stream")
    except OSError:
        return False


def parked(zygote: int, others: Iterable[int] = ()) -> int:
    """The kernel that a zygote has ready, once there is one."""
    found: list[int] = []

    def look() -> bool:
        found[:] = filter(waits_for_a_request, children(zygote) - set(others))
        return bool(found)

    until(look, 60)
    return found[0]


async def first_parked(zygotes: Zygotes) -> int:
    """The kernel that is parked after a first one was forked."""
    async with kernel():
        zygote = zygotes.wait()
        async with kernel() as forked:
            assert isinstance(forked.process, ForkedProcess), zygotes.said()
            return parked(zygote)


def run(work: Callable[[], Any]) -> None:
    asyncio.run(work())


def test_the_kernel_after_the_first_forked_one_was_parked(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        async with kernel() as ours:
            assert ours.process.pid == pid, zygotes.said()
            assert await ours.ask("__import__('os').getpid()") == pid

    run(work)
