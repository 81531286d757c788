"""Make a finished build an environment that is visible under its key, or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..core.store.manifest import Environment, EnvironmentKind, Manifest
from ..core.store.parts import total_size
from ..errors import EnvironmentDamaged, StoreError
from .disk.syscalls import rename_exclusive, sync_file_system
from .disk.trees import SECOND, Tree, list_tree, protect, sync_folder
from .gc.removal import look_again
from .layout import RECORDS, Layout
from .manifests import write_manifest
from .parts.assemble import Assembled
from .parts.contents import read_content, write_own


@dataclass(frozen=True, slots=True)
class Filled:
    """What a prefix was filled with. ``assembled`` is all of it, None if it has to be listed."""

    manifest: Manifest
    assembled: Assembled | None = None


def publish(
    layout: Layout, built: Path, filled: Filled, kind: EnvironmentKind, key: str
) -> Environment:
    """Check and protect the build, bring it to disk, and rename it to its path in the store.

    An ephemeral environment is not brought to disk, see `outlives_power_cuts`.

    :param built: the prefix, in the build folder; it is moved if it is published.
    :return: the environment under that key: ours, or that of the process that was first.
    :raises EnvironmentDamaged: if a file of a part is missing.
    """
    manifest = filled.manifest._replace(kind=kind, key=key)
    manifest = _seal(built, manifest, filled.assembled)
    synced = outlives_power_cuts(layout, kind)
    # The manifest is written last, and nothing is renamed before all of it is on disk. uv never
    # syncs: a power cut 6 s after an install left 7,625 of 7,926 files empty.
    write_manifest(built, manifest, synced=synced)
    if synced:
        # One sync of the file system takes 0.1 to 0.3 s, however many files there are.
        sync_file_system(built)
    return _move(layout, built, manifest)


def outlives_power_cuts(layout: Layout, kind: EnvironmentKind) -> bool:
    """Whether such an environment may be used after a power cut.

    An ephemeral one is never looked up: it belongs to the process that has built it, and to the
    kernel, by a lease that ends with them. A power cut ends both, and the next prune removes what
    is left of it. Not so where hosts share the disk, whose power is not theirs.
    """
    return kind is not EnvironmentKind.EPHEMERAL or layout.host != ""


def _seal(built: Path, manifest: Manifest, assembled: Assembled | None) -> Manifest:
    """Make the build unwritable and check it; the manifest with what can be said only now."""
    site_packages = built / manifest.site_packages
    # A Python that is run as root and ignores our settings writes bytecode all the same. It does
    # so here, and site-packages itself stays as it is.
    (site_packages / "__pycache__").mkdir(exist_ok=True)
    if assembled is None:
        content, tree = read_content(built, manifest), list_tree(built)
    else:
        # Not listed again: each file was checked while it was linked or copied.
        content, tree = assembled.content, _tree(assembled, manifest)
    missing = content.files.keys() - tree.files or content.links.keys() - tree.links.keys()
    if missing:
        raise EnvironmentDamaged(
            f"The environment was not built completely: {min(missing)} is missing."
        )
    own = write_own(built, tree, content)
    protect(built, [*own.files, *_records(built)], {*tree.folders, RECORDS})
    # Whole seconds: archives and image layers keep no more.
    mtime = os.stat(site_packages).st_mtime_ns // SECOND * SECOND
    os.utime(site_packages, ns=(mtime, mtime))
    return manifest._replace(
        files=len(content.files) + len(own.files),
        size=total_size(content.files) + own.size,
        site_packages_mtime=mtime,
    )


def _tree(assembled: Assembled, manifest: Manifest) -> Tree:
    """What is in a prefix that was assembled, and not changed since."""
    content = assembled.content
    folders = [*assembled.folders, f"{manifest.site_packages}/__pycache__"]
    return Tree(set(content.files), dict(content.links), folders)


def _records(built: Path) -> list[str]:
    return [f"{RECORDS}/{name}" for name in os.listdir(built / RECORDS)]


def _move(layout: Layout, built: Path, manifest: Manifest) -> Environment:
    kind, key = manifest.kind, manifest.key
    target = layout.prefix(kind, key)
    for _attempt in range(3):  # a damaged one at the target is discarded, then we try again
        if rename_exclusive(built, target):
            if outlives_power_cuts(layout, kind):
                # Else a power cut may still undo the rename itself.
                sync_folder(target.parent)
            return Environment(str(target), manifest)
        winner = look_again(layout, kind, key)
        if winner is not None:
            return winner
    raise StoreError(f"Something that cannot be discarded is at {target}.")
