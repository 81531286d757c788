"""``headstart verify NOTEBOOK``: its header, lock and receipt, and the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.lock.embedded import NotebookLock
from ..editing.lock_storage import read_own_lock
from ..environments.drift.findings import State
from ..environments.drift.notebook_drift import Drift, compare
from ..environments.drift.reading_context import reading_context
from ..request.directory import DiskFolder
from ..request.notebook_files import read_notebook
from ..request.read import Request, request_of
from .cli_settings import read_settings
from .output import print_json, print_text, table
from .terminal import ProgressLine

UNCHECKED = 3
"""The exit code if nothing is wrong, but something was not checked, for which 0 would vouch."""


def verify_notebook(notebook: Path, as_json: bool) -> int:
    """Say whether they agree; builds nothing, and changes nothing.

    :return: 1 if they do not, `UNCHECKED` if something could not be checked, else 0.
    :raises HeadstartError: if the notebook cannot be read.
    """
    settings = read_settings()
    read, folder = read_notebook(notebook), DiskFolder(notebook.absolute().parent)

    # Functions: what they raise is reported for the header or the lock that it is about.
    def request(locked: bool) -> Request:
        return request_of(read, folder, lambda: settings, locked=locked)

    def own_lock() -> NotebookLock | None:
        return read_own_lock(notebook, read, request(False))

    # What is remembered meanwhile goes into a temporary folder: verify changes nothing.
    with ProgressLine() as line, reading_context(settings, line.report) as context:
        result = compare(read, request, own_lock, context)
    print_json(to_json(notebook, result)) if as_json else print_text(render(notebook, result))
    if not result.ok:
        return 1
    return UNCHECKED if result.of(State.UNKNOWN) else 0


def to_json(notebook: Path, result: Drift) -> dict[str, Any]:
    """The result, for programs."""
    return {
        "notebook": str(notebook),
        "ok": result.ok,
        "wrong": list(result.of(State.WRONG)),
        "unchecked": list(result.of(State.UNKNOWN)),
        **{name: finding.to_json() for name, finding in result.findings.items()},
    }


def render(notebook: Path, result: Drift) -> str:
    """The result, for people."""
    rows = []
    for name, finding in result.findings.items():
        rows.append((name, finding.state.value, finding.message))
        rows += [("", "", finding.hint)] if finding.hint else []
    return f"{table(rows)}\n\n{notebook} {_verdict(result)}."


def _verdict(result: Drift) -> str:
    if not result.ok:
        return "does not agree with itself"
    unknown = result.of(State.UNKNOWN)
    if unknown:
        return f"agrees with itself, but for what could not be checked: {', '.join(unknown)}"
    return "agrees with itself"
