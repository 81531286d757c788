"""The full check: every file that should be there, with its bytes, and no other."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.store.parts import FileRow
from ..disk.trees import digest_of, list_tree


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one file. ``path`` is relative to what was checked, ``""`` for itself."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path} {self.what}".lstrip()


class Digests:
    """SHA-256 of files, each inode read once however many names it has."""

    def __init__(self) -> None:
        self._cached: dict[tuple[int, ...], str] = {}

    def of(self, path: str, stat_result: os.stat_result) -> str:
        """The digest of a file, in hex."""
        # With one name it is read once anyway, and need not be remembered.
        if stat_result.st_nlink == 1:
            return digest_of(path)
        inode = (
            stat_result.st_dev,
            stat_result.st_ino,
            stat_result.st_size,
            stat_result.st_mtime_ns,
            stat_result.st_ctime_ns,
        )
        if inode not in self._cached:
            self._cached[inode] = digest_of(path)
        return self._cached[inode]


def compare(
    top: Path,
    files: Mapping[str, FileRow],
    links: Mapping[str, str],
    digests: Digests,
    ignored: frozenset[str] = frozenset(),
) -> Iterator[Problem]:
    """What below ``top`` is not as recorded; nothing if all is well.

    :param ignored: paths that may exist as well.
    """
    tree = list_tree(top)
    for path in sorted(tree.files - files.keys() - ignored):
        yield Problem(path, "should not be there")
    for path in sorted(tree.links.keys() - links.keys()):
        yield Problem(path, "should not be there, a link")
    for path, row in files.items():
        what = _difference(f"{top}/{path}", row, digests) if path in tree.files else "is missing"
        if what:
            yield Problem(path, what)
    for path, link in links.items():
        if tree.links.get(path) != link:
            yield Problem(path, f"does not link to {link}")


def _difference(path: str, row: FileRow, digests: Digests) -> str:
    sha256, size, _ = row
    try:
        stat_result = os.stat(path, follow_symlinks=False)
        if not stat.S_ISREG(stat_result.st_mode):
            return "is not a file"
        # The size first: it costs no reading, and a file that was cut short is the usual damage.
        if stat_result.st_size != size:
            return f"has {stat_result.st_size} bytes, and not {size}"
        return "" if digests.of(path, stat_result) == sha256 else "has other bytes"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
