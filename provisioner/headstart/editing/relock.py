"""Write a lock into a notebook, or renew the one that it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ..core.lock.embedded import NotebookLock
from ..core.lock.pylock import Lock, LockDifference, difference, parse_lock
from ..core.notebook.find import Notebook
from ..core.timestamp import timestamp
from ..environments.context import Context
from ..environments.resolve.locking import Locked, lock_spec
from ..errors import LockError
from ..request.read import Request
from .lock_storage import LockStorage, lock_storage

__all__ = ["Relocked", "lock_notebook"]


@dataclass(frozen=True, slots=True)
class Relocked:
    """The lock before, if there was one, and the new one.

    ``changed`` says whether they differ: the same lock is not written again. ``notes`` are remarks
    for people.
    """

    storage: LockStorage
    old: Lock | None
    new: NotebookLock
    locked: Locked
    changed: bool
    notes: tuple[str, ...] = ()

    @property
    def versions(self) -> Mapping[str, str]:
        """By names; a package has several versions where platforms have different ones."""
        return _versions(self.locked.lock)

    @property
    def difference(self) -> LockDifference:
        """What is new in `versions`."""
        return difference(_versions(self.old or Lock()), self.versions)


def lock_notebook(
    path: Path,
    notebook: Notebook,
    request: Request,
    context: Context,
    upgrade: Collection[str] | None = None,
) -> Relocked:
    """Write a new lock for a notebook, or renew the one that it has.

    :param request: what it asks for, without a lock.
    :param upgrade: packages that shall be the newest; all, if there are none; None: none.
    :raises HeadstartError: if there is no lock, or it cannot be written.
    """
    storage = lock_storage(path, notebook, request)
    before, old, notes = _before(storage)
    locked = lock_spec(request.spec, context, old=old, upgrade=upgrade)
    pylock = locked.lock.render()
    new = NotebookLock(
        request.spec.resolution,
        pylock,
        until=locked.until,
        universal=locked.universal,
        platform=locked.interpreter.platform,
        created=_created(before, pylock, context.now()),
    )
    # A lock that was edited by hand is written again even if it says the same.
    stale = before is not None and before.intact is not True
    # Another time alone is no change: locking again leaves the notebook as it is.
    changed = before is None or stale or replace(before, created="") != replace(new, created="")
    if changed:
        storage.write(new)
    return Relocked(storage, old, new, locked, changed, notes)


def _before(storage: LockStorage) -> tuple[NotebookLock | None, Lock | None, tuple[str, ...]]:
    """The existing lock; a damaged one counts as none, for this is how to get a new one."""
    try:
        before = storage.read()
        return before, parse_lock(before.pylock) if before is not None else None, ()
    except LockError as error:
        return None, None, (f"{error.message} A new lock takes its place.",)


def _created(before: NotebookLock | None, pylock: str, now: datetime) -> str:
    """When the lock was made; what is locked as before was made then."""
    if before is not None and before.created and before.pylock == pylock:
        return before.created
    return timestamp(now)


def _versions(lock: Lock) -> Mapping[str, str]:
    by_name: dict[str, list[str]] = {}
    for package in lock.packages:
        by_name.setdefault(package.name, []).append(package.version)
    return {name: ", ".join(dict.fromkeys(versions)) for name, versions in by_name.items()}
