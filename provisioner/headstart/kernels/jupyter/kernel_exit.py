"""Learn of the end of a kernel's process as soon as it has ended.

Relies on: jupyter_client >= 8.6: the attributes ``process``, ``pid``, ``pgid`` and ``cwd`` of
`LocalProvisioner`, and that its kernel manager awaits ``shutdown_requested``, ``kill`` and ``wait``
before it looks at the process.
Why: jupyter_client looks every 100 ms. Where it awaits a call that returns when the process has
ended, its first look is the last.
Without it: a kernel ends some 100 ms later; without the attributes no kernel starts, for any
provisioner that is a LocalProvisioner.
Noticed by: tests/kernels/jupyter/test_kernel_exit.py
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

if TYPE_CHECKING:
    from ..launch.process_launcher import Process

__all__ = ["PromptProvisioner", "ended"]

FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.02
"""Seconds between two looks, where nothing tells us of an end; the pauses become longer."""

PATIENCE = 1.0
"""Seconds that a kernel may take to end before jupyter_client's own looks go on."""


class PromptProvisioner(LocalProvisioner):
    """A LocalProvisioner that waits for the end of its process without polling."""

    _waited = 0.0
    """Seconds of the shutdown wait time that have passed."""

    def adopt(self, process: Process, cwd: str | None) -> None:
        """Have a process that leads a session, as if `launch_kernel` had started it.

        :param cwd: its working directory; None for this process's.
        """
        # LocalProvisioner has a Popen; what it uses of one is `Process`.
        popen: Any = process
        self.process, self.pid, self.pgid = popen, process.pid, None
        if hasattr(os, "getpgid"):
            # A process that has ended already has no group; waiting for it tells its status.
            with suppress(OSError):
                self.pgid = os.getpgid(process.pid)
        self.cwd = cwd if cwd is not None else Path.cwd()

    async def wait(self) -> int | None:
        """Wait for the end of the process; its exit status."""
        if self.process is not None:
            await ended(self.process)
        status: int | None = await super().wait()
        return status

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait a while for the process, which has been asked to end."""
        await super().shutdown_requested(restart=restart)
        begin = time.monotonic()
        manager: Any = self.parent
        allowed = float(getattr(manager, "shutdown_wait_time", PATIENCE))
        if self.process is not None:
            await ended(self.process, max(0.0, min(PATIENCE, allowed / 4)))
        self._waited = time.monotonic() - begin

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Seconds that the process still has."""
        waited, self._waited = self._waited, 0.0
        return max(0.0, super().get_shutdown_wait_time(recommended) - waited)

    async def kill(self, restart: bool = False) -> None:
        """Kill the process, and its children that are in its group."""
        await super().kill(restart=restart)
        if self.process is not None:
            await ended(self.process, PATIENCE)


async def ended(process: Process, limit: float | None = None) -> bool:
    """Return when a process has ended, or after ``limit`` seconds; whether it has ended.

    `Process.poll` has its exit status then. May be cancelled, and used in any event loop.

    :param limit: None for none.
    """
    began, pause = time.monotonic(), FIRST_PAUSE
    if process.poll() is None:
        await _wait_for_end(process.pid, limit)
    # A zygote tells the exit status of a forked kernel, maybe a moment after its end.
    while process.poll() is None:
        if limit is not None and time.monotonic() - began >= limit:
            return False
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return True


async def _wait_for_end(pid: int, limit: float | None) -> None:
    """Sleep until the system says that a process has ended; do not wait where it cannot say."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux; or it has ended, and was waited for
        return
    loop, has_ended = asyncio.get_running_loop(), asyncio.Event()
    try:
        with suppress(TimeoutError, NotImplementedError):
            # Readable when the process has ended (pidfd_open(2)).
            loop.add_reader(descriptor, has_ended.set)
            await asyncio.wait_for(has_ended.wait(), limit)
    finally:
        with suppress(NotImplementedError):
            loop.remove_reader(descriptor)
        os.close(descriptor)
