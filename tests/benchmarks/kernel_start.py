"""From start_kernel to the first execute_reply: Headstart, warm, against plain ipykernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.benchmarks.clients import Kernel, first_reply
from tests.benchmarks.launchings import (
    LAUNCHINGS,
    PARKED,
    PROCESS,
    ZYGOTE,
    Launching,
    measured,
    settle,
)
from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import CannotMeasure, Line, Missing, Plan, Row
from tests.benchmarks.workbench import Workbench

TITLE = "Start of a kernel, to the first `execute_reply`"

BUDGETS = {PROCESS: (1.1, 1.0), ZYGOTE: (0.2, 0.17), PARKED: (0.11, 0.08)}

PLAIN = "plain ipykernel"


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """Compare over the same transport, and with each side's own choice of transport."""
    notebook = bench.notebook(plan.packages)
    contenders: dict[str, Callable[[], float]] = {}
    for transport in ("ipc", "tcp"):
        theirs = bench.theirs(notebook, transport)
        contenders[f"{PLAIN} {transport}"] = partial(_plain, theirs)
    missing: list[Line] = []
    for launching in LAUNCHINGS:
        for transport in _transports(launching):
            kernel = bench.ours(notebook, launching, transport)
            try:
                measured(kernel, launching)
            except CannotMeasure as reason:
                missing.append(Missing(f"{launching}, over {transport}", str(reason)))
            else:
                contenders[f"{launching} {transport}"] = partial(measured, kernel, launching)
    samples = by_turns(contenders, plan.rounds, plan.warm_up)
    rows: list[Line] = []
    for launching in LAUNCHINGS:
        budget, stretch = BUDGETS[launching]
        for transport in _transports(launching):
            if ours := samples.get(f"{launching} {transport}"):
                theirs_ = samples[f"{PLAIN} {transport}"]
                against = f"{PLAIN}, over {transport} too"
                what = f"{launching}, over {transport}"
                rows.append(Row(what, ours, against, theirs_, budget, stretch))
    if ours := samples.get(f"{ZYGOTE} ipc"):
        rows.append(Row("each as it comes", ours, f"{PLAIN}, tcp", samples[f"{PLAIN} tcp"]))
    return rows + missing


def _transports(launching: Launching) -> tuple[str, ...]:
    """Kernels that talk over TCP are never parked ones."""
    return ("ipc",) if launching is PARKED else ("ipc", "tcp")


def _plain(kernel: Kernel) -> float:
    settle()
    return first_reply(kernel)
