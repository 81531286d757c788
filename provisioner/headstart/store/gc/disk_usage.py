"""Disk usage of the store, by the environments and caches that hold it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ...core.store.accounting import Amount, Share
from ...core.store.manifest import EnvironmentKind
from ..disk.trees import names_in
from ..layout import NAME, Layout
from .caches import list_downloads, list_wheels

REST = "the rest"
"""Holds what no item holds: leases, remembered locks, bytecode of the standard library, trash."""

BLOCK = 512
"""Bytes of the unit of ``st_blocks``, whatever the file system's own is (POSIX)."""


def measure(layout: Layout) -> list[Share]:
    """Everything in the store, each inode once; 17 s for a million files.

    Reflinked files cannot be told from copies, and count as such.
    """
    meter = _Meter()
    for holder, top in _holdings(layout):
        meter.add(holder, top)
    return meter.shares()


def free_space(layout: Layout) -> int:
    """Bytes that this user may still write on the store's disk."""
    stat_result = os.statvfs(layout.version)
    return stat_result.f_bavail * stat_result.f_frsize


def _holdings(layout: Layout) -> Iterator[tuple[str, Path]]:
    """The trees of each holder. The last holds all; what was counted before is left out of it."""
    for kind in EnvironmentKind:
        for folder in (layout.folder(kind), layout.pycaches(kind)):
            for name in filter(NAME.fullmatch, names_in(folder)):
                yield f"{kind}/{name}", folder / name
    for item, path in (*list_wheels(layout), *list_downloads(layout)):
        yield item.name, path
    yield REST, layout.version


class _Meter:
    """Counts inodes, and remembers who holds those that have several names."""

    def __init__(self) -> None:
        self._counted: set[str] = set()
        self._groups: list[frozenset[str]] = []
        self._numbers: dict[frozenset[str], int] = {}
        self._sizes: list[int] = []
        self._inodes: list[int] = []
        # By device and inode in one number: a tuple for each of a million would take 100 MB more.
        self._group_of: dict[int, int] = {}

    def add(self, holder: str, top: Path) -> None:
        """Count a tree for a holder, but for trees below it that were counted already."""
        self._counted.add(str(top))
        alone = self._group(frozenset({holder}))
        folders = [str(top)]
        self._count(alone, _stat(top))
        for folder in folders:
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.path in self._counted:
                            continue
                        stat_result = entry.stat(follow_symlinks=False)
                        if stat.S_ISDIR(stat_result.st_mode):
                            folders.append(entry.path)
                        if stat.S_ISDIR(stat_result.st_mode) or stat_result.st_nlink == 1:
                            self._count(alone, stat_result)
                        else:
                            self._count_linked(holder, alone, stat_result)
            except OSError:  # it was removed meanwhile, or is not ours to read
                continue

    def shares(self) -> list[Share]:
        """All that was counted, by its holders."""
        amounts = zip(self._groups, self._sizes, self._inodes, strict=True)
        return [Share(group, Amount(size, count)) for group, size, count in amounts if count]

    def _count_linked(self, holder: str, alone: int, stat_result: os.stat_result) -> None:
        inode = stat_result.st_dev << 64 | stat_result.st_ino
        before = self._group_of.get(inode)
        if before is None:
            group = alone
        elif holder in self._groups[before]:
            return
        else:
            # It moves from the group of its holders so far to the group with this one.
            group = self._group(self._groups[before] | {holder})
            self._count(before, stat_result, -1)
        self._count(group, stat_result)
        self._group_of[inode] = group

    def _count(self, group: int, stat_result: os.stat_result | None, sign: int = 1) -> None:
        if stat_result is not None:
            self._sizes[group] += sign * stat_result.st_blocks * BLOCK
            self._inodes[group] += sign

    def _group(self, holders: frozenset[str]) -> int:
        number = self._numbers.setdefault(holders, len(self._groups))
        if number == len(self._groups):
            self._groups.append(holders)
            self._sizes.append(0)
            self._inodes.append(0)
        return number


def _stat(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None
