"""Manifests on disk, and the quick check of an environment against its manifest."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ..core.store.manifest import Environment, EnvironmentKind, Manifest
from ..errors import EnvironmentDamaged
from .disk.trees import read_text, replace_text, write_new
from .layout import DAMAGED, MANIFEST

PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR})
"""Errors of a busy process or machine, which say nothing about the file."""


class Touched(EnvironmentDamaged):
    """The modification time of site-packages is another: something was added there or removed.

    Or the store was copied, or restored from a backup that keeps no times.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__("its site-packages was changed")
        self.environment = environment


def write_manifest(prefix: Path, manifest: Manifest, *, synced: bool = True) -> None:
    """Write the manifest into an environment that has everything else.

    :param synced: wait until it is on disk.
    """
    write_new(prefix / MANIFEST, manifest.to_json(), mode=0o444, synced=synced)


def inspect(prefix: Path, kind: EnvironmentKind, key: str) -> Environment | None:
    """The environment at ``prefix``, after the quick check; None if there is nothing.

    The check takes well under a millisecond: the manifest, the link to the base Python,
    ``pyvenv.cfg``, and whether anything was added to site-packages or removed from it.

    :raises EnvironmentDamaged: if there is something else than that environment.
    :raises OSError: if this process cannot look now; that says nothing about the environment.
    """
    try:
        # What is not UTF-8 is replaced, so that the manifest's own digest refuses it.
        manifest = Manifest.from_json(read_text(prefix / MANIFEST, "replace"))
    except OSError as error:
        # A busy machine is no reason to build again what is right.
        if error.errno in PASSING:
            raise
        if not os.path.lexists(prefix):
            return None
        reason = recorded_damage(prefix) or f"its manifest cannot be read: {error.strerror}"
        raise EnvironmentDamaged(reason) from error
    if (manifest.kind, manifest.key) != (kind, key):
        raise EnvironmentDamaged("its manifest is that of another environment")
    environment = Environment(str(prefix), manifest)
    if not os.access(environment.python, os.X_OK):
        raise EnvironmentDamaged("its base Python is missing")
    _check_files(environment)
    return environment


def mark_damaged(prefix: Path, reason: str) -> None:
    """Mark an environment as damaged: no start uses it again, and it stays for running kernels.

    The next process that looks for it discards it, builds it again, and logs the reason.
    """
    # In this order: a marked environment is not checked again, so a process that is killed between
    # the two steps must not leave a mark and a manifest that still counts.
    (prefix / MANIFEST).unlink(missing_ok=True)
    replace_text(prefix / DAMAGED, reason)


def recorded_damage(prefix: Path) -> str:
    """Why an environment was marked as damaged; ``""`` if it was not."""
    try:
        return read_text(prefix / DAMAGED)
    except (OSError, UnicodeDecodeError):
        return ""


def _check_files(environment: Environment) -> None:
    try:
        os.stat(f"{environment.prefix}/pyvenv.cfg")
        mtime = os.stat(environment.site_packages).st_mtime_ns
    except OSError as error:
        raise EnvironmentDamaged(f"{error.filename} is missing") from error
    # A folder's time tells of added and removed names; a changed file is for the full check.
    if mtime != environment.manifest.site_packages_mtime:
        raise Touched(environment)
