"""The warm decision: read, find, parse, digest, look up, lease; a large notebook, a full store."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

from tests.benchmarks.measure import by_turns, verdict
from tests.benchmarks.workbench import Workbench

DEPENDENCIES = ("humanize",)
NOTEBOOK_SIZE = 5_000_000
ENVIRONMENTS = 1_000
BUDGET = 0.020


def run(bench: Workbench, rounds: int) -> str:
    """Time a decision that finds everything in place."""
    notebook = bench.notebook("decision.ipynb", DEPENDENCIES, padding=NOTEBOOK_SIZE)
    ready = bench.ensure(notebook)
    ready.close()
    _fill_store(Path(ready.environment.environment.prefix))

    def decide() -> float:
        begin = time.perf_counter()
        found = bench.ensure(notebook)
        taken = time.perf_counter() - begin
        assert found.reused, "The environment was built: no decision was measured."
        found.close()
        return taken

    sample = by_turns({"decision": decide}, max(rounds, 50))["decision"]
    size = notebook.stat().st_size / 1e6
    return (
        f"\nWarm decision ({size:.1f} MB notebook, {ENVIRONMENTS:,} environments in the store)\n"
        f"  Headstart {sample}\n"
        f"  budget    {1000 * BUDGET:8.1f} ms   {verdict(sample.median, BUDGET)}"
    )


def _fill_store(prefix: Path) -> None:
    """Put copies of a manifest beside the environment, under other keys."""
    for number in range(ENVIRONMENTS - 1):
        other = prefix.with_name(hashlib.sha256(b"%d" % number).hexdigest())
        other.mkdir()
        for file in prefix.glob("*.json"):
            shutil.copy(file, other)
