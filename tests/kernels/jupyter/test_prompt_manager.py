"""jupyter_client's pauses, which only others' views of a manager need."""

from __future__ import annotations

import asyncio

import pytest
from jupyter_client.manager import AsyncKernelManager

from headstart.kernels.jupyter.prompt_manager import PromptKernelManager


@pytest.mark.parametrize("method", ["start_kernel", "shutdown_kernel"])
def test_jupyter_client_still_wraps_what_is_unwrapped(method: str) -> None:
    stock = getattr(AsyncKernelManager, method)
    assert getattr(PromptKernelManager, method) is stock.__wrapped__


def test_a_kernel_starts_and_ends() -> None:
    async def live() -> list[bool]:
        manager = PromptKernelManager(kernel_name="python3")
        await manager.start_kernel()
        lives = [await manager.is_alive()]
        await manager.shutdown_kernel(now=True)
        return [*lives, await manager.is_alive()]

    assert asyncio.run(live()) == [True, False]
