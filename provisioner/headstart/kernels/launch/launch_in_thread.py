"""Launch a kernel in a thread, while the event loop goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..threads import in_thread
from .process_launcher import Process

__all__ = ["launched"]


async def launched(launch: Callable[[], Process]) -> Process:
    """The process that ``launch`` starts, which may wait for it.

    A process that starts when its client has given up is killed, for no client would end it.
    """
    processes: list[Process] = []
    lock, given_up = threading.Lock(), threading.Event()

    def work() -> Process:
        process = launch()
        with lock:
            processes.append(process)
            if given_up.is_set():
                _kill(processes)
        return process

    try:
        return await in_thread(work)
    except BaseException:
        with lock:
            given_up.set()
            _kill(processes)
        raise


def _kill(processes: list[Process]) -> None:
    for process in processes:
        process.send_signal(9)  # Windows has no signal.SIGKILL
        process.wait()
