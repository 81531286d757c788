"""Measure what uv unpacks into its cache while it installs.

uv unpacks a wheel into a folder ``.tmp…`` of its cache, and renames that into ``archive-v…/`` when
it is complete. The folder does not tell which build it is for: so `builders` counts the builds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..core.store.accounting import Amount
from .building import LOCK
from .disk.file_locks import is_locked
from .layout import Layout

PARTS = "parts"
"""Begins the names of build folders in which wheels are installed."""

_UNPACKING = ".tmp"
_UNPACKED = "archive-v"
_INFO = ".dist-info"


class Disk(NamedTuple):
    """Bytes of a disk: its size, and those that this user may still write."""

    size: int
    free: int


def look_at_disk(folder: Path) -> Disk:
    """The disk that a folder is on."""
    file_system = os.statvfs(folder)
    block = file_system.f_frsize
    return Disk(file_system.f_blocks * block, file_system.f_bavail * block)


class Growth:
    """What uv has added to its cache since this was made."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._before = frozenset(path for path, _ in self._folders())
        self._whole: dict[str, Amount] = {}
        self._top = ""
        self.largest = Amount()
        """The size of the largest wheel when it was last measured."""

    def measure(self) -> Amount:
        """Bytes and files of all that is new; takes 0.1 s for 20,000 files."""
        total, self.largest = Amount(), Amount()
        for path, is_whole in self._folders():
            if path in self._before:
                continue
            amount = self._whole.get(path) or _measure(path)
            if is_whole:  # uv writes nothing more into it, so it is measured once
                self._whole[path] = amount
            total += amount
            if (amount.size, amount.inodes) > (self.largest.size, self.largest.inodes):
                self._top, self.largest = path, amount
        return total

    @property
    def culprit(self) -> str:
        """Name and version of the largest wheel that was measured; ``""`` if unknown."""
        names = sorted(_names(self._top)) if self._top else []
        info = next((name for name in names if name.endswith(_INFO)), "".join(names[:1]))
        return info.removesuffix(_INFO)

    def _folders(self) -> Iterator[tuple[str, bool]]:
        """Folders of one wheel each, and whether it is whole."""
        for name in _names(self._cache):
            path = os.path.join(self._cache, name)
            if name.startswith(_UNPACKING):
                yield path, False
            elif name.startswith(_UNPACKED):
                yield from ((os.path.join(path, archive), True) for archive in _names(path))


def builders(layout: Layout) -> int:
    """How many builds install wheels just now, of this process and of others."""
    locks = [path / LOCK for path in layout.building.glob(f"{PARTS}.*")]
    return sum(not layout.locks or is_locked(lock) for lock in locks)


def _measure(top: str) -> Amount:
    size, files, folders = 0, 0, [top]
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        files += 1
                        size += entry.stat(follow_symlinks=False).st_size
        except OSError:  # it was renamed meanwhile, and is counted the next time
            continue
    # Folders do not count as files do, unless there is nothing but folders.
    return Amount(size, max(files, len(folders)))


def _names(folder: str | Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
