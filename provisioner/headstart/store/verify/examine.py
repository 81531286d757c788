"""The full check without repair: nothing in the store is changed, not even what is damaged."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from ...core.store.manifest import EnvironmentKind
from ..disk.file_locks import flock
from ..host_layout import HostLayout
from ..layout import Layout
from ..parts.part_store import RECORD, Parts
from .compare import Digests, Problem, compare
from .verify_entry import check

__all__ = ["examine", "examine_part"]


class UntouchedParts(Parts):
    """The parts of a store, of which a damaged one stays where it is."""

    def discard(self, name: str, inode: int | None = None) -> bool:
        """Do nothing: this check changes no store."""
        return False


def examine(
    layout: Layout, kind: EnvironmentKind, key: str, digests: Digests
) -> list[Problem] | None:
    """The full check of an environment: what is wrong with it; None if it does not exist."""
    prefix = layout.prefix(kind, key)
    parts = UntouchedParts(HostLayout(layout.root))
    try:
        with _held(layout, key):
            return check(prefix, kind, key, parts, digests)[0]
    except FileNotFoundError:
        return None


@contextmanager
def _held(layout: Layout, key: str) -> Iterator[None]:
    """Keep an environment from being removed meanwhile, as far as there is a lease file."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with ExitStack() as stack:
        with suppress(OSError):
            descriptor = os.open(layout.lease(key), flags)
            stack.callback(os.close, descriptor)
            # Without a wait: other users of a store may hold it for as long as they like.
            flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def examine_part(layout: Layout, name: str, digests: Digests) -> list[Problem]:
    """The full check of a part: what is wrong with it; nothing if it does not exist."""
    parts = UntouchedParts(HostLayout(layout.root))
    part = parts.find(name)
    if part is None:
        exists = (layout.wheels / name).is_dir()
        return [Problem(RECORD, "cannot be read")] if exists else []
    try:
        return list(compare(part.tree, part.record.files, part.record.links, digests))
    except FileNotFoundError:  # it was removed meanwhile
        return []
