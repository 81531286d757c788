"""Locks on files, which end when their holder ends, however it ends.

All of them are flock's: they belong to an open file, so they exclude threads and processes alike,
and a process that inherits the descriptor holds the lock too.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import math
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from ...errors import BuildCancelled

Found = TypeVar("Found")

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
"""How file systems say that they have no locks. Then everybody gets every lock: see `hosts`."""

LOOK = 0.05
"""Seconds between two looks for what somebody else makes."""

LOOKS = 4
"""With every so many comes an attempt to get the lock: that costs more, and a crowd may wait."""


class FileLock:
    """An exclusive lock that this process holds."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock up, for children too that were forked while it was held."""
        with suppress(OSError):  # what cannot be unlocked goes with the descriptor
            flock(self._descriptor, fcntl.LOCK_UN)
        with suppress(OSError):  # it is closed all the same (close(2))
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.release()


def flock(descriptor: int, operation: int) -> None:
    """As `fcntl.flock`; does nothing where there are no locks."""
    try:
        fcntl.flock(descriptor, operation)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


def flock_within(descriptor: int, operation: int, seconds: float) -> None:
    """As `flock`, which waits as long as that.

    :raises BlockingIOError: if somebody else had it all the time.
    """
    if seconds == math.inf:
        flock(descriptor, operation)
        return
    end = time.monotonic() + seconds
    while True:
        try:
            flock(descriptor, operation | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= end:
                raise
        time.sleep(LOOK)


def try_lock(path: Path, mode: int = 0o600) -> FileLock | None:
    """Take the exclusive lock on a file, which is made if need be; None if it is held.

    :param mode: of the file. Whoever may read it can hold the lock.
    :raises FileNotFoundError: if the file's folder does not exist.
    """
    descriptor = open_lock(path, mode, create=True)
    try:
        flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if is_same_file(descriptor, path):
            return FileLock(descriptor)
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def open_lock(path: Path, mode: int, *, create: bool) -> int:
    """Open a file to lock it. A folder in its place is as good, for nothing is written there.

    A link is removed: it is none of ours, which hold nothing, and nobody has locked one.

    :param mode: of a file that is made.
    :param create: make it if need be.
    """
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    for attempt in range(2):
        try:
            return os.open(path, flags | os.O_RDWR | (os.O_CREAT if create else 0), mode)
        except IsADirectoryError:
            return os.open(path, flags | os.O_RDONLY)
        except OSError as error:
            if attempt or not _mended(path, mode, error):
                raise
    raise AssertionError


def _mended(path: Path, mode: int, error: OSError) -> bool:
    """Whether what has kept a lock from being opened could be put right."""
    if error.errno == errno.ELOOP:
        os.unlink(path)
        return True
    try:
        if error.errno != errno.EACCES or os.lstat(path).st_mode & stat.S_IRUSR:
            return False
        os.chmod(path, mode)  # it stays the file that others may have locked
    except OSError:
        return False
    return True


def wait_for_lock(
    path: Path,
    waiting: Callable[[float], None],
    cancelled: Callable[[], bool],
    instead: Callable[[], Found | None],
) -> FileLock | Found:
    """Take the exclusive lock on a file, and wait for it as long as it takes.

    :param waiting: told the seconds waited so far, at once and then about every second.
    :param instead: asked before each attempt; what it returns, unless None, is as good as the lock.
    :raises BuildCancelled: as soon as ``cancelled`` says so.
    """
    started, told = time.monotonic(), -1
    for look in itertools.count():
        found = instead()
        if found is not None:
            return found
        if look % LOOKS == 0 and (lock := try_lock(path)) is not None:
            return lock
        if cancelled():
            raise BuildCancelled("The wait for another build of this environment was cancelled.")
        seconds = time.monotonic() - started
        if int(seconds) > told:
            told = int(seconds)
            waiting(seconds)
        time.sleep(LOOK)
    raise AssertionError


def is_same_file(descriptor: int, path: Path) -> bool:
    """Whether ``path`` still names the open file: a lock on a removed file protects nothing."""
    try:
        found = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), found)
