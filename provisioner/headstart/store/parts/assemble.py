"""Assemble an environment from parts: link, clone or copy their files into a prefix."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...core.store.parts import Content, FileRow, combine
from ...errors import BuildCancelled, BuildError, EnvironmentDamaged
from ..disk.link_files import CANNOT_LINK, LINKERS, Linker
from ..disk.trees import SECOND, delete_tree
from ..layout import RECORDS, record_path
from .part_store import RECORD, Part

CHUNK = 400
"""Files that a thread links at a time."""

THREADS = 2
"""More of them wait for one another."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """All that is in an environment; ``folders`` are relative to it, with ``/``."""

    content: Content
    folders: frozenset[str]


class PartDamaged(EnvironmentDamaged):
    """A file of a part is missing, or not as its record says, or the part was pruned meanwhile."""

    def __init__(self, part: Part, path: str) -> None:
        super().__init__(f"What the store keeps of a wheel is damaged: {path}.")
        self.part = part


def assemble(
    prefix: Path,
    parts: Sequence[Part],
    mode: str,
    *,
    share_bytecode: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Assembled:
    """Make an environment out of parts; of files with one path the last part's counts.

    The parts' records come along, so that the environment can be checked without its parts.

    :param prefix: does not exist yet; nothing is left there if this fails.
    :param mode: ``hardlink``, ``clone`` or ``copy``.
    :param share_bytecode: link to folders of bytecode in the parts, see `combine`.
    :param cancelled: asked after every few hundred files.
    :return: what the environment holds now; each file's size and time were compared.
    :raises PartDamaged: if a file of a part is not as long and as old as its record says, and has
        not the same bytes either.
    :raises BuildError: if one part has a file where another has a folder.
    :raises BuildCancelled: if ``cancelled`` said so.
    """
    try:
        return _assemble(prefix, parts, mode, share_bytecode, cancelled)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        delete_tree(prefix)
        raise BuildError(
            f"Two packages bring {error.filename}, one as a file and one as a folder.",
            hint="Leave one of them out.",
        ) from error
    except BaseException:
        delete_tree(prefix)
        raise


def _assemble(
    prefix: Path,
    parts: Sequence[Part],
    mode: str,
    share_bytecode: bool,
    cancelled: Callable[[], bool],
) -> Assembled:
    records = ((part.name, part.record) for part in parts)
    content = combine(records, share_bytecode=share_bytecode)
    prefix.mkdir()
    with _Target(prefix) as target, ThreadPoolExecutor(THREADS) as pool:
        jobs = [
            pool.submit(target.fill, part, chunk, content.files, LINKERS[mode])
            for part in parts
            for chunk in _chunks(_paths(part, content))
        ]
        try:
            for job in jobs:
                job.result()
                if cancelled():
                    raise BuildCancelled("The build was cancelled.")
        finally:
            # Before the prefix is closed or deleted: threads that run still write into it.
            pool.shutdown(cancel_futures=True)
        for path, link in content.links.items():
            target.symlink(path, link)
        target.make_folder(RECORDS)
    for part in parts:
        _take_record(part, record_path(prefix, part.name), mode)
    return Assembled(content, target.folders)


def _paths(part: Part, content: Content) -> list[str]:
    """The files that an environment has from a part."""
    owners = content.owners
    return [path for path in part.record.files if owners.get(path) == part.name]


def _chunks(paths: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(paths), CHUNK):
        yield paths[start : start + CHUNK]


def _take_record(part: Part, target: Path, mode: str) -> None:
    source = part.folder / RECORD
    try:
        if mode == "hardlink" and _linked(source, target):
            return
        shutil.copyfile(source, target)
    except FileNotFoundError as error:  # the part was pruned meanwhile
        raise PartDamaged(part, RECORD) from error


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in CANNOT_LINK:
            raise
        return False
    return True


class _Target:
    """An open prefix that is being filled, by several threads."""

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix
        self._folders = {""}

    @property
    def folders(self) -> frozenset[str]:
        """The folders that were made."""
        return frozenset(self._folders - {""})

    def __enter__(self) -> _Target:
        self._descriptor = _open(self._prefix)
        return self

    def __exit__(self, *_exception: object) -> None:
        os.close(self._descriptor)

    def fill(
        self, part: Part, paths: Sequence[str], files: Mapping[str, FileRow], link: Linker
    ) -> None:
        """Link files of a part, and check that they have the recorded size and time."""
        target, folders = self._descriptor, self._folders
        try:
            # Paths relative to two open folders: long absolute ones would be walked from the root
            # for each of 10,000 files.
            source = _open(part.tree)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise PartDamaged(part, str(error.filename)) from error
        try:
            for path in paths:
                folder = path.rpartition("/")[0]
                if folder not in folders:
                    self.make_folder(folder)
                try:
                    stat_result = link(path, source, target)
                except OSError as error:
                    if _is_file(path, source):
                        raise
                    raise PartDamaged(part, path) from error
                _, size, mtime = row = files[path]
                same = stat_result.st_size == size and stat_result.st_mtime_ns // SECOND == mtime
                if not same and not _only_touched(path, source, row):
                    raise PartDamaged(part, path)
        finally:
            os.close(source)

    def symlink(self, path: str, link: str) -> None:
        """Make a symbolic link."""
        self.make_folder(path.rpartition("/")[0])
        os.symlink(link, path, dir_fd=self._descriptor)

    def make_folder(self, folder: str) -> None:
        """Make a folder and those above it, unless they exist."""
        if folder in self._folders:
            return
        self.make_folder(folder.rpartition("/")[0])
        try:
            os.mkdir(folder, dir_fd=self._descriptor)
        except FileExistsError:  # another thread was quicker
            pass
        self._folders.add(folder)


def _is_file(path: str, source: int) -> bool:
    """Whether there is a file that can be read: if so, the fault is not the part's."""
    try:
        mode = os.stat(path, dir_fd=source, follow_symlinks=False).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and mode & stat.S_IRUSR != 0


def _only_touched(path: str, source: int, row: FileRow) -> bool:
    """Whether a file has the recorded bytes, and only another time, as in a copy of a store.

    The time is restored, so that the file is not read again by the next build.
    """
    if not _is_file(path, source):
        return False
    sha256, size, mtime = row
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=source)
    with open(descriptor, "rb", buffering=0) as file:
        if os.fstat(descriptor).st_size != size:
            return False
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            return False
        with suppress(OSError):  # a file of another user, which we may only read
            os.utime(descriptor, (mtime, mtime))
    return True


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
