"""Files and trees of files, below the level of environments."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ...files import replace_file

logger = logging.getLogger(__name__)

DAY = 86_400.0
"""Seconds."""

SECOND = 10**9
"""Nanoseconds."""

SHARED = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH
WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def write_new(path: Path, text: str, mode: int = 0o600, *, synced: bool = True) -> None:
    """Write a file that does not exist yet.

    :param synced: wait until it is on disk.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, mode), "w", encoding="utf-8") as file:
        file.write(text)
        if synced:
            file.flush()
            os.fsync(file.fileno())


def replace_text(
    path: Path,
    text: str,
    *,
    mode: int = 0o600,
    synced: bool = False,
    staging: Path | None = None,
) -> None:
    """Replace a file, or anything else of that name; readers see the old text or the new one.

    :param mode: as for `files.replace_file`; so is ``staging``.
    :param synced: also after a power cut.
    """
    with suppress(FileNotFoundError):
        # Damage: the store makes only files there, and a rename cannot replace a folder.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            delete_tree(path)
    replace_file(path, text.encode("utf-8"), mode=mode, synced=synced, staging=staging)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_fresh(path: Path, seconds: float) -> bool:
    """Whether a file was modified within that time; yes, if its time is in the future."""
    try:
        return time.time() - os.lstat(path).st_mtime < seconds
    except OSError:
        return False


def read_text(path: Path, errors: str = "strict") -> str:
    """The text of a file; ``""`` of a pipe, whose writer may never come.

    :raises OSError: if there is none.
    :raises UnicodeDecodeError: if it is no text.
    """
    with open(path, encoding="utf-8", errors=errors, newline="", opener=_open_nonblocking) as file:
        return file.read()


def _open_nonblocking(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def sealed(name: str, text: str) -> str:
    """The text with a digest of itself and of its name, so that damage and exchange are noticed."""
    return f"{_digest_under(name, text)}\n{text}"


def unsealed(name: str, content: str) -> str | None:
    """The text that `sealed` was given; None if it was changed, or has another name."""
    digest, _, text = content.partition("\n")
    return text if digest == _digest_under(name, text) else None


def _digest_under(name: str, text: str) -> str:
    return hashlib.sha256(f"{name}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def read_marked(path: Path) -> str:
    """The text of a file, whose modification time says to within a day when it was last read.

    :raises OSError: if there is none.
    :raises UnicodeDecodeError: if it is no text.
    """
    text = read_text(path)
    # Once a day: a start that only reads should not write each time.
    if not is_fresh(path, DAY):
        with suppress(OSError):  # in a store that cannot be written
            os.utime(path)
    return text


def names_in(folder: Path) -> list[str]:
    """The names in a folder, sorted; none if there is no such folder."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def modified_at(path: Path) -> float:
    """When a file was changed last, in seconds since the epoch; 0 if that cannot be read."""
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


class Tree(NamedTuple):
    """What is below a folder; paths are relative to it, with ``/``. ``links`` has targets."""

    files: set[str]
    links: dict[str, str]
    folders: list[str]


def list_tree(top: Path) -> Tree:
    """Everything below ``top``, without a `stat` of any file: 10,000 names take 20 ms."""
    # No recursion here and below: a wheel may nest its folders deeper than Python its calls.
    tree = Tree(set(), {}, [])
    folders = [""]
    for folder in folders:
        with os.scandir(f"{top}/{folder}") as entries:
            for entry in entries:
                path = folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{path}/")
                    tree.folders.append(path)
                elif entry.is_symlink():
                    tree.links[path] = os.readlink(entry.path)
                else:
                    tree.files.add(path)
    return tree


def protect(top: Path, files: Iterable[str], folders: Iterable[str]) -> None:
    """Remove write permission from what is below ``top``, which stays writable itself.

    A hardlinked file is protected wherever else it is linked.
    """
    # Not ``top``: a folder that its owner may not write cannot be moved into another one.
    for path in files:
        mode = stat.S_IMODE(os.stat(f"{top}/{path}", follow_symlinks=False).st_mode)
        if mode & WRITE_BITS:
            os.chmod(f"{top}/{path}", mode & ~WRITE_BITS)
    for path in folders:
        os.chmod(f"{top}/{path}", stat.S_IRUSR | stat.S_IXUSR | SHARED)


def digest_of(path: str) -> str:
    """SHA-256 of a file in hex, at about 1 GB/s."""
    # Unbuffered: `file_digest` reads into a large buffer of its own.
    with open(path, "rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def delete_tree(top: Path) -> bool:
    """Delete a file or a tree, write-protected folders included; whether nothing is left.

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
        # Folders of what was published are write-protected, see `protect`.
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
