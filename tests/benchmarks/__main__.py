"""``make bench``: the figures that Headstart is held to, measured by turns in one run.

python -m tests.benchmarks [start] [build] [decision] [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from pathlib import Path

from tests.isolation import isolate, remove_tree

BENCHMARKS = ("start", "build", "decision")


def main() -> None:
    """Run the benchmarks that were named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="default: all")
    parser.add_argument("--rounds", type=int, default=15, help="default: 15")
    options = parser.parse_args()
    # With it, every plain kernel would compile what it imports at each start.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        print("PYTHONDONTWRITEBYTECODE was set, and is not for this run.")
    isolate()
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()};")
    print(f"by turns, {options.rounds} rounds; medians; PYTHONDONTWRITEBYTECODE unset.")
    _run(options.names or BENCHMARKS, options.rounds)


def _run(names: list[str], rounds: int) -> None:
    # After the isolation, and one folder for each: nothing is removed before all is measured.
    from tests.benchmarks import decision, kernel_start, new_environment
    from tests.benchmarks.workbench import open_workbench

    runs = {"start": kernel_start.run, "build": new_environment.run, "decision": decision.run}
    folder = Path(tempfile.mkdtemp(prefix="hs-bench-"))
    try:
        for name in names:
            (folder / name).mkdir()
            print(runs[name](open_workbench(folder / name), rounds), flush=True)
    finally:
        remove_tree(folder)


if __name__ == "__main__":
    main()
