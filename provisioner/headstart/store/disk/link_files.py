"""Link, clone or copy a file: the ways to bring a file from a part into an environment."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable

FICLONE = 0x40049409
"""Linux's ioctl that makes a file share another's blocks (linux/fs.h)."""

CANNOT_LINK = frozenset({errno.EMLINK, errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP})
"""The file has as many names as it can have, or the file system has no second name for it."""

CANNOT_COPY_INSIDE = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP})

Linker = Callable[[str, int, int], os.stat_result]
"""Makes a file at a path below the second open folder like the one below the first, which must be
a regular file. The result describes the source."""


def link(path: str, source: int, target: int) -> os.stat_result:
    """Make a hardlink; a copy where the file system refuses one."""
    try:
        os.link(path, path, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in CANNOT_LINK:
            raise
        # Mostly EMLINK: ext4 gives a file 65,000 names, and an empty __init__.py has the same inode
        # in all environments.
        return copy(path, source, target)
    return os.stat(path, dir_fd=target, follow_symlinks=False)


def clone(path: str, source: int, target: int) -> os.stat_result:
    """Make a file that shares the other's blocks until one of them is written."""
    return _make(path, source, target, _clone)


def copy(path: str, source: int, target: int) -> os.stat_result:
    """Make a file with the same bytes."""
    return _make(path, source, target, _copy)


LINKERS: dict[str, Linker] = {"hardlink": link, "clone": clone, "copy": copy}
"""By link mode."""


def _make(
    path: str, source: int, target: int, fill: Callable[[int, int, int], None]
) -> os.stat_result:
    # A damaged part may have a pipe there, which would block, or a link that leads out of it.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    old = os.open(path, flags, dir_fd=source)
    try:
        stat_result = os.fstat(old)
        if not stat.S_ISREG(stat_result.st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        new = os.open(path, flags, stat.S_IMODE(stat_result.st_mode), dir_fd=target)
        try:
            fill(old, new, stat_result.st_size)
        finally:
            os.close(new)
    finally:
        os.close(old)
    return stat_result


def _clone(old: int, new: int, _size: int) -> None:
    fcntl.ioctl(new, FICLONE, old)


def _copy(old: int, new: int, size: int) -> None:
    done = 0
    while done < size:
        try:
            # Linux copies, and shares the blocks where the file system can.
            step = os.copy_file_range(old, new, size - done)
        except OSError as error:
            if error.errno not in CANNOT_COPY_INSIDE:
                raise
            step = os.sendfile(new, old, None, size - done)
        if step == 0:  # the file was cut short meanwhile: without an error this would never end
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        done += step
