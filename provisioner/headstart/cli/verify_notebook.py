"""``headstart verify NOTEBOOK``: its header, lock and receipt, and the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.lock.embedded import NotebookLock
from ..editing.lock_storage import read_own_lock
from ..environments.drift.findings import State
from ..environments.drift.notebook_drift import Agreement, compare
from ..environments.drift.reading_context import reading_context
from ..request.directory import DiskFolder
from ..request.notebook_files import read_notebook
from ..request.read import Wanted, want
from .cli_settings import read_settings
from .output import print_json, print_text, table
from .terminal import ProgressLine

UNCHECKED = 3
"""The exit code if nothing is wrong, and something that is there could not be checked."""


def verify_notebook(notebook: Path, as_json: bool) -> int:
    """Say whether they agree; builds nothing, and changes nothing.

    :return: 1 if they do not, `UNCHECKED` if something could not be checked, else 0.
    :raises HeadstartError: if the notebook cannot be read.
    """
    settings = read_settings()
    read, folder = read_notebook(notebook), DiskFolder(notebook.absolute().parent)

    def asked(locked: bool) -> Wanted:
        return want(read, folder, lambda: settings, locked=locked)

    def own() -> NotebookLock | None:
        return read_own_lock(notebook, read, asked(False))

    with ProgressLine() as line, reading_context(settings, line.report) as context:
        found = compare(read, asked, own, context)
    print_json(to_json(notebook, found)) if as_json else print_text(render(notebook, found))
    if not found.ok:
        return 1
    return UNCHECKED if found.of(State.UNKNOWN) else 0


def to_json(notebook: Path, found: Agreement) -> dict[str, Any]:
    """What was found, for programs."""
    return {
        "notebook": str(notebook),
        "ok": found.ok,
        "wrong": list(found.of(State.WRONG)),
        "unchecked": list(found.of(State.UNKNOWN)),
        **{name: finding.to_json() for name, finding in found.findings.items()},
    }


def render(notebook: Path, found: Agreement) -> str:
    """What was found, for people."""
    rows = []
    for name, finding in found.findings.items():
        rows.append((name, finding.state.value, finding.message))
        rows += [("", "", finding.hint)] if finding.hint else []
    return f"{table(rows)}\n\n{notebook} {_verdict(found)}."


def _verdict(found: Agreement) -> str:
    if not found.ok:
        return "does not agree with itself"
    unknown = found.of(State.UNKNOWN)
    if unknown:
        return f"agrees with itself, but for what could not be checked: {', '.join(unknown)}"
    return "agrees with itself"
