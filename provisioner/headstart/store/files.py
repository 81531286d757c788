"""Files and trees of files, below the level of environments."""

from __future__ import annotations

import logging
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

DAY = 86_400.0
"""Seconds."""

WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def write_new(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file that is not there yet, and wait until it is on disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_fresh(path: Path, seconds: float) -> bool:
    """Whether a file was touched within that time; yes, if it seems to lie in the future."""
    try:
        return time.time() - os.lstat(path).st_mtime < seconds
    except OSError:
        return False


def read_marked(path: Path) -> str:
    """The text of a file, whose modification time says to within a day when it was last read.

    :raises OSError: if there is none.
    :raises UnicodeDecodeError: if it is no text.
    """
    text = path.read_text("utf-8")
    if not is_fresh(path, DAY):
        with suppress(OSError):  # in a store that cannot be written
            os.utime(path)
    return text


def protect_tree(top: Path) -> dict[str, int]:
    """Take away write permission below ``top``; the sizes in bytes of all files, by path.

    A hardlinked file is protected wherever else it is linked. ``top`` itself stays writable: who
    may not write a folder may not rename it into another one either.
    """
    sizes = {}
    folders: list[tuple[str, int]] = [(str(top), 0)]
    for folder, _ in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    folders.append((entry.path, found.st_mode))
                elif stat.S_ISREG(found.st_mode):
                    sizes[entry.path] = found.st_size
                    _protect(entry.path, found.st_mode)
    for folder, mode in folders[1:]:
        _protect(folder, mode)
    return sizes


def _protect(path: str, mode: int) -> None:
    if mode & WRITE_BITS:
        os.chmod(path, stat.S_IMODE(mode) & ~WRITE_BITS)


def delete_tree(top: Path) -> bool:
    """Delete a file or a tree, write-protected folders included; whether it is gone.

    Others may delete the same tree at the same time. What cannot be deleted stays, with a line in
    the log.
    """
    folders: list[str] = []
    try:
        if stat.S_ISDIR(os.lstat(top).st_mode):
            folders.append(str(top))
        else:
            os.unlink(top)
    except FileNotFoundError:
        return True
    for folder in folders:
        folders += _empty(folder)
    for folder in reversed(folders):
        try:
            os.rmdir(folder)
        except OSError:
            pass
    return not os.path.lexists(top)


def _empty(folder: str) -> list[str]:
    """Delete the files of a folder; its folders are returned."""
    folders = []
    try:
        os.chmod(folder, stat.S_IRWXU)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    _unlink(entry.path)
    except FileNotFoundError:
        pass
    except OSError as error:
        logger.warning("Not all of %s can be deleted: %s.", folder, error)
    return folders


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
