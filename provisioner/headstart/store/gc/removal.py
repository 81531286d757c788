"""Remove environments and leftovers: never what is in use, and never half of it.

All of it is discarded first, under the lock that shows that it is not in use, and deleted after
the lock was released: deleting may take seconds.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...core.store.manifest import Environment, EnvironmentKind
from ...errors import EnvironmentDamaged
from ..building import dead_builds
from ..disk.syscalls import rename_exclusive
from ..disk.trees import delete_tree, names_in
from ..layout import EPHEMERAL_NAME, NAME, Layout
from ..leases import claim, claim_for_removal, in_use, used_elsewhere
from ..manifests import Touched, inspect
from ..trash import Notice, discard

logger = logging.getLogger(__name__)


def look_again(
    layout: Layout, kind: EnvironmentKind, key: str, notice: Notice = lambda _text: None
) -> Environment | None:
    """The environment under that key, if it exists and is in order; a damaged one is discarded.

    For the holder of the key's build lock: without it a rebuilt environment could be discarded.

    :param notice: told in one line that it was damaged; so is the log.
    """
    prefix = layout.prefix(kind, key)
    try:
        return inspect(prefix, kind, key)
    except EnvironmentDamaged as damage:
        if isinstance(damage, Touched) and _only_touched(damage.environment):
            return damage.environment
        line = f"The {kind} {key[:12]} is built again: {damage.message.rstrip('.')}."
        logger.warning("%s", line)
        notice(line)
        discard(layout, prefix)
        return None


def _only_touched(environment: Environment) -> bool:
    """Whether every file is as it was built; then the time of site-packages is restored."""
    from ..verify.verify_entry import is_as_built

    if not is_as_built(environment):
        return False
    time = environment.manifest.site_packages_mtime
    os.utime(environment.site_packages, ns=(time, time))
    return True


def published(prefix: Path, kind: EnvironmentKind, key: str) -> Environment | None:
    """The environment at ``prefix``, if it exists and is in order, for a process that waits for it.

    Nothing is discarded, and an error is left to the holder of the build lock.
    """
    try:
        return inspect(prefix, kind, key) if os.path.lexists(prefix) else None
    except (EnvironmentDamaged, OSError):
        return None


def remove(layout: Layout, kind: EnvironmentKind, key: str) -> bool:
    """Remove an environment and its bytecode unless it is in use; True if none exists any more."""
    # Without a wait: what is in use now is left to the next prune.
    lock = claim_for_removal(layout, key)
    if lock is None:
        return False
    with lock:
        parts = (layout.prefix(kind, key), layout.pycache(kind, key))
        discarded = {path: discard(layout, path) for path in parts}
        # Another host marks its use, then looks for the environment; we rename, then look for its
        # mark. So one of the two sees the other.
        if used_elsewhere(layout, key):
            _restore(discarded)
            return False
        if kind is EnvironmentKind.EPHEMERAL:
            # The one lease file that may be removed: its name is never used again.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(layout.lease(key))
    for trashed in filter(None, discarded.values()):
        delete_tree(trashed)
    return True


def _restore(discarded: Mapping[Path, Path | None]) -> None:
    """Rename back what was discarded: another host has begun to use it at the same moment."""
    for path, trashed in discarded.items():
        if trashed is not None:
            rename_exclusive(trashed, path)


def remove_leftovers(layout: Layout, *, act: bool = True) -> Iterator[str]:
    """Remove what will never be used; yields the paths of it, relative to the store.

    :param act: if it is False nothing is removed.
    """
    # Listed first: what is discarded below is reported under its own name, not as trash.
    trash = sorted(layout.trash.iterdir())
    for folder in dead_builds(layout):
        if not act or discard(layout, folder):
            yield f"building/{folder.name}"
    yield from _remove_ephemeral(layout, act)
    yield from _remove_pycaches(layout, act)
    for path in trash:
        yield f"trash/{path.name}"
    for path in layout.trash.iterdir() if act else ():
        delete_tree(path)


def _remove_ephemeral(layout: Layout, act: bool) -> Iterator[str]:
    """Ephemeral environments without a lease; also what is left of them."""
    kind = EnvironmentKind.EPHEMERAL
    folders = (layout.folder(kind), layout.pycaches(kind), layout.leases)
    names = {name for folder in folders for name in names_in(folder)}
    for name in sorted(filter(EPHEMERAL_NAME.fullmatch, names)):
        existed = os.path.lexists(layout.prefix(kind, name))
        removed = remove(layout, kind, name) if act else not in_use(layout, name)
        if removed and existed:
            yield f"ephemeral/{name}"


def _remove_pycaches(layout: Layout, act: bool) -> Iterator[str]:
    """Bytecode of removed environments; that of ephemeral ones was removed with them."""
    for kind in (EnvironmentKind.ENVIRONMENT, EnvironmentKind.LAYER):
        for key in filter(NAME.fullmatch, names_in(layout.pycaches(kind))):
            prefix, path = layout.prefix(kind, key), layout.pycache(kind, key)
            lock = None if os.path.lexists(prefix) else claim(layout, key)
            if lock is None:  # it exists, or is being built
                continue
            with lock:
                if not os.path.lexists(prefix) and (not act or discard(layout, path)):
                    yield f"pycache/{key}"
