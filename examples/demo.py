"""Runs the example notebooks headless and says, for each, what it asked for and what it got.

Each notebook runs twice in an unmodified nbclient (`stock_client.py`), a process of its own: cold,
in a new store where nothing is known, downloaded or built; and warm, right after.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.utils import canonicalize_name

from headstart.core.header.parse import Header, parse_header
from headstart.core.notebook.find import HeaderPlace, find_header
from headstart.request.notebook_files import read_notebook

EXAMPLES = Path(__file__).parent
NOTEBOOKS = (
    "quickstart",
    "conflict-numpy-1",
    "conflict-numpy-2",
    "ephemeral",
    "pinned-python",
    "metadata-form",
)


def main() -> int:
    """Run all notebooks; the exit code is 1 if one of them failed."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="hs-demo-", ignore_cleanup_errors=True) as store:
        print("An empty store, an unmodified nbclient. The first notebook also builds the kernel")
        print("layer, which all kernels of the same Python share.")
        for name in NOTEBOOKS:
            failed += not show(EXAMPLES / "notebooks" / f"{name}.ipynb", Path(store))
    print(f"\n{len(NOTEBOOKS) - failed} of {len(NOTEBOOKS)} notebooks ran, each twice.")
    return 1 if failed else 0


def show(path: Path, store: Path) -> bool:
    """Run one notebook cold and warm, and print what came of it; False if it failed."""
    found = find_header(read_notebook(path))
    assert found, f"{path.name} has no header."
    header = parse_header(found)
    print(f"\n{path.name}")
    print(f"  asked for  {asked_for(header)}")
    runs = []
    for label in ("cold", "warm"):
        run = execute(path, store)
        if run.returncode:
            print(f"  {label}       failed: {(run.stderr.strip() or '?').splitlines()[-1]}")
            return False
        runs.append((label, json.loads(run.stdout.splitlines()[-1])))
    print(f"  got        {got(header, runs[-1][1])}")
    for label, result in runs:
        print(f"  {label}       {times(result)}")
    return True


def execute(path: Path, store: Path) -> subprocess.CompletedProcess[str]:
    """Run the stock client on a notebook; all it is told is where the store is.

    Kernels may write bytecode, whatever this shell says: without it nothing is ever warm.
    """
    environ = {**os.environ, "HEADSTART_STORE": str(store)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [sys.executable, str(EXAMPLES / "stock_client.py"), path.name],
        cwd=path.parent,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def asked_for(header: Header) -> str:
    """The header in one line."""
    words = [requirement.text for requirement in header.requirements]
    if header.requires_python:
        words.append(f"Python {header.requires_python}")
    place = "a cell" if header.place is HeaderPlace.CELL else "the notebook's metadata"
    return f"{', '.join(words)} ({header.refresh}; header in {place})"


def got(header: Header, result: dict) -> str:
    """What the running kernel has: Python, the packages asked for, and how many more."""
    versions = {canonicalize_name(name): text for name, text in result["versions"].items()}
    asked = [canonicalize_name(requirement.parsed.name) for requirement in header.requirements]
    named = ", ".join(f"{name} {versions.get(name, 'missing')}" for name in asked)
    key = Path(result["prefix"]).name[:12]
    return f"Python {result['python']}, {named}, {len(versions) - len(asked)} more in {key}"


def times(result: dict) -> str:
    """How long it took until the kernel was ready with its environment, and how long the cells."""
    ready = result["ready"] - result["client_started"]
    cells = result["done"] - result["ready"]
    return f"kernel with its environment {ready:6.2f} s   cells {cells:5.2f} s"


if __name__ == "__main__":
    sys.exit(main())
