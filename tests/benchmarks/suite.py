"""All benchmarks, and a run of them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, cast

from tests.benchmarks import (
    crowd,
    decision,
    early_kernel,
    first_start,
    kernel_start,
    lab,
    new_environment,
    preload,
    tools,
)
from tests.benchmarks.launchings import zygotes
from tests.benchmarks.page import table
from tests.benchmarks.rows import CannotMeasure, Line, Missing, Plan
from tests.benchmarks.workbench import Workbench


class Benchmark(Protocol):
    """A module that measures some rows of the table."""

    TITLE: str

    def lines(self, bench: Workbench, plan: Plan) -> list[Line]:
        """Measure."""


BENCHMARKS = cast(
    "Mapping[str, Benchmark]",
    {
        "start": kernel_start,
        "preload": preload,
        "first": first_start,
        "build": new_environment,
        "decision": decision,
        "crowd": crowd,
        "server": early_kernel,
        "lab": lab,
        "tools": tools,
    },
)


def run(
    names: Iterable[str], bench: Workbench, plan: Plan, say: Callable[[str], object]
) -> dict[str, Sequence[Line]]:
    """Run benchmarks; the lines of each, by its title. One that fails has only a line that says so.

    :param say: told each table when it is there, and what went wrong.
    """
    results: dict[str, Sequence[Line]] = {}
    try:
        for name in names:
            benchmark = BENCHMARKS[name]
            try:
                lines = benchmark.lines(bench, plan)
            except CannotMeasure as reason:
                lines = [Missing(benchmark.TITLE, str(reason))]
            except Exception as error:  # noqa: BLE001  (the others took long, and are to be seen)
                say(traceback.format_exc())
                lines = [Missing(benchmark.TITLE, f"it failed, {type(error).__name__}")]
            results[benchmark.TITLE] = lines
            say(f"\n{benchmark.TITLE}\n\n{table(lines, judged=plan.judges)}")
    finally:
        zygotes().end()
    return results
