"""First starts: of an environment, of one that has to be built, of one that serves one kernel."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from headstart.environments.ready import Ready
from headstart.store.leases import Lease
from tests.benchmarks.clients import Kernel, Running, first_reply, with_kernel
from tests.benchmarks.launchings import PROCESS, ZYGOTE, Launching, measured, settle
from tests.benchmarks.measure import by_turns
from tests.benchmarks.mirror import mirrored
from tests.benchmarks.rows import CannotMeasure, Line, Missing, Plan, Row
from tests.benchmarks.workbench import Workbench, base_python, pins

NEAR = "an ephemeral kernel, an index on this machine asked again"
FAR = "an ephemeral kernel, the package index itself asked again"
CACHED = "a cached kernel"

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
    """With an index on this machine, which is what is held to the budget, and with the real one."""
    fields = "\n[tool.headstart]\nrefresh = true"
    cached, ephemeral = bench.notebook(plan.packages), bench.notebook(plan.packages, fields=fields)
    ready = bench.known(cached)

    def start(notebook: Path, index: str = "") -> float:
        async def measure(running: Running) -> float:
            await running.ask("1 + 1")
            seconds = time.perf_counter() - running.begun
            kept.extend(bench.lease_ephemeral())
            return seconds

        os.sync()
        return with_kernel(bench.ours(notebook, PROCESS, index=index), measure)

    kept: list[Lease] = []
    contenders = {FAR: lambda: start(ephemeral), CACHED: lambda: start(cached)}
    with ExitStack() as stack:
        try:
            near = stack.enter_context(mirrored(index_of(ready)))
        except CannotMeasure as reason:
            yield Missing(NEAR, str(reason))
        else:
            start(ephemeral, near)  # so that it knows the answers, and we know of it
            contenders[NEAR] = lambda: start(ephemeral, near)
        samples = by_turns(contenders, plan.rounds, plan.warm_up)
    for lease in kept:
        lease.close()
    for what, budget in ((NEAR, 1.5), (FAR, None)):
        if found := samples.get(what):
            yield Row(what, found, CACHED, samples[CACHED], budget)


def index_of(ready: Ready) -> str:
    """The index that the packages of an environment come from; uv is asked, and it has said so.

    :raises CannotMeasure: if there are several.
    """
    indexes = {package.index for package in ready.lock.packages}
    if len(indexes) != 1 or not (index := indexes.pop()).startswith("http"):
        raise CannotMeasure("the packages are not from one index that could be mirrored")
    return index
