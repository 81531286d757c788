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
"""Errors of a process or a machine that has too much to do."""


class Touched(EnvironmentDamaged):
    """The modification time of site-packages is another: something was added there or taken away.

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
    ``pyvenv.cfg``, and whether anything was added to site-packages or taken from it.

    :raises EnvironmentDamaged: if there is something else than that environment.
    :raises OSError: if this process cannot look now; that says nothing about the environment.
    """
    try:
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
        raise EnvironmentDamaged("its base Python is gone")
    _check_files(environment)
    return environment


def mark_damaged(prefix: Path, reason: str) -> None:
    """Make a damaged environment one that nobody finds, and leave it to those who use it.

    Whoever looks for it next discards it and builds it again, and says the reason.
    """
    # In this order: a marked environment is not checked again, so the mark must not outlive a
    # process that is killed before the manifest is gone.
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
        found = os.stat(environment.site_packages).st_mtime_ns
    except OSError as error:
        raise EnvironmentDamaged(f"{error.filename} is gone") from error
    if found != environment.manifest.site_packages_mtime:
        raise Touched(environment)
