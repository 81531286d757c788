"""``headstart lock``: write a lock into a notebook, or renew it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ..core.lock.embedded import NotebookLock, lock_of
from ..core.lock.pylock import Lock, LockDifference, difference, parse_lock
from ..core.notebook.find import Notebook
from ..environments.context import Context, open_context
from ..environments.resolve.locking import Locked, lock_spec
from ..errors import LockError, NotebookError
from ..request.directory import DiskFolder
from ..request.notebook_files import read_notebook
from ..request.read import Wanted, naming_places, want
from .cli_settings import read_settings
from .lock_place import LockPlace, place_of
from .output import print_json, print_note, print_text
from .terminal import ProgressLine


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: the lock before, if there was one, the new one, and whether they differ."""

    place: LockPlace
    old: Lock | None
    new: NotebookLock
    locked: Locked
    changed: bool

    @property
    def difference(self) -> LockDifference:
        """By names; a package has several versions where platforms have different ones."""
        return difference(_versions(self.old or Lock()), _versions(self.locked.lock))


def main(notebook: Path | None, upgrade: Sequence[str] | None, as_json: bool) -> int:
    """Lock the notebook.

    :param upgrade: packages that shall be the newest; all, if there are none; None: none.
    :raises HeadstartError: if there is no lock, or it cannot be written.
    """
    path, upgrade = _sorted_out(notebook, upgrade)
    read = read_notebook(path)
    settings = read_settings()
    wanted = want(read, DiskFolder(path.absolute().parent), lambda: settings, locked=False)
    with ProgressLine() as line, naming_places(wanted):
        written = lock_notebook(path, read, wanted, open_context(settings, line.report), upgrade)
    for notice in written.locked.notices:
        print_note(notice)
    print_json(to_json(path, written)) if as_json else print_text(render(path, written))
    return 0


def _sorted_out(
    notebook: Path | None, upgrade: Sequence[str] | None
) -> tuple[Path, Sequence[str] | None]:
    """``lock --upgrade NOTEBOOK`` means the notebook, not a package of that name."""
    if notebook is None and upgrade:
        *upgrade, last = upgrade
        notebook = Path(last)
    if notebook is None:
        raise NotebookError("There is no notebook to lock.", hint="Write headstart lock NOTEBOOK.")
    return notebook, upgrade


def lock_notebook(
    path: Path,
    notebook: Notebook,
    wanted: Wanted,
    context: Context,
    upgrade: Sequence[str] | None,
) -> Written:
    """Write a new lock for a notebook, or renew the one that is there.

    :param wanted: what it asks for, without a lock.
    :param upgrade: as in `main`.
    :raises HeadstartError: if there is no lock, or it cannot be written.
    """
    place = place_of(path, notebook, wanted)
    before, old = _before(place)
    locked = lock_spec(wanted.spec, context, old=old, upgrade=upgrade)
    new = lock_of(
        locked.lock.render(),
        wanted.spec,
        until=locked.until,
        universal=locked.universal,
        platform=locked.interpreter.platform,
        created=_created(before, locked.lock.render(), context.now()),
    )
    stale = before is not None and before.intact is not True
    changed = before is None or stale or replace(before, created="") != replace(new, created="")
    if changed:
        place.write(new)
    return Written(place, old, new, locked, changed)


def _before(place: LockPlace) -> tuple[NotebookLock | None, Lock | None]:
    """The lock that is there; a damaged one counts as none, for this is how to get a new one."""
    try:
        before = place.read()
        return before, parse_lock(before.pylock) if before is not None else None
    except LockError as error:
        print_note(f"{error.message} A new lock takes its place.")
        return None, None


def _created(before: NotebookLock | None, pylock: str, moment: datetime) -> str:
    """When the lock was made; what is locked as before was made then."""
    if before is not None and before.created and before.pylock == pylock:
        return before.created
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _versions(lock: Lock) -> Mapping[str, str]:
    found: dict[str, list[str]] = {}
    for package in lock.packages:
        found.setdefault(package.name, []).append(package.version)
    return {name: ", ".join(dict.fromkeys(versions)) for name, versions in found.items()}


def to_json(path: Path, written: Written) -> dict[str, Any]:
    """What came of it, for programs."""
    new, found = written.new, written.difference
    return {
        "notebook": str(path),
        "lock": new.digest,
        "written": str(written.place.file) if written.changed else None,
        "packages": _versions(written.locked.lock),
        "requires_python": written.locked.lock.requires_python,
        "universal": new.universal,
        "reason": written.locked.reason,
        "platform": new.platform,
        "until": new.until,
        "held_back": [found.to_json() for found in written.locked.held_back],
        "notices": list(written.locked.notices),
        "added": [list(item) for item in found.added],
        "removed": [list(item) for item in found.removed],
        "changed": [list(item) for item in found.changed],
    }


def render(path: Path, written: Written) -> str:
    """What came of it, for people."""
    found, count = written.difference, len(_versions(written.locked.lock))
    lines = [f"+ {name} {version}" for name, version in found.added]
    lines += [f"- {name} {version}" for name, version in found.removed]
    lines += [f"~ {name} {old} -> {new}" for name, old, new in found.changed]
    packages = "1 package" if count == 1 else f"{count} packages"
    did = f"locked in {written.place.file}" if written.changed else "locked as before"
    lines.append(f"{path}: {packages} {did}, {_scope(written)}.")
    return "\n".join(lines)


def _scope(written: Written) -> str:
    locked = written.locked
    if locked.universal:
        return f"for all platforms and Python {locked.lock.requires_python or 'of any version'}"
    python = locked.interpreter.short_version
    return f"for {written.new.platform} and Python {python} only ({locked.reason.rstrip('.')})"
