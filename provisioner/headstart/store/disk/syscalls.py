"""Two system calls that Python does not have, and what replaces them where they are missing."""

from __future__ import annotations

import errno
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

AT_FDCWD = -100
RENAME_NOREPLACE = 1
NOT_SUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})


@cache
def _libc() -> ctypes.CDLL:
    # Not at the top: a kernel start that builds nothing must not pay for it.
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: int | bytes) -> int:
    """Call a function of the C library; 0, or the errno of its failure."""
    import ctypes

    function = getattr(_libc(), name, None)
    if function is None:
        return errno.ENOSYS
    return 0 if function(*arguments) == 0 else ctypes.get_errno()


def sync_file_system(path: str | os.PathLike[str]) -> None:
    """Return when everything written to the file system of ``path`` is on disk.

    :raises OSError: if something that was written could not be brought there.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        error = _call("syncfs", descriptor)
    finally:
        os.close(descriptor)
    if error in NOT_SUPPORTED:
        os.sync()
    elif error:
        raise OSError(error, os.strerror(error), os.fspath(path))


def rename_exclusive(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> bool:
    """Rename a folder unless there is something at ``target``; say whether it was renamed.

    An error with something at the target means that another process was first, whatever the error:
    network file systems report a rename that they repeated in many ways.

    :raises OSError: if the rename failed and there is nothing at ``target``.
    """
    error = _call(
        # A plain rename replaces an empty folder, and says nothing.
        "renameat2",
        AT_FDCWD,
        os.fsencode(source),
        AT_FDCWD,
        os.fsencode(target),
        RENAME_NOREPLACE,
    )
    if error == 0:
        return True
    if error in NOT_SUPPORTED:
        return _rename_if_missing(source, target)
    if os.path.lexists(target):
        return False
    raise OSError(error, os.strerror(error), os.fspath(source), None, os.fspath(target))


def _rename_if_missing(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> bool:
    """`rename_exclusive` where the kernel or the file system has no such rename.

    A plain rename replaces an empty folder only, and an environment is never one: if another
    process publishes between the look and the rename, the rename fails.
    """
    if os.path.lexists(target):
        return False
    try:
        os.rename(source, target)
    except OSError:
        if os.path.lexists(target):
            return False
        raise
    return True
