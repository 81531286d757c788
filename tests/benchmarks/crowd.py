"""Many kernels: one after the other, at once, and what one more takes of the memory."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from tests.benchmarks.clients import Kernel, Running, started, variables, with_kernel
from tests.benchmarks.launchings import PROCESS, ZYGOTE, Launching, measured, settle
from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import CannotMeasure, Line, Missing, Plan, Row
from tests.benchmarks.workbench import Workbench

TITLE = "Many kernels"

LIMIT = 60.0
"""Seconds after which a kernel that has not answered is lost."""


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """Compare forked kernels, which are the default, with plain ones; and processes too."""
    notebook = bench.notebook(plan.packages, cell="1 + 1")
    bench.theirs(notebook)
    launchings, missing = [PROCESS], list[Line]()
    try:
        measured(bench.ours(notebook, ZYGOTE), ZYGOTE)
    except CannotMeasure as reason:
        missing.append(Missing("many kernels, zygote", str(reason)))
    else:
        launchings.append(ZYGOTE)
    return [
        *_in_a_row(bench, plan, notebook, launchings),
        *_at_once(bench, plan, notebook, launchings),
        *_memory(bench, plan, notebook, launchings),
        *missing,
    ]


def _in_a_row(
    bench: Workbench, plan: Plan, notebook: Path, launchings: list[Launching]
) -> Iterator[Line]:
    plain = "stock nbclient, plain kernels"
    contenders: dict[str, Callable[[], float]] = {
        plain: lambda: _execute(bench.theirs(notebook, "tcp"), plan.notebooks)
    }
    for launching in launchings:
        ours = bench.ours(notebook, launching)
        contenders[f"unmodified nbclient, {launching}"] = lambda ours=ours: _execute(
            ours, plan.notebooks
        )
        contenders[f"`headstart run`, {launching}"] = lambda ours=ours: _run_verb(
            bench, ours, plan.notebooks
        )
    samples = by_turns(contenders, plan.few, min(plan.warm_up, 1))
    budgets = {
        f"unmodified nbclient, {ZYGOTE}": (0.5, 0.4),
        f"`headstart run`, {ZYGOTE}": (0.15, 0.1),
    }
    theirs = samples.pop(plain)
    for name, sample in samples.items():
        budget, stretch = budgets.get(name, (None, None))
        yield Row(
            f"{plan.notebooks} trivial notebooks in a row, {name}",
            *(sample, f"{plain}, over tcp", theirs, budget, stretch),
        )


def _execute(kernel: Kernel, notebooks: int) -> float:
    """Run a notebook many times as anybody would."""
    settle()
    documents = [nbformat.read(kernel.notebook, as_version=4) for _ in range(notebooks)]
    resources = {"metadata": {"path": str(kernel.notebook.parent)}}
    begin = time.perf_counter()
    with variables(kernel.environ):
        for document in documents:
            NotebookClient(document, kernel_name=kernel.spec, resources=resources).execute(
                stderr=subprocess.DEVNULL
            )
    return time.perf_counter() - begin


def _run_verb(bench: Workbench, kernel: Kernel, notebooks: int) -> float:
    """The same with one call of the command line, its own start included."""
    folder = bench.path("run")
    folder.mkdir()
    for number in range(notebooks):
        (folder / f"{number}.ipynb").write_bytes(kernel.notebook.read_bytes())
    command = [sys.executable, "-P", "-m", "headstart", "run", *map(str, folder.iterdir())]
    settle()
    begin = time.perf_counter()
    subprocess.run(
        command, check=True, env={**os.environ, **kernel.environ}, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - begin


def _at_once(
    bench: Workbench, plan: Plan, notebook: Path, launchings: list[Launching]
) -> Iterator[Line]:
    kernels = {name.name: bench.ours(notebook, name) for name in launchings}
    kernels["plain"] = bench.theirs(notebook)
    lost = dict.fromkeys(kernels, 0)

    def start(name: str) -> float:
        settle()
        with variables(kernels[name].environ):
            seconds, missing = asyncio.run(_crowd(kernels[name], plan.kernels))
        lost[name] += missing
        return seconds

    contenders = {name: (lambda name=name: start(name)) for name in kernels}
    samples = by_turns(contenders, plan.few, min(plan.warm_up, 1))
    for launching in launchings:
        name = launching.name
        budget = 0.25 if launching is ZYGOTE else None
        yield Row(
            f"{plan.kernels} kernels at once, {name}; lost: {lost[name]}",
            samples[name],
            f"plain, over ipc too; lost: {lost['plain']}",
            samples["plain"],
            budget if not lost[name] else 0.0,
        )


async def _crowd(kernel: Kernel, number: int) -> tuple[float, int]:
    """Start kernels; seconds until the last has answered, and how many never did."""
    async with AsyncExitStack() as kernels:

        async def one() -> float:
            running = await kernels.enter_async_context(started(kernel))
            await asyncio.wait_for(running.ask("1 + 1"), LIMIT)
            return time.perf_counter()

        begin = time.perf_counter()
        ends = await asyncio.gather(*(one() for _ in range(number)), return_exceptions=True)
    times = [end for end in ends if isinstance(end, float)]
    return max(times, default=begin + LIMIT) - begin, number - len(times)


def _memory(
    bench: Workbench, plan: Plan, notebook: Path, launchings: list[Launching]
) -> Iterator[Line]:
    """Memory that a process has for itself alone, in the middle of a run."""

    async def unshared(running: Running) -> float:
        await running.ask("1 + 1")
        return float(psutil.Process(running.provisioner.pid).memory_full_info().uss)

    kernels = {name.name: bench.ours(notebook, name) for name in launchings}
    kernels["plain"] = bench.theirs(notebook)
    contenders = {
        name: (lambda kernel=kernel: with_kernel(kernel, unshared))
        for name, kernel in kernels.items()
    }
    samples = by_turns(contenders, plan.few, before=settle)
    for launching in launchings:
        budget = (0.5, 0.4) if launching is ZYGOTE else (None, None)
        what = f"memory that one more kernel takes, {launching}"
        ours, theirs = samples[launching.name], samples["plain"]
        yield Row(what, ours, "plain", theirs, *budget, unit="MB")
