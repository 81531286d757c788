"""Many rounds in one server, some at a time; and what must not be left after them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from headstart import envvars
from tests.browser.jupyter import Server, process_environ, start_server
from tests.faults.races.rounds import RaceIndex, Round
from tests.faults.races.watched import ROUTE
from tests.front_end import request
from tests.zygotes import Zygotes

TOP = Path(__file__).parents[3]

AT_A_TIME = 3
"""Rounds at the same time, which are in each other's way a little."""

LIMIT = 30.0
"""Seconds after which what is left is left for good."""

CONFIGURATION = f"""
import sys
sys.path.insert(0, {str(TOP)!r})
from tests.faults.races import watched
watched.begin()
c.ServerApp.extra_services = ["tests.faults.races.watched"]
c.IOLoopKernelRestarter.time_to_dead = 0.2
"""


@contextmanager
def raced_server(folder: Path, index: RaceIndex, **variables: str) -> Iterator[Server]:
    """A server with Headstart, in which kernels start before what is not agreed to."""
    home, root = folder / "home", folder / "root"
    (home / "config").mkdir(parents=True)
    root.mkdir()
    (home / "config" / "jupyter_server_config.py").write_text(CONFIGURATION)
    more = {
        envvars.STORE: str(folder / "store"),
        envvars.EXTRA_INDEXES: index.url,
        "HEADSTART_TRUST": "run",
        "HEADSTART_ZYGOTE": "on",
        **variables,
    }
    server = start_server("server", root, home, process_environ(**more))
    try:
        yield server
    finally:
        server.stop()


def race(server: Server, index: RaceIndex, folder: Path, count: int, seed: int) -> dict[str, Any]:
    """That many rounds; what was wrong, and how often what was done."""
    return asyncio.run(_race(server, index, folder, count, seed))


def one_round(server: Server, index: RaceIndex, folder: Path, script: Sequence[str]) -> list[str]:
    """What is wrong in a round of certain steps."""
    round_ = Round(server, index, folder, 0)
    asyncio.run(round_.run(0, script))
    return round_.wrong


async def _race(
    server: Server, index: RaceIndex, folder: Path, count: int, seed: int
) -> dict[str, Any]:
    wrong: list[str] = []
    before, told = set[str](), 0
    steps: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for first in range(seed, seed + count, AT_A_TIME):
        seeds = range(first, min(first + AT_A_TIME, seed + count))
        rounds = [Round(server, index, folder, number) for number in seeds]
        await asyncio.gather(*(each.run(each.chance.randint(6, 16)) for each in rounds))
        for each in rounds:
            wrong += each.wrong
            steps.update(each.steps)
            answers.update(each.answers)
        wrong += [f"after rounds {seeds}: {line}" for line in await _left(server, folder, before)]
        # Many rounds take long: who looks on sees what was found so far.
        sys.stderr.write("".join(f"{line}\n" for line in [f"{seeds}", *wrong[told:]]))
        told = len(wrong)
    built = (await request(server, "GET", ROUTE))[1]["published"]
    wrong += [f"{key} was built {n} times" for key, n in Counter(built).items() if n > 1]
    return {"rounds": count, "steps": steps.total(), **answers, "violations": wrong}


async def _left(server: Server, folder: Path, before: set[str]) -> list[str]:
    """What is there when no kernel is.

    :param before: what was left before: it is said once. What is left now is added.
    """
    end = time.monotonic() + LIMIT
    while True:
        found = (await request(server, "GET", ROUTE))[1]
        left = [f"thread {name}" for name in found["threads"]]
        left += [f"status {name}" for name in found["statuses"]]
        left += [f"kernel {name}" for name in found["pids"]]
        left += [f"built in {path}" for path in (folder / "store/v1/building").glob("*")]
        left += [f"lease {path}" for path in _leases(server.process.pid)]
        left += _processes(server.process.pid, Zygotes(folder / "home/run/zygotes").pids())
        left = [each for each in left if each not in before]
        if not left or time.monotonic() > end:
            before.update(left)
            return left + found["wrong"]
        await asyncio.sleep(0.05)


def _leases(pid: int) -> list[str]:
    """Leases of environments that a process holds."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            target = entry.readlink()
            if "leases" in target.parts:
                found.append(str(target))
    return found


def _processes(pid: int, zygotes: Sequence[int]) -> list[str]:
    """A server's processes, without its zygotes and those that wait there to become kernels."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.Error):
            command = process.cmdline()
            of_zygote = {process.pid, process.ppid()} & set(zygotes)
            if not of_zygote and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"process {process.pid} {' '.join(command)[:200]}")
    return found
