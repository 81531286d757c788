"""A kernel's end is known at once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.manager import AsyncKernelManager

from headstart.kernels.jupyter.kernel_exit import PromptProvisioner, ended

ENDLESS = "print(flush=True); import time; time.sleep(600)"


def child(code: str) -> subprocess.Popen[bytes]:
    """A Python that runs ``code``, in a group of its own, once it has said a word."""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    return process


def provisioner_of(process: subprocess.Popen[bytes], **traits: float) -> PromptProvisioner:
    manager = AsyncKernelManager(**traits)
    provisioner = PromptProvisioner(kernel_id="k", kernel_spec=None, parent=manager)
    provisioner.process, provisioner.pgid = process, process.pid
    return provisioner


def open_descriptors() -> int:
    """How many this process has; 0 where that cannot be seen."""
    return len(list(Path("/proc/self/fd").glob("*")))


class Unknown:
    """A process that the system tells nothing of; it ends when it was asked five times."""

    pid = 2**22 + 1  # above the highest that Linux gives
    asked = 0

    def poll(self) -> int | None:
        self.asked += 1
        return 3 if self.asked > 5 else None


def test_a_killed_process_has_ended_when_the_call_returns() -> None:
    process = child(ENDLESS)
    provisioner = provisioner_of(process)

    asyncio.run(provisioner.kill())

    assert process.returncode == -signal.SIGKILL
    assert asyncio.run(provisioner.wait()) == -signal.SIGKILL
    assert not provisioner.has_process


def test_a_process_that_does_not_end_in_time_is_still_there() -> None:
    process = child(ENDLESS)
    try:
        assert not asyncio.run(ended(process, 0.05))
        assert process.poll() is None
    finally:
        process.kill()
    assert asyncio.run(ended(process, 30))


def test_where_the_system_does_not_tell_the_process_is_asked() -> None:
    process = Unknown()
    assert asyncio.run(ended(process))  # type: ignore[arg-type]  # all that is asked of it
    assert process.asked == 6


def test_what_is_waited_for_politely_counts() -> None:
    process = child(ENDLESS)
    provisioner = provisioner_of(process, shutdown_wait_time=0.4)
    try:
        asyncio.run(provisioner.shutdown_requested())
        assert 0.1 <= 0.4 - provisioner.get_shutdown_wait_time(0.4) < 0.4
        assert provisioner.get_shutdown_wait_time(0.4) == 0.4, "it counts once"
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_a_process_that_ended_long_ago_is_waited_for_without_a_loop() -> None:
    process = child("print(flush=True); raise SystemExit(7)")
    process.wait()
    assert asyncio.run(provisioner_of(process).wait()) == 7


@pytest.mark.parametrize("given_up", [False, True])
def test_no_descriptor_is_left_open(given_up: bool) -> None:
    process = child(ENDLESS)

    async def wait() -> None:
        if not given_up:
            process.kill()
        waiting = asyncio.ensure_future(ended(process))
        done, _ = await asyncio.wait([waiting], timeout=0.05 if given_up else 30)
        assert bool(done) is not given_up
        waiting.cancel()

    before = open_descriptors()
    asyncio.run(wait())
    after = open_descriptors()
    process.kill()
    process.wait()
    assert after == before


def test_a_process_that_was_started_elsewhere_is_as_one_of_jupyters() -> None:
    """What `adopt` sets is what LocalProvisioner's own launch does."""
    manager = AsyncKernelManager()
    ours, stock = (
        PromptProvisioner(kernel_id="k", kernel_spec=None, parent=manager) for _ in range(2)
    )
    stock.connection_info = {}
    asyncio.run(stock.launch_kernel([sys.executable, "-c", ENDLESS], cwd="/"))
    ours.adopt(stock.process, "/")
    for name in ("process", "pid", "pgid", "cwd"):
        assert getattr(ours, name) == getattr(stock, name)
    asyncio.run(stock.kill())
    asyncio.run(stock.wait())
