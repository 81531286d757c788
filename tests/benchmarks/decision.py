"""The warm decision: read, find, parse, digest, look up, lease; a large notebook, a full store."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import Line, Plan, Row
from tests.benchmarks.workbench import Workbench
from tests.warm_decision import loaded_by_decision

TITLE = "The warm decision"

FEW = 10
"""Environments in a store that is nearly empty."""

LIMITS = (5.0, 15.0)
"""Milliseconds, for a small and for a large notebook."""

FLAT = 1.2
"""How much longer it may take in a full store."""

CLIENT = "import jupyter_client"


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """Time decisions that find everything in place, and the import of what they need."""
    return [*_decisions(bench, plan), *_imports(bench, plan)]


def _decisions(bench: Workbench, plan: Plan) -> Iterator[Line]:
    notebooks = {size: bench.notebook(("humanize",), padding=size) for size in plan.sizes}
    for notebook in notebooks.values():
        with bench.ensure(notebook) as ready:
            prefix = Path(ready.environment.environment.prefix)
    numbers = (FEW, plan.environments)
    stores = {number: bench.path("environments") for number in numbers}
    for number, folder in stores.items():
        _fill(folder, prefix, number)
    contenders = {
        f"{size} {number}": partial(_decide, bench, notebook, prefix.parent, stores[number])
        for size, notebook in notebooks.items()
        for number in numbers
    }
    samples = by_turns(contenders, plan.many, plan.warm_up)
    for size, limit in zip(plan.sizes, LIMITS, strict=True):
        few, many = (samples[f"{size} {number}"] for number in numbers)
        yield Row(
            f"{size / 1e6:g} MB notebook, {plan.environments:,} environments in the store",
            many,
            f"{FEW} environments",
            few,
            budget=FLAT,
            limit=limit,
        )


def _decide(bench: Workbench, notebook: Path, place: Path, environments: Path) -> float:
    """Decide in the store, in which another folder of environments stands for its own."""
    own = bench.path("own")
    place.rename(own)
    environments.rename(place)
    try:
        begin = time.perf_counter()
        found = bench.ensure(notebook)
        taken = time.perf_counter() - begin
    finally:
        place.rename(environments)
        own.rename(place)
    assert found.reused, "The environment was built: no decision was measured."
    found.close()
    return taken


def _fill(folder: Path, prefix: Path, environments: int) -> None:
    """Copy an environment into a folder, and its manifest under other keys."""
    shutil.copytree(prefix, folder / prefix.name, symlinks=True)
    for number in range(environments - 1):
        other = folder / hashlib.sha256(b"%d" % number).hexdigest()
        other.mkdir()
        for file in prefix.glob("*.json"):
            shutil.copy(file, other)


def _imports(bench: Workbench, plan: Plan) -> Iterator[Line]:
    """Import all that a warm decision has loaded when it is made, wherever it imports it.

    jupyter_client is there already, as it always is.
    """
    notebook = bench.notebook(("humanize>=4,<1000",))
    bench.ensure(notebook).close()
    needed = loaded_by_decision(notebook, bench.context.settings)
    statement = "\n".join(f"import {name}" for name in needed)
    contenders = {
        "client": lambda: _import_time(bench, "", CLIENT),
        "ours": lambda: _import_time(bench, CLIENT, statement),
    }
    samples = by_turns(contenders, plan.rounds, plan.warm_up)
    what = f"import of what a warm decision needs ({len(needed)} modules)"
    yield Row(what, samples["ours"], "import of jupyter_client", samples["client"], 0.3)


def _import_time(bench: Workbench, before: str, statement: str) -> float:
    program = (
        f"{before}\nimport time\nbegin = time.perf_counter()\n{statement}\n"
        "print(time.perf_counter() - begin)"
    )
    command = [sys.executable, "-P", "-c", program]
    return float(subprocess.check_output(command, cwd=bench.folder))
