"""The parts that environments are assembled from: one tree per wheel and Python, kept once.

``wheels/<digest>/<tag>/`` has the files in ``tree/`` and their record in ``files.json``. A part is
published as an environment is: built in a folder of its own, synced, renamed; and never written
again. It only saves work: what is missing or damaged is made again. Environments may link to its
bytecode, without which they are right, and slower.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ...core.store.parts import TREE, FileRow, Record, is_part
from ...errors import EnvironmentDamaged, StoreError
from ..building import build_folder
from ..disk.file_locks import FileLock, try_lock
from ..disk.syscalls import rename_exclusive, sync_file_system
from ..disk.trees import SECOND, delete_tree, digest_of, list_tree, protect, read_text
from ..host_layout import HostLayout
from ..manifests import PASSING
from ..trash import Notice, discard
from ..unpacking import PARTS, Disk, builders, look_at_disk

logger = logging.getLogger(__name__)

RECORD = "files.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the store. ``folder``, with its inode, holds its tree and its record."""

    name: str
    folder: Path
    record: Record
    inode: int

    @property
    def tree(self) -> Path:
        """The files, by the paths that they have in an environment."""
        return self.folder / TREE


class Parts:
    """The parts of a store."""

    def __init__(self, location: HostLayout, notice: Notice = lambda _text: None) -> None:
        self._host_layout = location
        self._notice = notice

    def find(self, name: str) -> Part | None:
        """The part of that name, if it exists and its record is whole."""
        folder = self._path(name)
        # Before the record is read: so `discard` spares a part that replaces this one meanwhile.
        try:
            inode = folder.stat(follow_symlinks=False).st_ino
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno != errno.ELOOP:  # a looping link instead of the wheel's folder
                raise
            return None
        try:
            text = read_text(folder / RECORD)
            return Part(name, folder, Record.from_json(text, name), inode)
        except (EnvironmentDamaged, UnicodeDecodeError):
            pass
        except OSError as error:
            if error.errno in PASSING:
                raise
        if self.discard(name, inode):  # unless it was removed meanwhile
            self._notice(f"What the store keeps of a wheel is damaged: {name[:12]}.")
        return None

    def has(self, name: str) -> bool:
        """Whether there is a part of that name; its record is not read."""
        return (self._path(name) / RECORD).is_file()

    def names(self) -> Iterator[str]:
        """The names of all parts, sorted."""
        for folder in sorted(self._host_layout.layout.wheels.glob("*/*")):
            name = f"{folder.parent.name}/{folder.name}"
            if is_part(name):
                yield name

    def discard(self, name: str, inode: int | None = None) -> bool:
        """Discard a damaged part, so that it is made again; whether it existed.

        :param inode: of the damaged folder: one that another process has published meanwhile under
            that name stays.
        """
        path = self._path(name)
        try:
            if inode is not None and path.stat(follow_symlinks=False).st_ino != inode:
                return False
        except (FileNotFoundError, NotADirectoryError):
            return False
        logger.warning("What the store keeps of the wheel %s is damaged.", name[:12])
        trashed = discard(self._host_layout.layout, path)
        if trashed is not None:
            delete_tree(trashed)
        return trashed is not None

    def take_turn(self, tag: str) -> FileLock | None:
        """The lock for compiling all parts of a Python's tag; None while another process has it."""
        self._host_layout.make()
        return try_lock(self._host_layout.layout.version / f"compile-{tag}.lock")

    def building(self) -> AbstractContextManager[Path]:
        """An empty folder to make parts in; see `publish`."""
        self._host_layout.make()
        return build_folder(self._host_layout.layout, PARTS)

    def builders(self) -> int:
        """How many builds make parts just now, of this process and of others."""
        return builders(self._host_layout.layout)

    def published_at(self) -> int:
        """When a wheel's part was last added or removed, in nanoseconds since the epoch, or 0."""
        try:
            return self._host_layout.layout.wheels.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def disk(self) -> Disk:
        """The disk that parts are written to."""
        self._host_layout.make()
        return look_at_disk(self._host_layout.layout.version)

    def publish(self, made: Mapping[str, Path]) -> dict[str, Part]:
        """Bring parts to disk and make them visible; ours, or those of a process that was first.

        :param made: folders by the parts' names, each with a tree and a record, in a build folder.
        """
        if made:  # one sync is for the whole file system, so one is enough for all parts
            sync_file_system(next(iter(made.values())))
        return {name: self._move(folder, name) for name, folder in made.items()}

    def _move(self, folder: Path, name: str) -> Part:
        target = self._path(name)
        if target.parent.is_symlink() or target.parent.is_file():
            discard(self._host_layout.layout, target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        for _attempt in range(3):  # `find` discards a damaged one at the target
            renamed = rename_exclusive(folder, target)
            part = self.find(name)
            if part is not None:
                return part
            # Our own part is damaged, and would be the next time.
            if renamed:
                break
        raise StoreError(f"Something that cannot be discarded is at {target}.")

    def _path(self, name: str) -> Path:
        if not is_part(name):
            raise StoreError(f"{name!r} does not name anything in a store.")
        return self._host_layout.layout.wheels / name


def record_part(folder: Path, name: str = "") -> Record:
    """Record the tree in a part's folder and protect both; see `Parts.publish`.

    :param name: the part's, so that another part's record does not count as this one's.
    """
    tree = list_tree(folder / TREE)
    files = {path: describe(folder / TREE / path) for path in sorted(tree.files)}
    record = Record(files, tree.links)
    (folder / RECORD).write_text(record.to_json(name), "utf-8")
    protect(folder, [RECORD], [TREE])
    protect(folder / TREE, tree.files, tree.folders)
    return record


def describe(path: Path) -> FileRow:
    """A file's row in a record; reads the whole file."""
    stat_result = path.stat(follow_symlinks=False)
    return digest_of(str(path)), stat_result.st_size, stat_result.st_mtime_ns // SECOND
