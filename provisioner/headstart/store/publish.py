"""Make a finished build an environment that is visible under its key, or not at all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..core.environment import Environment, EnvironmentKind, Manifest
from ..errors import StoreError
from .files import protect_tree, sync_folder
from .layout import Layout
from .manifests import write_manifest
from .records import check_installed
from .removal import look_again
from .syscalls import rename_exclusive, sync_file_system

SECOND = 10**9
"""Nanoseconds."""


def publish(
    layout: Layout, built: Path, manifest: Manifest, kind: EnvironmentKind, key: str
) -> Environment:
    """Check and protect the build, bring it to disk, and rename it to where it is found.

    :param built: the prefix, in the build folder; gone afterwards if it was published.
    :return: the environment under that key: ours, or that of whoever was first.
    :raises EnvironmentDamaged: if a file of a package is missing or cut short.
    """
    manifest = replace(manifest, kind=kind, key=key)
    manifest = _seal(built, manifest)
    write_manifest(built, manifest)
    sync_file_system(built)
    return _move(layout, built, manifest)


def _seal(built: Path, manifest: Manifest) -> Manifest:
    """Make the build unwritable and check it; the manifest with what can be said only now."""
    site_packages = built / manifest.site_packages
    # A Python that is run as root and ignores our settings writes bytecode all the same. It does
    # so here, and site-packages itself stays as it is.
    (site_packages / "__pycache__").mkdir(exist_ok=True)
    sizes = protect_tree(built)
    check_installed(site_packages, sizes)
    # Whole seconds: archives and image layers keep no more.
    mtime = os.stat(site_packages).st_mtime_ns // SECOND * SECOND
    os.utime(site_packages, ns=(mtime, mtime))
    return replace(manifest, files=len(sizes), size=sum(sizes.values()), site_packages_mtime=mtime)


def _move(layout: Layout, built: Path, manifest: Manifest) -> Environment:
    kind, key = manifest.kind, manifest.key
    target = layout.prefix(kind, key)
    for _attempt in range(3):  # what is in the way and damaged is moved out of the way
        if rename_exclusive(built, target):
            sync_folder(target.parent)
            return Environment(str(target), manifest)
        winner = look_again(layout, kind, key)
        if winner is not None:
            return winner
    raise StoreError(f"Something that cannot be moved away is at {target}.")
