"""Split what uv has installed into parts: each file goes to the wheel that brought it."""

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
"""Name of uv's own lock file, made in every environment that it installs into."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A prefix into which uv installs wheels, for their files to be moved into parts.

    ``site_packages`` is relative to ``prefix``, with ``/``; ``skeleton`` has the paths that
    existed before anything was installed.
    """

    prefix: Path
    site_packages: str
    skeleton: frozenset[str]


@dataclass(frozen=True, slots=True)
class Extracted:
    """Folders of parts to be published, by distribution; and what must be staged one at a time.

    ``unclear`` names distributions that bring a file both, or a file that no RECORD lists: uv
    leaves one of the two files, and it cannot be told which. ``amounts`` are the bytes and files
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
    site_packages = next((prefix / "lib").glob("python*/site-packages"), None)
    if site_packages is None:
        raise EnvironmentDamaged("An empty environment has no site-packages.")
    return site_packages.relative_to(prefix).as_posix()


def extract(
    stage: Stage, parts: Mapping[str, str], folder: Path, *, trusted: bool = False
) -> Extracted:
    """Move what was installed from the stage into parts; the stage is of no use afterwards.

    :param parts: the distributions that were installed, normalised (PEP 503), each with the name
        of its part.
    :param folder: where folders named like the distributions are made.
    :param trusted: the wheels were downloaded just now, so that files are accepted for which no
        RECORD has a hash. Else a RECORD that a power cut has emptied would vouch for anything.
    :raises EnvironmentDamaged: if a file is not what the wheel says; names both.
    :raises BuildError: if a wheel has a file where only Headstart has any.
    """
    recorded, names = _recorded(stage), frozenset(parts)
    if missing := sorted(names - recorded.keys()):
        raise EnvironmentDamaged(f"{missing[0]} was not installed at all.")
    paths = _paths(stage.prefix)
    claims = {name: recorded[name].claims(paths) for name in names}
    loose = paths - stage.skeleton - set().union(*claims.values())
    if not trusted:
        _check_hashes(recorded, claims, loose)
    if len(names) == 1:  # all that no RECORD lists can only be of this one
        unclear: frozenset[str] = frozenset()
        claims = {name: listed | loose for name, listed in claims.items()}
    else:
        unclear = names if loose else _overlapping(claims)
    folders, amounts = {}, {}
    for name in sorted(names - unclear):
        folders[name] = folder / name
        amounts[name] = _move(stage, claims[name], recorded[name].lines, folders[name], parts[name])
    return Extracted(folders, unclear, amounts)


@dataclass(frozen=True, slots=True)
class _Installed:
    """What a distribution's RECORD says; ``folder`` is its ``.dist-info/``, relative."""

    folder: str
    lines: Mapping[str, Recorded]

    def claims(self, paths: set[str]) -> set[str]:
        """Paths that are certainly its own: what it lists, and all in its own folder."""
        return {path for path in paths if path in self.lines or path.startswith(self.folder)}


def _recorded(stage: Stage) -> dict[str, _Installed]:
    installed: dict[str, _Installed] = {}
    for record in sorted((stage.prefix / stage.site_packages).glob("*.dist-info/RECORD")):
        info = record.parent.name
        name = canonicalize_name(info.removesuffix(".dist-info").rpartition("-")[0])
        lines = read_record(record, stage.site_packages)
        installed[name] = _Installed(f"{stage.site_packages}/{info}/", lines)
    return installed


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
    unhashed = (loose | set().union(*claims.values())) - vouched
    if unhashed:
        raise EnvironmentDamaged(f"No RECORD has a hash for {min(unhashed)}.")


def _overlapping(claims: Mapping[str, set[str]]) -> frozenset[str]:
    counts = Counter(path for paths in claims.values() for path in paths)
    shared = {path for path, count in counts.items() if count > 1}
    return frozenset(name for name, paths in claims.items() if not shared.isdisjoint(paths))


def _move(
    stage: Stage, paths: set[str], recorded: Mapping[str, Recorded], folder: Path, part: str
) -> Amount:
    """Move files into a part's folder, and check them there; their bytes and number."""
    made: set[str] = set()
    for path in sorted(paths):
        # A wheel that brings a manifest or a record would vouch for its own files.
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
        # Moved and not copied: the stage is not needed any more, and is on the same disk.
        os.rename(f"{stage.prefix}/{path}", target)
    (folder / TREE).mkdir(parents=True, exist_ok=True)
    record = record_part(folder, part)
    files = {path: row for path, row in recorded.items() if path not in record.links}
    check_record(files, record.files, folder.name)
    return record.amount


def _paths(prefix: Path) -> set[str]:
    tree = list_tree(prefix)
    return {*tree.files, *tree.links}
