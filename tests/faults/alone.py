"""Run a function in a process of its own, without threads, that can fork and be tampered with."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.faults.extent import SECONDS
from tests.isolation import isolate

TOP = Path(__file__).parents[2]


def alone(function: Callable[..., Any], **arguments: Any) -> Any:
    """What a function of a module returns, called in a new process.

    :param arguments: JSON values, and paths, which arrive as text. ``without`` is not given to
        the function: it names what is taken out before; see `protections`.
    """
    given = json.dumps(arguments, default=str)
    command = [sys.executable, "-m", __name__, function.__module__, function.__qualname__, given]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=SECONDS)
    sys.stderr.write(done.stderr[-20_000:])  # pytest shows it if the test fails
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def together(calls: Sequence[Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    """What several calls of `alone` at the same time have found, added up."""
    with ThreadPoolExecutor(len(calls)) as pool:
        results = list(pool.map(lambda call: call(), calls))
    found = dict(results[0])
    for item in results[1:]:
        for key, value in item.items():
            found[key] = found[key] + value if key in found else value
    return found


def main(module: str, name: str, arguments: str) -> None:
    isolate()
    given = json.loads(arguments)
    without = given.pop("without", "")
    if without:
        from tests.faults.protections import take_out

        take_out(without)
    print(json.dumps(getattr(importlib.import_module(module), name)(**given)))


if __name__ == "__main__":
    main(*sys.argv[1:])
