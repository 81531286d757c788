"""What the store keeps to save time: of wheels, of locks, and in uv's cache."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...core.lock.pylock import digest_of_text
from ...core.store.retention import Item, ItemKind
from ..disk.trees import read_text, unsealed
from ..layout import NAME, Layout

_DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")


def wheel_name(sha256: str) -> str:
    """The name of the item that the store keeps of a wheel."""
    return f"{ItemKind.WHEEL}/{sha256}"


def download_name(name: str, version: str) -> str:
    """The name of the item that uv's cache keeps of a distribution, normalised (PEP 503)."""
    return f"{ItemKind.DOWNLOAD}/{re.sub(r'[-_.]+', '-', name).lower()}/{version}"


def list_wheels(layout: Layout) -> Iterator[tuple[Item, Path]]:
    """What the store keeps of wheels, and where."""
    for entry in _content(layout.wheels):
        if NAME.fullmatch(entry.name):
            yield Item(ItemKind.WHEEL, entry.name, _changed(entry)), Path(entry.path)


def list_downloads(layout: Layout) -> Iterator[tuple[Item, Path]]:
    """Unpacked wheels in uv's cache, and where; the same wheel may be there several times.

    uv's own business, of which we know this much: each is a folder of its own below
    ``archive-v<n>``, with a ``.dist-info`` in it.
    """
    for bucket in _content(layout.uv_cache):
        if not bucket.name.startswith("archive-"):
            continue
        for entry in _content(Path(bucket.path)):
            key = _distribution(Path(entry.path))
            if key is not None:
                yield Item(ItemKind.DOWNLOAD, key, _changed(entry)), Path(entry.path)


def list_locks(layout: Layout, older_than: float) -> Iterator[tuple[Item, str]]:
    """What is remembered and was not read since then (seconds since the epoch), with its digest.

    The digest of a lock is what the manifests of its environments call it by.
    """
    for entry in _content(layout.remembered_locks):
        used = _changed(entry)
        if NAME.fullmatch(entry.name) and used < older_than:
            yield Item(ItemKind.LOCK, entry.name, used), _digest_of_lock(entry)


def _digest_of_lock(entry: os.DirEntry[str]) -> str:
    """The digest of a remembered text, ``""`` if it cannot be read."""
    try:
        text = unsealed(entry.name, read_text(Path(entry.path)))
    except (OSError, UnicodeDecodeError):
        return ""
    return digest_of_text(text) if text is not None else ""


def _distribution(archive: Path) -> str | None:
    for entry in _content(archive):
        match = _DIST_INFO.fullmatch(entry.name)
        if match is not None:
            return download_name(match["name"], match["version"]).partition("/")[2]
    return None


def _changed(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0.0


def _content(folder: Path) -> Iterable[os.DirEntry[str]]:
    """What is in a folder that need not be there, or be ours to read, by name."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
