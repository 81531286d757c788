"""Leases: what keeps an environment from being removed while it is used."""

from __future__ import annotations

import errno
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..core.environment import Environment
from .faults import READ_ONLY
from .locks import is_same_file

NOT_WRITABLE = READ_ONLY | {errno.EISDIR}


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
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class LeasedEnvironment:
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


def take_lease(path: Path, *, create: bool) -> Lease:
    """Take the shared lock on a lease file; waits while somebody removes the environment.

    :raises FileNotFoundError: if there is no such file and it is not to be made.
    """
    while True:
        descriptor = _open(path, create=create)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if is_same_file(descriptor, path):
                return Lease(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def mark_used(lease: Lease) -> None:
    """Leave the time of this use where `entries` finds it, if the store can be written."""
    try:
        os.utime(lease.fileno())
    except OSError:
        pass


def _open(path: Path, *, create: bool) -> int:
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_RDWR | (os.O_CREAT if create else 0), 0o644)
    except OSError as error:
        # A store that others wrote, or a disk that is read-only by now: flock needs no more.
        if error.errno not in NOT_WRITABLE:
            raise
        try:
            return os.open(path, flags | os.O_RDONLY)
        except FileNotFoundError:
            raise error from None
