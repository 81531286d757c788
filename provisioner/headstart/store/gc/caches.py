"""What the store keeps to save time: of wheels, of locks, and in uv's cache."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...core.store.retention import Item, ItemKind
from ..disk.trees import modified_at, names_in, read_text, unsealed
from ..layout import NAME, Layout

_DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")


def wheel_name(sha256: str) -> str:
    """The name of the item that the store keeps of a wheel."""
    return f"{ItemKind.WHEEL}/{sha256}"


def download_name(name: str, version: str) -> str:
    """The name of the item that uv's cache keeps of a distribution, normalised (PEP 503)."""
    return f"{ItemKind.DOWNLOAD}/{re.sub(r'[-_.]+', '-', name).lower()}/{version}"


def list_wheels(layout: Layout) -> Iterator[tuple[Item, Path]]:
    """What the store keeps of wheels, and the path of it."""
    for sha256 in filter(NAME.fullmatch, names_in(layout.wheels)):
        path = layout.wheels / sha256
        yield Item(ItemKind.WHEEL, sha256, modified_at(path)), path


def list_downloads(layout: Layout) -> Iterator[tuple[Item, Path]]:
    """Unpacked wheels in uv's cache, and their paths; the same wheel may have several.

    The layout of the cache is uv's. This much is needed: each wheel is a folder of its own below
    ``archive-v<n>``, with a ``.dist-info`` in it.
    """
    for bucket in _names(layout.uv_cache):
        if not bucket.startswith("archive-"):
            continue
        for name in _names(layout.uv_cache / bucket):
            path = layout.uv_cache / bucket / name
            if (key := _distribution(path)) is not None:
                yield Item(ItemKind.DOWNLOAD, key, modified_at(path)), path


def list_locks(layout: Layout, older_than: float) -> Iterator[tuple[Item, str]]:
    """What is remembered and was not read since then (seconds since the epoch), with its digest.

    The digest of a lock is what the manifests of its environments call it by.
    """
    for name in filter(NAME.fullmatch, names_in(layout.remembered_locks)):
        path = layout.remembered_locks / name
        used = modified_at(path)
        if used < older_than:
            yield Item(ItemKind.LOCK, name, used), _digest_of_lock(path)


def _digest_of_lock(path: Path) -> str:
    """The digest of a remembered text, ``""`` if it cannot be read."""
    # Not at the top: lists of environments import this module, and read no lock.
    from ...core.lock.pylock import digest_of_text

    try:
        text = unsealed(path.name, read_text(path))
    except (OSError, UnicodeDecodeError):
        return ""
    return digest_of_text(text) if text is not None else ""


def _distribution(archive: Path) -> str | None:
    for name in _names(archive):
        match = _DIST_INFO.fullmatch(name)
        if match is not None:
            return download_name(match["name"], match["version"]).partition("/")[2]
    return None


def _names(folder: Path) -> list[str]:
    """As `names_in`; the cache of a system store is its administrator's to read."""
    try:
        return names_in(folder)
    except PermissionError:
        return []
