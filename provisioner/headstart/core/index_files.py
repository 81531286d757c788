"""Which files are an index's own: a lock that somebody else has made may name any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from .lock import Lock, LockedPackage

__all__ = ["KnownIndex", "known_indexes", "owner_of"]

Place = tuple[str, ...]
"""Scheme and host of a URL, then the steps of its path."""

_PLAIN = re.compile(r"[!-#%-\[\]-~]+")
"""Printable ASCII but for the backslash, which some read as a slash and some do not, and for the
dollar, with which a variable could begin."""


@dataclass(frozen=True, slots=True)
class KnownIndex:
    """An index that packages may come from, and the places below which its files lie."""

    url: str
    places: tuple[Place, ...]


def known_indexes(urls: Iterable[str], resolved: Lock) -> tuple[KnownIndex, ...]:
    """The indexes that are configured, with what is known of where their files lie.

    They lie beside the index, or where the files lie that the index has named before.

    :param urls: of the indexes; ``default``, whose address only uv knows, is passed over.
    :param resolved: a lock that was resolved with them, in which each package names its index.
    """
    found: dict[Place, KnownIndex] = {}
    for url in (*urls, *(package.index for package in resolved.packages)):
        place = _place(url)
        if place is not None and place not in found:
            found[place] = KnownIndex(url, tuple(_places(place, resolved)))
    return tuple(found.values())


def owner_of(package: LockedPackage, indexes: Iterable[KnownIndex]) -> KnownIndex | None:
    """The index whose file the first wheel of a package is, by all that is known; else None."""
    file = _place(package.wheels[0].url)
    named = _place(package.index)
    lengths = {
        len(place): index
        for index in indexes
        if not package.index or _place(index.url) == named
        for place in index.places
        if file is not None and file[: len(place)] == place
    }
    return lengths[max(lengths)] if lengths else None


def _places(index: Place, resolved: Lock) -> Iterator[Place]:
    yield index[:-1] if index[-1] in ("simple", "+simple") else index
    files = [
        _file_folder(package) for package in resolved.packages if _place(package.index) == index
    ]
    known = [folder for folder in files if folder is not None]
    if len(known) > 1 and len({folder[:2] for folder in known}) == 1:
        yield _common(known)


def _file_folder(package: LockedPackage) -> Place | None:
    file = _place(package.wheels[0].url) if package.wheels else None
    return file[:-1] if file else None


def _common(places: list[Place]) -> Place:
    """The longest beginning that all have."""
    low, high = min(places), max(places)
    length = next((at for at, step in enumerate(low) if high[at : at + 1] != (step,)), len(low))
    return low[:length]


def _place(url: str) -> Place | None:
    """None for what is no http or https URL, or one that could be read in two ways."""
    if not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    odd = any(step in (".", "..") or "/" in step or "\\" in step for step in steps)
    host = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme not in ("http", "https") or not host or odd:
        return None
    return (parts.scheme, host, *steps)
