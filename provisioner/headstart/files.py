"""Files of the user's: regular ones are read, within bounds; what is written harms nothing else.

Nothing here waits for ever: a pipe or a device in the place of a file is an error where a file is
read, and is written to, not replaced, where it was named to be written.
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
"""Of a file that is read whole."""

_PATIENCE = 30.0
"""Seconds that whoever reads a pipe may take for the next part of it."""

_NOT_SUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
"""What file systems say that cannot reserve space."""

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def open_regular(path: str | Path) -> Iterator[BufferedReader]:
    """A regular file, open to be read; links are followed.

    :raises FileNotFoundError: if there is none.
    :raises OSError: if it is something else (a pipe, a device, a folder), or cannot be opened. Its
        ``strerror`` says so as a part of a sentence.
    """
    # Opening a pipe waits for its other end, and opening a device may do anything, such as rewind a
    # tape: so it is looked at first. Between the two it may be changed, hence no waiting.
    _check_regular(os.stat(path), path)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _check_regular(os.fstat(descriptor), path)
        yield file


def read_regular(path: str | Path, most: int = MAX_BYTES) -> bytes:
    """The content of a regular file.

    :param most: bytes that it may have.
    :raises OSError: as `open_regular` does, and if it is larger.
    """
    with open_regular(path) as file:
        # By its size, for `read` makes room for as much as it is asked for; but there are files,
        # in /proc, that say they have none.
        step = max(os.fstat(file.fileno()).st_size + 1, 1 << 16)
        parts, left = [], most + 1
        while left > 0 and (part := file.read(min(left, step))):
            parts.append(part)
            left -= len(part)
    if left <= 0:
        raise OSError(errno.EFBIG, f"it is larger than {_size(most)}", str(path))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def write_file(path: str | Path, content: bytes) -> None:
    """Write a file that the user has named, whatever is there.

    - A regular file is replaced: whoever reads it meanwhile sees the old one or the new one, and
      its owner, permissions and attributes stay. Behind a link it is the file that is replaced.
    - A file with other names (hard links), or whose owner cannot be kept, is written in place.
    - A pipe or a character device (``/dev/stdout``) is written to.
    - What is write-protected stays as it is, also for root; so does everything else.

    :raises OSError: if it cannot be written; a file is then as it was, unless the disk fails while
        one is written in place. Its ``strerror`` says why, as a part of a sentence.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        replace_file(Path(os.path.realpath(path)), content, mode=0o666)
        return
    if stat.S_ISCHR(found.st_mode) or stat.S_ISFIFO(found.st_mode):
        _write_to(path, content)
        return
    _check_regular(found, path)
    if not found.st_mode & _WRITABLE:
        raise PermissionError(errno.EACCES, "it is write-protected", str(path))
    target = Path(os.path.realpath(path))
    if found.st_nlink == 1:
        with suppress(PermissionError):  # not in that folder, or not with that owner
            replace_file(target, content, like=found)
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

    :param path: what is there is replaced if it is a regular file.
    :param mode: of the new file, less the process's umask.
    :param synced: wait until it is on disk.
    :param like: the new file gets the owner, the permissions and the attributes of ``path``, which
        has this status.
    :param staging: the folder that it is written into first, on the same file system; that of
        ``path`` if it is None.
    :raises PermissionError: if the user may not write there, or give it what it is to get.
    :raises OSError: if something else is there, or it cannot be written.
    """
    with suppress(FileNotFoundError):
        _check_regular(os.lstat(path), path)
    # With a dot, so that one that a killed process leaves is nothing to anybody.
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
        except OSError as error:  # whatever a file system says of attributes that are its own
            raise PermissionError(errno.EPERM, "its attributes cannot be kept") from error


def _write_in_place(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "wb") as file:
        found = os.fstat(descriptor)
        _check_regular(found, path)
        if content and hasattr(os, "posix_fallocate"):
            # A disk that is full says so while the old content is still there.
            try:
                os.posix_fallocate(descriptor, 0, len(content))
            except OSError as error:
                os.ftruncate(descriptor, found.st_size)
                if error.errno not in _NOT_SUPPORTED:
                    raise
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(descriptor)


def _write_to(path: str | Path, content: bytes) -> None:
    """Write to a pipe or a device, as far as somebody takes it."""
    import select  # every kernel start imports this module, and writes nothing
    import time

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "it is a pipe that nobody reads", str(path)) from None
        raise
    try:
        rest = memoryview(content)
        deadline = time.monotonic() + _PATIENCE
        while rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [descriptor], [], left)[1]:
                raise TimeoutError(errno.ETIMEDOUT, "whoever reads it does not go on", str(path))
            try:
                rest = rest[os.write(descriptor, rest) :]
                deadline = time.monotonic() + _PATIENCE
            except BlockingIOError:
                continue
    finally:
        os.close(descriptor)


def _check_regular(found: os.stat_result, path: str | Path) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"
