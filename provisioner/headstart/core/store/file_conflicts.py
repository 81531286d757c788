"""Find wheels that install the same files, by the records of what they install."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from .parts import Content, Record

_METADATA = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}
"""The suffix of folders by which a package is listed, and the file with its metadata in them."""

_TOP_LEVEL_EXTRAS = frozenset({"benchmarks", "doc", "docs", "example", "examples", "test", "tests"})
"""Folders next to a package that wheels have by mistake, and that no package imports."""

_DOCUMENTS = re.compile(
    r"(authors|change(s|log)|contribut(ing|ors)|copying|history|licen[cs]e|notice|readme)(\..*)?",
    re.IGNORECASE,
)
_DECLARES = re.compile(r"\b(declare_namespace|extend_path)\(")


class InstalledWheel(NamedTuple):
    """A package of the lock, with the name of its wheel's part and the record of that part."""

    name: str
    version: str
    part: str
    record: Record


class Clash(NamedTuple):
    """A file that two packages have with different bytes; that of ``winner`` is installed."""

    path: str
    loser: str
    winner: str


class Misnamed(NamedTuple):
    """A file that a package installs into the metadata of another one.

    ``path`` and ``folder`` are relative to site-packages; ``listed`` says that the other package is
    listed because of it, as it has not installed that folder itself.
    """

    package: str
    path: str
    folder: str
    other: str
    listed: bool


def clashes(
    wheels: Sequence[InstalledWheel], content: Content, site_packages: str, ours: str = "Headstart"
) -> Iterator[Clash]:
    """The conflicts that do harm: files whose bytes differ, except those that no package imports.

    :param content: of the environment.
    :param ours: the name for files that are not of a wheel.
    """
    # Reported, not refused: opencv's two wheels, for one, replace each other's files and work.
    counts, names = Counter(content.owners.values()), {wheel.part: wheel.name for wheel in wheels}
    records = {wheel.part: wheel.record for wheel in wheels}
    for wheel in wheels:
        record = wheel.record
        # Nearly always all files are its own: then none of them has to be looked up.
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
    return top.lower() in _TOP_LEVEL_EXTRAS if below else _DOCUMENTS.fullmatch(top) is not None


def is_namespace(path: str, texts: Iterable[str]) -> bool:
    """Whether these texts of an ``__init__.py`` all declare a namespace package."""
    return path.endswith("/__init__.py") and all(map(_DECLARES.search, texts))


def conflict_lines(conflicts: Iterable[Clash]) -> Iterator[str]:
    """The warnings of conflicts, a line for each pair of packages."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for clash in conflicts:
        pairs[clash.loser, clash.winner].append(clash.path)
    for (loser, winner), paths in pairs.items():
        first, rest = min(paths), len(paths) - 1
        first = first.partition("/site-packages/")[2] or first
        files = f", and {rest} more file{'s' if rest > 1 else ''}; those" if rest else "; that"
        counts = "count" if rest else "counts"
        yield f"{loser} and {winner} both bring {first}{files} of {winner} {counts}."


def misnamed(
    wheels: Sequence[InstalledWheel], owners: Mapping[str, str], site_packages: str
) -> Iterator[Misnamed]:
    """The files in the metadata of other packages than the one that installs them.

    :param owners: the part of each installed path.
    """
    by_part, by_name = {w.part: w for w in wheels}, {w.name: w for w in wheels}
    start = len(site_packages) + 1
    for path, part in owners.items():
        # First, because it rules out nearly all of some ten thousand paths.
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
            named = by_name.get(name)
            listed = named is None or metadata != named.part
            yield Misnamed(wheel.name, path[start:], folder, name, listed)


def _name_in(stem: str) -> str:
    """The name before a version. Old wheels have hyphens in it, which digits may follow."""
    name, _, version = stem.rpartition("-")
    try:
        Version(version)
    except InvalidVersion:
        return ""
    return canonicalize_name(name)
