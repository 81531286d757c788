"""``headstart lock``: write a lock into a notebook, or renew it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...editing.relock import Relocked, lock_notebook
from ...environments.context import open_context
from ...errors import NotebookError
from ...request.directory import DiskFolder
from ...request.notebook_files import read_notebook
from ...request.read import naming_locations, request_of
from ..cli_settings import read_settings
from ..output import print_json, print_note, print_text
from ..terminal import ProgressLine

SUMMARY = "write a lock into a notebook, or renew it"
DESCRIPTION = """\
Write a lock into a notebook: the versions, files and hashes of all that its header asks for, for
all platforms where that works. From then on every machine installs exactly that. An existing lock
is renewed: versions stay as they were where the header still allows them."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    parser.add_argument(
        "notebook", type=Path, nargs="?", metavar="NOTEBOOK", help="path of a notebook"
    )
    parser.add_argument(
        "--upgrade",
        nargs="*",
        metavar="PKG",
        help="take the newest versions of these packages, or of all",
    )


def main(notebook: Path | None, upgrade: Sequence[str] | None, as_json: bool) -> int:
    """Lock the notebook.

    :param upgrade: packages that shall be the newest; all, if there are none; None: none.
    :raises HeadstartError: if there is no lock, or it cannot be written.
    """
    path, upgrade = _with_notebook(notebook, upgrade)
    read = read_notebook(path)
    settings = read_settings()
    # Without the lock that it has: one that is damaged or does not fit is to be renewed.
    request = request_of(read, DiskFolder(path.absolute().parent), lambda: settings, locked=False)
    with ProgressLine() as line, naming_locations(request):
        relocked = lock_notebook(path, read, request, open_context(settings, line.report), upgrade)
    for notice in (*relocked.notes, *relocked.locked.notices):
        print_note(notice)
    print_json(to_json(path, relocked)) if as_json else print_text(render(path, relocked))
    return 0


def _with_notebook(
    notebook: Path | None, upgrade: Sequence[str] | None
) -> tuple[Path, Sequence[str] | None]:
    """``lock --upgrade NOTEBOOK`` means the notebook, not a package of that name."""
    if notebook is None and upgrade:
        *upgrade, last = upgrade
        notebook = Path(last)
    if notebook is None:
        raise NotebookError("There is no notebook to lock.", hint="Write headstart lock NOTEBOOK.")
    return notebook, upgrade


def to_json(path: Path, relocked: Relocked) -> dict[str, Any]:
    """What came of it, for programs."""
    new, difference = relocked.new, relocked.difference
    return {
        "notebook": str(path),
        "lock": new.digest,
        "written": str(relocked.storage.file) if relocked.changed else None,
        "packages": relocked.versions,
        "requires_python": relocked.locked.lock.requires_python,
        "universal": new.universal,
        "reason": relocked.locked.reason,
        "platform": new.platform,
        "until": new.until,
        "held_back": [package.to_json() for package in relocked.locked.held_back],
        "notices": list(relocked.locked.notices),
        "added": [list(item) for item in difference.added],
        "removed": [list(item) for item in difference.removed],
        "changed": [list(item) for item in difference.changed],
    }


def render(path: Path, relocked: Relocked) -> str:
    """What came of it, for people."""
    difference, count = relocked.difference, len(relocked.versions)
    lines = [f"+ {name} {version}" for name, version in difference.added]
    lines += [f"- {name} {version}" for name, version in difference.removed]
    lines += [f"~ {name} {old} -> {new}" for name, old, new in difference.changed]
    packages = "1 package" if count == 1 else f"{count} packages"
    outcome = f"locked in {relocked.storage.file}" if relocked.changed else "locked as before"
    lines.append(f"{path}: {packages} {outcome}, {_scope(relocked)}.")
    return "\n".join(lines)


def _scope(relocked: Relocked) -> str:
    locked = relocked.locked
    if locked.universal:
        return f"for all platforms and Python {locked.lock.requires_python or 'of any version'}"
    python = locked.interpreter.short_version
    return f"for {relocked.new.platform} and Python {python} only ({locked.reason.rstrip('.')})"
