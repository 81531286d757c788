"""``headstart verify NOTEBOOK``: its header, lock and receipt, and the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..beside import DiskFolder
from ..core.notebook_lock import NotebookLock
from ..environments.agreement import Agreement, compare
from ..environments.context import open_context
from ..notebooks import read_notebook
from ..wanted import Wanted, want
from .configured import read_settings
from .lock_place import written_lock
from .output import print_json, table
from .terminal import ProgressLine


def main(notebook: Path, as_json: bool) -> int:
    """Say whether they agree; builds nothing.

    :return: 1 if they do not, else 0.
    :raises HeadstartError: if the notebook cannot be read.
    """
    # Comparing is no reason to download a Python.
    settings = replace(read_settings(), python_downloads="never")
    read, folder = read_notebook(notebook), DiskFolder(notebook.absolute().parent)

    def asked(locked: bool) -> Wanted:
        return want(read, folder, lambda: settings, locked=locked)

    def own() -> NotebookLock | None:
        return written_lock(notebook, read, asked(False))

    with ProgressLine() as line:
        found = compare(read, asked, own, open_context(settings, line.report))
    print_json(to_json(notebook, found)) if as_json else print(render(notebook, found))
    return 0 if found.ok else 1


def to_json(notebook: Path, found: Agreement) -> dict[str, Any]:
    """What was found, for programs."""
    findings = {name: finding.to_json() for name, finding in found.findings.items()}
    return {"notebook": str(notebook), "ok": found.ok, **findings}


def render(notebook: Path, found: Agreement) -> str:
    """What was found, for people."""
    rows = []
    for name, finding in found.findings.items():
        rows.append((name, finding.state.value, finding.message))
        rows += [("", "", finding.hint)] if finding.hint else []
    verdict = "agrees with itself" if found.ok else "does not agree with itself"
    return f"{table(rows)}\n\n{notebook} {verdict}."
