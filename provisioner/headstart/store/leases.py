"""Leases: what keeps an environment from being removed while it is used."""

from __future__ import annotations

import fcntl
import logging
import math
import os
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from ..core.store.manifest import Environment
from .disk.file_locks import FileLock, flock_within, is_same_file, open_lock, try_lock
from .disk.os_errors import READ_ONLY
from .disk.trees import is_fresh, modified_at
from .layout import Layout

logger = logging.getLogger(__name__)

QUIET = 30 * 86_400.0
"""Seconds after which a lease that no lock speaks for counts as given up: those of other hosts,
and all where locks do not work. The modification time of its file says when it was last taken."""

GRACE = 7 * 86_400.0
"""Seconds between the notice that an environment of a system store is removed, and the removal."""

PATIENCE = 10.0
"""Seconds that the administrator of such a store waits for a lease: a removal takes less."""

LEASE_MODE = 0o644
"""Mode of lease files: each user who may use a store has to open them."""


class Lease:
    """A shared lock that a user of an environment holds as long as it uses it.

    It lasts until the last process that has the descriptor closes it or ends: pass `fileno()` to a
    child (``subprocess``'s ``pass_fds``) and the child holds the lease as well. Children do not
    inherit it otherwise.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """The descriptor.

        :raises ValueError: if the lease was closed.
        """
        if self._descriptor < 0:
            raise ValueError("The lease is closed.")
        return self._descriptor

    def close(self) -> None:
        """End this process's part in the lease. Does nothing the second time."""
        descriptor, self._descriptor = self._descriptor, -1
        # Closed and never unlocked: unlocking would take the lease from children too.
        if descriptor >= 0:
            with suppress(OSError):  # it is closed all the same (close(2))
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


# A named tuple, as `Layout`.
class LeasedEnvironment(NamedTuple):
    """An environment, and the lease that keeps it from being removed."""

    environment: Environment
    lease: Lease

    def close(self) -> None:
        """End this process's part in the lease."""
        self.lease.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def take_lease(path: Path, *, create: bool, patience: float = math.inf) -> Lease:
    """Take the shared lock on a lease file; waits while the environment is being removed.

    :param patience: seconds that it waits at most.
    :raises FileNotFoundError: if there is no such file and it is not to be made.
    :raises BlockingIOError: if another process held the exclusive lock all the time.
    """
    while True:
        descriptor = _open(path, create=create)
        try:
            flock_within(descriptor, fcntl.LOCK_SH, patience)
            # Else it was removed while we waited, and a lock on a removed file protects nothing.
            if is_same_file(descriptor, path):
                return Lease(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def take_builders_lease(layout: Layout, key: str) -> Lease:
    """The lease of the builder of an environment; its file is made.

    In a store that other users may enter, one of them may hold the lock without any use: then the
    file is replaced, and the lock on the old one protects nothing any more.
    """
    path = layout.lease(key)
    if not layout.is_open:
        return take_lease(path, create=True)
    # Its builder needs it, which ends a notice of its removal: see `claim_for_removal`.
    layout.removal_notice(key).unlink(missing_ok=True)
    try:
        return take_lease(path, create=True, patience=PATIENCE)
    except BlockingIOError:
        path.unlink(missing_ok=True)
        return take_lease(path, create=True, patience=PATIENCE)


def claim_for_removal(layout: Layout, key: str) -> FileLock | None:
    """As `claim`; but where other users may enter, a lease does not last for ever.

    Else any user could keep everything in a system store. What is in use gets a notice; from then
    on no process begins to use it, and after a time of grace it is removed.
    """
    lock, notice = claim(layout, key), layout.removal_notice(key)
    if not layout.is_open:
        return lock
    if lock is None and not notice.exists():
        notice.touch(0o644)
        removal = datetime.fromtimestamp(time.time() + GRACE).astimezone()
        logger.warning(
            "%s in the system store is in use or locked. The environment %s is removed "
            "after %s; no process begins to use it until then.",
            layout.lease(key), key[:12], removal.strftime("%Y-%m-%d %H:%M"),
        )  # fmt: skip
        return None
    if lock is None:
        if is_fresh(notice, GRACE):
            return None
        # A lock stays with the removed file: the new one can be claimed.
        layout.lease(key).unlink(missing_ok=True)
        lock = claim(layout, key)
    if lock is not None:
        notice.unlink(missing_ok=True)
    return lock


def claim(layout: Layout, key: str) -> FileLock | None:
    """The exclusive lock on a lease file, for the removal of what it protects.

    None if that is in use. While the lock is held, no process on this host begins to use it.
    """
    lease = layout.lease(key)
    # Where locks do not work, only the time of the last use protects an environment.
    if used_elsewhere(layout, key) or (not layout.locks and is_fresh(lease, QUIET)):
        return None
    return try_lock(lease, LEASE_MODE)


def used_elsewhere(layout: Layout, key: str) -> bool:
    """Whether another host uses an environment, as far as this one can tell."""
    return any(_is_held(layout, lease) for lease in layout.other_leases(key))


def in_use(layout: Layout, key: str) -> bool:
    """Whether an environment is in use; no, if that cannot be read. Makes no file."""
    try:
        if not layout.lease(key).exists():
            return used_elsewhere(layout, key)
        lock = claim(layout, key)
    except OSError:
        return False
    if lock is not None:
        lock.release()
    return lock is None


def last_used(layout: Layout, key: str) -> float:
    """When the last use of it began, in seconds since the epoch; 0 if that is unknown."""
    return max(map(modified_at, (layout.lease(key), *layout.other_leases(key))))


def _is_held(layout: Layout, lease: Path) -> bool:
    # By its time first: between hosts a lock may not be visible.
    if is_fresh(lease, QUIET):
        return True
    if not layout.locks or not lease.exists():
        return False
    lock = try_lock(lease, LEASE_MODE)
    if lock is not None:
        lock.release()
    return lock is None


def mark_used(lease: Lease) -> None:
    """Record the time of this use for `last_used`, if the store can be written."""
    try:
        os.utime(lease.fileno())
    except OSError:
        pass


def _open(path: Path, *, create: bool) -> int:
    try:
        return open_lock(path, LEASE_MODE, create=create)
    except OSError as error:
        # A store that others wrote, or a disk that is read-only by now: flock needs no more.
        if error.errno not in READ_ONLY:
            raise
        try:
            return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise error from None
