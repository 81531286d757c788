"""``make bench``: the figures that Headstart is held to, measured by turns in one run.

python -m tests.benchmarks [--short] [--rounds N] [--write] [NAME …]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.page import PAGE, page
from tests.benchmarks.rows import SHORT, Line, Plan
from tests.isolation import isolate, remove_tree


def main() -> None:
    """Run the benchmarks that were named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--rounds", type=int, help=f"default: {Plan().rounds}")
    parser.add_argument("--short", action="store_true", help="once, with little; judges no times")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    options = parser.parse_args()
    plan = SHORT if options.short else Plan()
    if options.rounds:
        plan = replace(plan, rounds=options.rounds, warm_up=min(plan.warm_up, options.rounds))
    # With it, every plain kernel would compile what it imports at each start.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        print("PYTHONDONTWRITEBYTECODE was set, and is not for this run.")
    isolate()
    results, facts = _measure(options.names, plan)
    if options.write:
        PAGE.write_text(page(results, facts, plan))


def _measure(
    names: Sequence[str], plan: Plan
) -> tuple[Mapping[str, Sequence[Line]], dict[str, str]]:
    # After the isolation, for Jupyter's paths are taken when it is imported. One folder for all:
    # nothing is removed before all is measured.
    from tests.benchmarks.machine import commit, facts, load
    from tests.benchmarks.suite import BENCHMARKS, run
    from tests.benchmarks.workbench import open_workbench

    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.")
    folder = Path(tempfile.mkdtemp(prefix="hs-bench-"))
    try:
        known = {**facts(folder), "commit": commit(), "rounds": str(plan.rounds)}
        print("\n".join(f"{name + ':':<15} {fact}" for name, fact in known.items()), flush=True)
        results = run(
            names or BENCHMARKS, open_workbench(folder), plan, lambda text: print(text, flush=True)
        )
        return results, {**known, "load after": load()}
    finally:
        remove_tree(folder)


if __name__ == "__main__":
    main()
