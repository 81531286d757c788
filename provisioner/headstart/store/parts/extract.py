"""From what uv has installed to parts: every file goes to the wheel that brought it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from ...core.store.accounting import Amount
from ...core.store.parts import TREE
from ...errors import BuildError, EnvironmentDamaged
from ..disk.trees import list_tree
from ..layout import MANIFEST, RECORDS
from .installed_records import Recorded, check_record, read_record
from .part_store import record_part

LOCK = ".lock"
"""uv's own, made in every environment that it installs into."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A prefix into which uv installs wheels, only to have its files taken out again.

    ``site_packages`` is relative to ``prefix``, with ``/``; ``skeleton`` has the paths that were
    there before anything was installed.
    """

    prefix: Path
    site_packages: str
    skeleton: frozenset[str]


@dataclass(frozen=True, slots=True)
class Extracted:
    """Folders of parts to be published, by distribution; and what must be staged one at a time.

    ``unclear`` names distributions that bring a file both, or a file that no RECORD lists: uv
    leaves one of the two files, and nobody can say whose it is. ``amounts`` are the bytes and files
    of those that have a folder.
    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    amounts: Mapping[str, Amount] = field(default_factory=dict)


def open_stage(prefix: Path) -> Stage:
    """A stage of an empty environment."""
    return Stage(prefix, site_packages_of(prefix), frozenset({*_paths(prefix), LOCK}))


def site_packages_of(prefix: Path) -> str:
    """``lib/python3.11/site-packages`` of a venv; also where the version has a suffix.

    :raises EnvironmentDamaged: if it has none.
    """
    found = next((prefix / "lib").glob("python*/site-packages"), None)
    if found is None:
        raise EnvironmentDamaged("An empty environment has no site-packages.")
    return found.relative_to(prefix).as_posix()


def extract(
    stage: Stage, parts: Mapping[str, str], folder: Path, *, trusted: bool = False
) -> Extracted:
    """Take what was installed out of the stage, which is of no use afterwards.

    :param parts: the distributions that were installed, normalised (PEP 503), each with the name
        of its part.
    :param folder: where folders named like the distributions are made.
    :param trusted: the wheels were downloaded just now, so that files may be taken for which no
        RECORD has a hash. Else a RECORD that a power cut has emptied would vouch for anything.
    :raises EnvironmentDamaged: if a file is not what the wheel says; names both.
    :raises BuildError: if a wheel has a file where only Headstart has any.
    """
    recorded, names = _recorded(stage), frozenset(parts)
    if missing := sorted(names - recorded.keys()):
        raise EnvironmentDamaged(f"{missing[0]} was not installed at all.")
    there = _paths(stage.prefix)
    claims = {name: recorded[name].claims(there) for name in names}
    loose = there - stage.skeleton - set().union(*claims.values())
    if not trusted:
        _check_hashes(recorded, claims, loose)
    if len(names) == 1:
        unclear: frozenset[str] = frozenset()
        claims = {name: paths | loose for name, paths in claims.items()}
    else:
        unclear = names if loose else _overlapping(claims)
    folders, amounts = {}, {}
    for name in sorted(names - unclear):
        folders[name] = folder / name
        amounts[name] = _take(stage, claims[name], recorded[name].lines, folders[name], parts[name])
    return Extracted(folders, unclear, amounts)


@dataclass(frozen=True, slots=True)
class _Installed:
    """What a distribution's RECORD says; ``folder`` is its ``.dist-info/``, relative."""

    folder: str
    lines: Mapping[str, Recorded]

    def claims(self, there: set[str]) -> set[str]:
        """Paths that are certainly its own: what it lists, and all in its own folder."""
        return {path for path in there if path in self.lines or path.startswith(self.folder)}


def _recorded(stage: Stage) -> dict[str, _Installed]:
    found: dict[str, _Installed] = {}
    for record in sorted((stage.prefix / stage.site_packages).glob("*.dist-info/RECORD")):
        info = record.parent.name
        name = canonicalize_name(info.removesuffix(".dist-info").rpartition("-")[0])
        lines = read_record(record, stage.site_packages)
        found[name] = _Installed(f"{stage.site_packages}/{info}/", lines)
    return found


def _check_hashes(
    recorded: Mapping[str, _Installed], claims: Mapping[str, set[str]], loose: set[str]
) -> None:
    """Check that there is a hash for every file but the RECORDs and their signatures."""
    vouched = {
        path
        for name, paths in claims.items()
        for path in paths
        if recorded[name].lines.get(path, Recorded("", None)).sha256
        # RECORD.jws and RECORD.p7s sign it, so it cannot have their hashes (PEP 427).
        or path.startswith(f"{recorded[name].folder}RECORD")
    }
    unknown = (loose | set().union(*claims.values())) - vouched
    if unknown:
        raise EnvironmentDamaged(f"No RECORD has a hash for {min(unknown)}.")


def _overlapping(claims: Mapping[str, set[str]]) -> frozenset[str]:
    counts = Counter(path for paths in claims.values() for path in paths)
    shared = {path for path, count in counts.items() if count > 1}
    return frozenset(name for name, paths in claims.items() if not shared.isdisjoint(paths))


def _take(
    stage: Stage, paths: set[str], recorded: Mapping[str, Recorded], folder: Path, part: str
) -> Amount:
    """Move files into a part's folder, and check them there; what they come to."""
    made: set[str] = set()
    for path in sorted(paths):
        if path == MANIFEST or path.startswith(f"{RECORDS}/"):
            raise BuildError(
                f"A package brings {path}, and only Headstart has files there.",
                hint="Leave out the package that brings this file; a real one does not do that.",
            )
        target = f"{folder}/{TREE}/{path}"
        parent = os.path.dirname(target)
        if parent not in made:
            os.makedirs(parent, exist_ok=True)
            made.add(parent)
        # Moved and not copied: nobody needs the stage any more, and it is on the same disk.
        os.rename(f"{stage.prefix}/{path}", target)
    (folder / TREE).mkdir(parents=True, exist_ok=True)
    record = record_part(folder, part)
    files = {path: row for path, row in recorded.items() if path not in record.links}
    check_record(files, record.files, folder.name)
    return record.amount


def _paths(prefix: Path) -> set[str]:
    tree = list_tree(prefix)
    return {*tree.files, *tree.links}
