"""Read regular files within bounds, and write files of the user without harming others.

No function waits without end: a pipe or a device instead of a file is an error for reading, and is
written to, not replaced, for writing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader

__all__ = [
    "MAX_BYTES",
    "open_regular",
    "read_regular",
    "replace_file",
    "write_file",
]

MAX_BYTES = 512 * 1024 * 1024
"""Bytes of a file that is read as a whole."""

_PIPE_TIMEOUT = 30.0
"""Seconds that the reader of a pipe may take until it reads the next part."""

_NOT_SUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
"""Error numbers of file systems that cannot reserve space."""

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def open_regular(path: str | Path) -> Iterator[BufferedReader]:
    """A regular file, open to be read; links are followed.

    :raises FileNotFoundError: if there is none.
    :raises OSError: if it is something else (a pipe, a device, a folder), or cannot be opened. Its
        ``strerror`` is then a part of a sentence.
    """
    # Checked before it is opened: opening a pipe waits for its other end, and opening a device may
    # do anything, such as rewind a tape. And checked again, without waiting, as it may be replaced
    # between the two.
    _check_regular(os.stat(path), path)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _check_regular(os.fstat(descriptor), path)
        yield file


def read_regular(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file.

    :param limit: bytes that it may have.
    :raises OSError: as `open_regular` does, and if it is larger.
    """
    with open_regular(path) as file:
        # In steps of its size, because `read` allocates as much as it may read; but files in /proc
        # have a size of 0.
        step = max(os.fstat(file.fileno()).st_size + 1, 1 << 16)
        parts, left = [], limit + 1
        while left > 0 and (part := file.read(min(left, step))):
            parts.append(part)
            left -= len(part)
    if left <= 0:
        raise OSError(errno.EFBIG, f"it is larger than {_size(limit)}", str(path))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def write_file(path: str | Path, content: bytes) -> None:
    """Write a file that the user has named, as fits what exists there.

    - A regular file is replaced: readers see the old one or the new one, and its owner,
      permissions and attributes are kept. Of a link the target is replaced.
    - A file with other names (hard links), or whose owner cannot be kept, is written in place.
    - A pipe or a character device (``/dev/stdout``) is written to.
    - A write-protected file is not written, also not by root; nor is anything else.

    :raises OSError: if it cannot be written; a file is then unchanged, unless the disk fails while
        one is written in place. Its ``strerror`` says why, as a part of a sentence.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        replace_file(Path(os.path.realpath(path)), content, mode=0o666)
        return
    if stat.S_ISCHR(status.st_mode) or stat.S_ISFIFO(status.st_mode):
        _write_to(path, content)
        return
    _check_regular(status, path)
    # Permissions do not hold root, and `chmod a-w` is how users say that a file is to stay.
    if not status.st_mode & _WRITABLE:
        raise PermissionError(errno.EACCES, "it is write-protected", str(path))
    target = Path(os.path.realpath(path))
    if status.st_nlink == 1:
        with suppress(PermissionError):  # not in that folder, or not with that owner
            replace_file(target, content, like=status)
            return
    _write_in_place(target, content)


def replace_file(
    path: Path,
    content: bytes,
    *,
    mode: int = 0o600,
    synced: bool = True,
    like: os.stat_result | None = None,
    staging: Path | None = None,
) -> None:
    """Write a regular file, all of it or nothing; readers see the old one or the new one.

    :param path: an existing file is replaced if it is a regular one.
    :param mode: of the new file, less the process's umask.
    :param synced: wait until it is on disk.
    :param like: the status of ``path``, whose owner, permissions and attributes the new file gets.
    :param staging: the folder in which it is written first, on the same file system; that of
        ``path`` if it is None.
    :raises PermissionError: if the user may not write there, or not set the owner or attributes.
    :raises OSError: if ``path`` is not a regular file, or it cannot be written.
    """
    with suppress(FileNotFoundError):
        _check_regular(os.lstat(path), path)
    # Hidden, because a process that is killed may leave it behind.
    new = (staging or path.parent) / f".{path.name[:100]}.{os.urandom(8).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(new, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if like is not None:
                _make_alike(descriptor, path, like)
            if synced:
                os.fsync(descriptor)
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise


def _make_alike(descriptor: int, old: Path, like: os.stat_result) -> None:
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
    if hasattr(os, "listxattr"):  # access control lists among them
        try:
            names = os.listxattr(old)
        except OSError:  # a file system without any
            return
        try:
            for name in names:
                os.setxattr(descriptor, name, os.getxattr(old, name))
        except OSError as error:  # file systems refuse their own attributes with different errors
            raise PermissionError(errno.EPERM, "its attributes cannot be kept") from error


def _write_in_place(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "wb") as file:
        status = os.fstat(descriptor)
        _check_regular(status, path)
        if content and hasattr(os, "posix_fallocate"):
            # A full disk is then an error before the old content is overwritten.
            try:
                os.posix_fallocate(descriptor, 0, len(content))
            except OSError as error:
                os.ftruncate(descriptor, status.st_size)
                if error.errno not in _NOT_SUPPORTED:
                    raise
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(descriptor)


def _write_to(path: str | Path, content: bytes) -> None:
    """Write to a pipe or a device, as far as it is read."""
    import select  # every kernel start imports this module, and writes nothing
    import time

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "it is a pipe without a reader", str(path)) from None
        raise
    try:
        rest = memoryview(content)
        deadline = time.monotonic() + _PIPE_TIMEOUT
        while rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [descriptor], [], left)[1]:
                raise TimeoutError(errno.ETIMEDOUT, "its reader has stopped reading", str(path))
            try:
                rest = rest[os.write(descriptor, rest) :]
                deadline = time.monotonic() + _PIPE_TIMEOUT
            except BlockingIOError:
                continue
    finally:
        os.close(descriptor)


def _check_regular(status: os.stat_result, path: str | Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"
