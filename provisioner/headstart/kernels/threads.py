"""Run blocking work beside an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """The result of ``work``, done in a thread of its own.

    Not the loop's executor: a build takes minutes and waits for other builds, and would keep the
    few threads that the loop has for everybody.
    """
    executor = ThreadPoolExecutor(1, "headstart")
    try:
        try:
            result = asyncio.get_running_loop().run_in_executor(executor, work)
        except RuntimeError:
            # A kernel that is shut down by an exit handler: there are no new threads by then.
            return work()
        return await result
    finally:
        executor.shutdown(wait=False)
