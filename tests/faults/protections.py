"""The protections of the store, each of which can be taken out of a process, to see what happens.

Only here: Headstart itself has no such switch.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headstart.core.store.manifest import Environment, EnvironmentKind, Manifest
from headstart.errors import EnvironmentDamaged
from headstart.store import leases, publish, store
from headstart.store.disk import syscalls
from headstart.store.disk.file_locks import FileLock, try_lock
from headstart.store.gc import removal
from headstart.store.layout import Layout, random_name
from headstart.store.parts import part_store


def take_out(protection: str) -> None:
    """Take a protection out of this process and of those that it forks."""
    PROTECTIONS[protection]()


def _sync() -> None:
    """Publish without waiting for the disk."""
    publish.sync_file_system = part_store.sync_file_system = lambda _path: None


def _rename() -> None:
    """Copy what was built to where it is found, and do not rename it there."""

    def copy(layout: Layout, built: Path, manifest: Manifest) -> Environment:
        target = layout.prefix(manifest.kind, manifest.key)
        shutil.copytree(built, target, symlinks=True)
        return Environment(str(target), manifest)

    publish._move = copy


def _lease() -> None:
    """Remove without asking who uses it."""

    def claim(layout: Layout, key: str) -> FileLock | None:
        return try_lock(layout.trash / f"{key}.{random_name()}")

    removal.claim = leases.claim = claim


def _discard() -> None:
    """Use an environment whatever its check says."""

    def inspect(prefix: Path, kind: EnvironmentKind, key: str) -> Environment | None:
        try:
            found = checked(prefix, kind, key)
        except EnvironmentDamaged:
            return known.get(key)
        if found is not None:
            known[key] = found
        return found

    checked, known = store.inspect, dict[str, Environment]()
    store.inspect = removal.inspect = inspect


def _digests() -> None:
    """Believe what is remembered, whatever its digest says."""

    def unsealed(_name: str, content: str) -> str | None:
        return content.partition("\n")[2]

    store.unsealed = unsealed


def _write_protection() -> None:
    """Leave files as the installer made them."""
    publish.protect = part_store.protect = lambda *_arguments: None


def _errors_of_the_disk() -> None:
    """Take it that what was asked of the system was done."""
    syscalls._call = _ignoring(syscalls._call)


def _ignoring(call: Callable[..., int]) -> Callable[..., int]:
    def ignoring(*arguments: Any) -> int:
        call(*arguments)
        return 0

    return ignoring


PROTECTIONS: dict[str, Callable[[], None]] = {
    "sync": _sync,
    "rename": _rename,
    "lease": _lease,
    "discard": _discard,
    "digests": _digests,
    "write protection": _write_protection,
    "errors of the disk": _errors_of_the_disk,
}
