"""Wheels that bring each other's files, as the records of what they bring say."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from .parts import Content, Record

_METADATA = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}
"""How folders end by which a package is listed, and the file in them that says what is."""

_BESIDE = frozenset({"benchmarks", "doc", "docs", "example", "examples", "test", "tests"})
"""Folders beside a package that wheels bring by mistake, and that no package imports."""

_PAPERS = re.compile(
    r"(authors|change(s|log)|contribut(ing|ors)|copying|history|licen[cs]e|notice|readme)(\..*)?",
    re.IGNORECASE,
)
_DECLARES = re.compile(r"\b(declare_namespace|extend_path)\(")


class Brought(NamedTuple):
    """A package of the lock, and what its wheel has brought: the name of its part, its record."""

    name: str
    version: str
    part: str
    record: Record


class Clash(NamedTuple):
    """A file that two packages bring with different bytes; ``winner`` is whose is there."""

    path: str
    loser: str
    winner: str


class Misnamed(NamedTuple):
    """A file that stands in the metadata of another package.

    ``path`` and ``folder`` are relative to site-packages; ``listed`` says that the other package is
    listed by it, for it has not brought that folder itself.
    """

    package: str
    path: str
    folder: str
    other: str
    listed: bool


def clashes(
    wheels: Sequence[Brought], content: Content, site_packages: str, ours: str = "Headstart"
) -> Iterator[Clash]:
    """The files that harm somebody: those whose bytes differ, but for what nobody imports.

    :param content: what is there; where no two wheels meet, nothing has to be looked up.
    :param ours: what stands for the files that are no wheel's.
    """
    counts, names = Counter(content.owners.values()), {wheel.part: wheel.name for wheel in wheels}
    records = {wheel.part: wheel.record for wheel in wheels}
    for wheel in wheels:
        record = wheel.record
        if counts[wheel.part] == len(record.files) + len(record.links):
            continue
        for path in [*record.files, *record.links]:
            winner = content.owners.get(path, wheel.part)
            if winner == wheel.part or _harmless(path, site_packages):
                continue
            if _bytes(record, path) != _bytes(records.get(winner, Record(content.files)), path):
                yield Clash(path, wheel.name, names.get(winner, ours))


def _bytes(record: Record, path: str) -> tuple[str, str]:
    row = record.files.get(path)
    return row[0] if row else "", record.links.get(path, "")


def _harmless(path: str, site_packages: str) -> bool:
    folder, _, name = path.rpartition("/")
    if name == "py.typed" or "__pycache__" in folder:
        return True
    if not path.startswith(f"{site_packages}/"):
        return False
    inside = path.removeprefix(f"{site_packages}/")
    top, below, _ = inside.partition("/")
    return top.lower() in _BESIDE if below else _PAPERS.fullmatch(top) is not None


def is_namespace(path: str, texts: Iterable[str]) -> bool:
    """Whether these texts of an ``__init__.py`` all only open a namespace for several wheels."""
    return path.endswith("/__init__.py") and all(map(_DECLARES.search, texts))


def said(found: Iterable[Clash]) -> Iterator[str]:
    """What there is to say of clashes, a line for each pair of packages."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for clash in found:
        pairs[clash.loser, clash.winner].append(clash.path)
    for (loser, winner), paths in pairs.items():
        first, more = min(paths), len(paths) - 1
        first = first.partition("/site-packages/")[2] or first
        files = f", and {more} more file{'s' if more > 1 else ''}; those" if more else "; that"
        counts = "count" if more else "counts"
        yield f"{loser} and {winner} both bring {first}{files} of {winner} {counts}."


def misnamed(
    wheels: Sequence[Brought], owners: Mapping[str, str], site_packages: str
) -> Iterator[Misnamed]:
    """The files that stand in metadata of other packages than the one that brings them.

    :param owners: the part of each path that is there.
    """
    by_part, by_name = {w.part: w for w in wheels}, {w.name: w for w in wheels}
    start = len(site_packages) + 1
    for path, part in owners.items():
        if "-info" not in path.lower():
            continue
        folder = path[start:].partition("/")[0]
        end = next(filter(folder.lower().endswith, _METADATA), "")
        wheel = by_part.get(part)
        if not end or wheel is None or not path.startswith(f"{site_packages}/"):
            continue
        stem = folder[: -len(end)]
        name = canonicalize_name(re.sub(r"-[0-9].*", "", stem))
        if wheel.name not in (name, _name_in(stem)):
            metadata = owners.get(f"{site_packages}/{folder}/{_METADATA[end]}", "")
            its = by_name.get(name)
            listed = its is None or metadata != its.part
            yield Misnamed(wheel.name, path[start:], folder, name, listed)


def _name_in(stem: str) -> str:
    """The name before a version. Old wheels have hyphens in it, which digits may follow."""
    name, _, version = stem.rpartition("-")
    try:
        Version(version)
    except InvalidVersion:
        return ""
    return canonicalize_name(name)
