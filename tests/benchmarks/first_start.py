"""First starts: of an environment, of one that has to be built, of one that serves one kernel."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.clients import Kernel, first_reply
from tests.benchmarks.launchings import PROCESS, ZYGOTE, Launching, measured, settle
from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import CannotMeasure, Line, Missing, Plan, Row
from tests.benchmarks.workbench import Workbench, base_python, pins

TITLE = "First starts, to the reply to a first cell"


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """All of known wheels."""
    return [*_later(bench, plan), *_never_seen(bench, plan), *_ephemeral(bench, plan)]


def _later(bench: Workbench, plan: Plan) -> Iterator[Line]:
    """The first cell imports the packages: what a first start lacks, it lacks there."""
    notebook = bench.notebook(plan.packages)
    environment = bench.known(notebook).environment.environment
    kernel = bench.ours(notebook, PROCESS)

    def first() -> float:
        bench.forget(environment)
        bench.ensure(notebook).close()
        os.sync()
        return first_reply(kernel, plan.imports)

    def later() -> float:
        os.sync()
        return first_reply(kernel, plan.imports)

    samples = by_turns({"first": first, "later": later}, plan.rounds, plan.warm_up)
    what = f"the first start of an environment, `{plan.imports}`"
    yield Row(what, samples["first"], "its later starts", samples["later"], budget=1.1)


def _never_seen(bench: Workbench, plan: Plan) -> Iterator[Line]:
    notebook = bench.notebook(plan.packages)
    ready = bench.known(notebook)
    environment, base = ready.environment.environment, base_python(ready)

    def ours(launching: Launching) -> float:
        bench.forget(environment)
        os.sync()
        return measured_once(bench.ours(notebook, launching))

    def theirs() -> float:
        """As somebody does it who has the versions; bytecode would only take longer."""
        venv = bench.path("seen")
        kernel = Kernel(bench.kernelspec(venv), notebook, sockets=bench.folder)
        os.sync()
        settle()
        begin = time.perf_counter()
        bench.uv("venv", "--python", base, venv)
        bench.uv("pip", "install", "--python", venv / "bin" / "python", "--no-deps", *pins(ready))
        built = time.perf_counter() - begin
        return built + first_reply(kernel)

    contenders: dict[str, Callable[[], float]] = {
        "theirs": theirs,
        PROCESS.name: lambda: ours(PROCESS),
    }
    try:
        measured(bench.ours(notebook, ZYGOTE), ZYGOTE)
    except CannotMeasure as reason:
        yield Missing("an environment never seen before, zygote", str(reason))
    else:
        contenders[ZYGOTE.name] = lambda: ours(ZYGOTE)
    samples = by_turns(contenders, plan.rounds, plan.warm_up)
    for launching, budget, stretch in ((PROCESS, None, None), (ZYGOTE, 0.35, 0.06)):
        if found := samples.get(launching.name):
            what = f"an environment never seen before, {launching}"
            yield Row(what, found, "uv and a plain kernel", samples["theirs"], budget, stretch)


def measured_once(kernel: Kernel) -> float:
    """Seconds to the first reply, where the next run will not find what this one has found."""
    settle()
    seconds = first_reply(kernel)
    settle()
    return seconds


def _ephemeral(bench: Workbench, plan: Plan) -> Iterator[Line]:
    cached = bench.notebook(plan.packages)
    fields = "\n[tool.headstart]\nrefresh = true"
    ephemeral = bench.notebook(plan.packages, fields=fields)
    bench.known(cached)

    def start(notebook: Path) -> float:
        os.sync()
        return first_reply(bench.ours(notebook, PROCESS))

    contenders = {"ephemeral": lambda: start(ephemeral), "cached": lambda: start(cached)}
    samples = by_turns(contenders, plan.rounds, plan.warm_up)
    what = "an ephemeral kernel, the package index asked again"
    yield Row(what, samples["ephemeral"], "a cached kernel", samples["cached"], budget=1.5)
