"""Kernels that are forked: how they start, answer and end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from headstart import envvars
from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from tests.clients.drive import alive
from tests.waiting import until
from tests.zygotes import Zygotes, kill

from ...forks import answer

pytestmark = pytest.mark.real_index


@pytest.fixture(autouse=True)
def store(shared_store: Path, monkeypatch) -> None:
    monkeypatch.setenv(envvars.STORE, str(shared_store))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


class Kernel:
    """A kernel, and a client of it."""

    def __init__(self, manager: AsyncKernelManager) -> None:
        self.manager = manager
        self.client = manager.client()

    @property
    def process(self) -> Any:
        return self.manager.provisioner.process

    async def ask(self, expression: str) -> Any:
        """The value of an expression, as it prints."""
        return await answer(self.client, "pass", expression)


@asynccontextmanager
async def kernel(**options: Any) -> AsyncIterator[Kernel]:
    """A kernel in the empty environment."""
    manager = AsyncKernelManager(kernel_name="headstart")
    await manager.start_kernel(**options)
    kernel = Kernel(manager)
    kernel.client.start_channels(stdin=False, hb=False)
    try:
        yield kernel
    finally:
        kernel.client.stop_channels()
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
        else:
            await manager.cleanup_resources()


@asynccontextmanager
async def forked(zygotes: Zygotes, **options: Any) -> AsyncIterator[Kernel]:
    """A kernel that a zygote has forked, which is started first if there is none."""
    if not zygotes.pids():
        async with kernel():
            zygotes.wait()
    async with kernel(**options) as ours:
        assert isinstance(ours.process, ForkedProcess), zygotes.said()
        yield ours


def test_the_first_kernel_is_a_process_and_the_next_one_is_forked(zygotes: Zygotes) -> None:
    async def run() -> None:
        async with kernel() as first:
            assert not isinstance(first.process, ForkedProcess)
            zygote = zygotes.wait()
            async with kernel() as second:
                assert isinstance(second.process, ForkedProcess)
                assert await second.ask("__import__('os').getppid()") == zygote
                assert await first.ask("1 + 1") == 2

    asyncio.run(run())


def test_a_killed_zygote_costs_a_plain_start_and_no_kernel(zygotes: Zygotes) -> None:
    async def run() -> None:
        async with forked(zygotes) as before:
            kill(zygotes.pids()[0])
            async with kernel() as after:
                assert not isinstance(after.process, ForkedProcess)
            assert await before.ask("1 + 1") == 2
            assert before.process.poll() is None

    asyncio.run(run())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_client_learns_how_a_kernel_ended(zygotes: Zygotes, number: int) -> None:
    async def run() -> None:
        async with forked(zygotes) as ours:
            process = ours.process
            os.kill(process.pid, number)
            until(lambda: process.poll() is not None)
            assert process.poll() == process.wait() == -number
            assert not alive(process.pid)

    asyncio.run(run())
