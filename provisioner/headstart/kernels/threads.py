"""Run blocking work of an event loop in threads, and end it with the process."""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["cancel_all", "in_thread", "start_thread"]

T = TypeVar("T")

_PATIENCE = 2.0
"""Seconds that the process waits at its end for what it has cancelled."""

_running: dict[threading.Thread, Callable[[], object]] = {}
"""The threads that work, each with what cancels it."""


def _nothing() -> None:
    """Cancel work that does not take long."""


async def in_thread(work: Callable[[], T], cancel: Callable[[], object] = _nothing) -> T:
    """The result of ``work``, done in a thread of its own.

    Not in the loop's executor: a build takes minutes and waits for other builds, and would keep
    the few threads that the loop has for all its work. Nor in any other: Python waits for the
    threads of executors when it ends, and a build waits for an index that may never answer.

    :param cancel: makes ``work`` end soon; called by `cancel_all`, and when the process ends.
    """
    return await asyncio.wrap_future(start_thread(work, cancel))


def start_thread(work: Callable[[], T], cancel: Callable[[], object] = _nothing) -> Future[T]:
    """The same where nothing waits for the result, or another thread does."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()
    thread = threading.Thread(target=_work, args=(work, future), name="headstart", daemon=True)
    _running[thread] = cancel
    try:
        thread.start()
    except RuntimeError:
        # A kernel that is shut down by an exit handler: there are no new threads by then.
        _running[threading.current_thread()] = _running.pop(thread)
        _work(work, future)
    return future


def cancel_all() -> None:
    """Cancel all work that runs in threads; does not wait for its end."""
    for cancel in tuple(_running.values()):
        cancel()


def _work(work: Callable[[], T], future: Future[T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001  # raised where the result is waited for
        future.set_exception(error)
    else:
        future.set_result(result)
    finally:
        del _running[threading.current_thread()]


@atexit.register
def _end() -> None:
    """Leave no process behind: a cancelled build takes its uv along."""
    cancel_all()
    limit = time.monotonic() + _PATIENCE
    for thread in tuple(_running):
        thread.join(max(0.0, limit - time.monotonic()))
