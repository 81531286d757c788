"""The ways in which a kernel of ours comes to be, and how to have one of them for certain."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

from headstart import envvars
from headstart.kernels.launch.zygote.zygote_launcher import zygote_folder
from tests.benchmarks.clients import Kernel, Running, with_kernel
from tests.benchmarks.rows import CannotMeasure
from tests.zygotes import Zygotes

REST = 0.05
"""Seconds in which nothing in the background may use the processor."""

REST_OF_PARKED = 0.6
"""The same, where the next kernel is parked a moment after one was taken."""

LIMIT = 60.0
"""Seconds that the background has to come to rest, and kernels to be forked."""

ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Launching:
    """One of them: its name, the settings that choose it, and how long it needs to rest."""

    name: str
    environ: Mapping[str, str] = field(hash=False)
    rest: float = REST

    def __str__(self) -> str:
        return self.name


PROCESS = Launching("process", {envvars.ZYGOTE: "off", envvars.PARKED: "0"})
ZYGOTE = Launching("zygote", {envvars.ZYGOTE: "on", envvars.PARKED: "0"})
PARKED = Launching("parked", {envvars.ZYGOTE: "on", envvars.PARKED: "1"}, REST_OF_PARKED)

LAUNCHINGS = (PROCESS, ZYGOTE, PARKED)


def measured(
    kernel: Kernel, launching: Launching, code: str = "1 + 1", *, alone: bool = False
) -> float:
    """Seconds from start_kernel to the reply to the first cell, of a kernel launched like this.

    :param alone: only what that cell takes.
    :raises CannotMeasure: if kernels are not launched like this here.
    """

    async def measure(running: Running) -> tuple[float, str]:
        own = await running.ask(code)
        whole = time.perf_counter() - running.begun
        return own if alone else whole, way_of(running, ready)

    for attempt in range(ATTEMPTS):
        settle()
        ready = initialized()
        seconds, way = with_kernel(kernel, measure)
        if launching is not PROCESS:
            _wait(lambda: bool(zygotes().pids()))
        settle(launching.rest)
        if way == launching.name:
            return seconds
        if attempt:  # the first one of all is always a process
            print(f"  (a kernel was launched as {way}, not {launching}: again)", file=sys.stderr)
    raise CannotMeasure(f"no kernel is launched as {launching} here")


def way_of(running: Running, ready: frozenset[int]) -> str:
    """How a kernel was launched.

    :param ready: pids of those that were initialised before it was wanted.
    """
    if type(running.provisioner.process).__name__ != "ForkedProcess":
        return PROCESS.name
    return (PARKED if running.provisioner.pid in ready else ZYGOTE).name


def initialized() -> frozenset[int]:
    """Pids of zygotes' children with threads: a spare process has none yet."""
    children = [child for pid in zygotes().pids() for child in psutil.Process(pid).children()]
    return frozenset(child.pid for child in children if child.num_threads() > 1)


def settle(rest: float = REST, found: Zygotes | None = None) -> None:
    """Return when zygotes and parked kernels have used no processor for ``rest`` seconds.

    :param found: those of another process; else it is those of this one.
    """
    before = -1.0
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and (now := _used(found or zygotes())) != before:
        before = now
        if now:
            time.sleep(rest)


def zygotes() -> Zygotes:
    """Those that kernels of this process are forked from."""
    folder = zygote_folder()
    if folder is None:
        raise CannotMeasure("there is no private folder for zygotes")
    return Zygotes(folder)


def _used(found: Zygotes) -> float:
    """Processor time of the zygotes and their children, in seconds, and how many they are."""
    total = 0.0
    for pid in found.pids():
        try:
            zygote = psutil.Process(pid)
            times = [one.cpu_times() for one in (zygote, *zygote.children(recursive=True))]
        except psutil.NoSuchProcess:
            continue
        total += len(times) + sum(one.user + one.system for one in times)
    return total


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT
    while not condition() and time.monotonic() < end:
        time.sleep(REST)
