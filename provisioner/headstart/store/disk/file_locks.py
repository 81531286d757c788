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

Result = TypeVar("Result")

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
"""How file systems say that they have no locks. Then each process gets every lock: see `Layout`."""

LOOK = 0.05
"""Seconds between two checks for what another process makes."""

LOOKS = 4
"""One check in this many also tries to get the lock: that costs more, and many may be waiting."""


class FileLock:
    """An exclusive lock that this process holds."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Release the lock, for children too that were forked while it was held."""
        with suppress(OSError):  # then closing the descriptor unlocks it
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
    """As `flock`, but waits no longer than that.

    :raises BlockingIOError: if another process held it all the time.
    """
    if seconds == math.inf:
        flock(descriptor, operation)
        return
    # By polling: flock has no limit of time, and a signal's alarm is for main threads only.
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

    :param mode: of the file. Each user who may read it can hold the lock.
    :raises FileNotFoundError: if the file's folder does not exist.
    """
    descriptor = open_lock(path, mode, create=True)
    try:
        flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between open and flock its holder may have removed the file, and another made a new one.
        if is_same_file(descriptor, path):
            return FileLock(descriptor)
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock on a file. One that is gone is not made again."""
    try:
        descriptor = open_lock(path, 0o600, create=False)
    except OSError:
        return False
    try:
        flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def open_lock(path: Path, mode: int, *, create: bool) -> int:
    """Open a file to lock it. A folder of that name will do, for nothing is written there.

    A link is removed: we make none there, and follow none, so no process holds a lock by it.

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
    """Whether the reason why a lock could not be opened was repaired."""
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
    instead: Callable[[], Result | None],
) -> FileLock | Result:
    """Take the exclusive lock on a file, and wait for it as long as it takes.

    :param waiting: told the seconds waited so far, first without delay, then about every second.
    :param instead: asked before each attempt; what it returns, unless None, is as good as the lock.
    :raises BuildCancelled: as soon as ``cancelled`` says so.
    """
    # By polling: a blocking flock could not be cancelled, nor end when the environment exists.
    started, told = time.monotonic(), -1
    for look in itertools.count():
        result = instead()
        if result is not None:
            return result
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
        stat_result = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), stat_result)
