"""The files that an environment must hold, by the records in it."""

from __future__ import annotations

from pathlib import Path

from ...core.store.manifest import Manifest
from ...core.store.parts import Content, Record, combine
from ...errors import EnvironmentDamaged
from ..disk.trees import Tree, read_text
from ..layout import RECORDS, record_path
from .part_store import describe

OWN = "own"
"""Name of the record of the files that belong to no part."""


def read_content(prefix: Path, manifest: Manifest) -> Content:
    """What the parts of an environment give together, by the records in it.

    :raises EnvironmentDamaged: if a record is missing or damaged.
    """
    records = ((name, _read(prefix, name)) for name in manifest.parts)
    return combine(records, share_bytecode=manifest.shares_bytecode)


def write_own(prefix: Path, tree: Tree, content: Content) -> Record:
    """Record the files of an environment that are of no part, before it gets its manifest."""
    files = sorted(tree.files - content.files.keys())
    own = Record(
        {path: describe(prefix / path) for path in files if not path.startswith(f"{RECORDS}/")},
        {path: link for path, link in tree.links.items() if path not in content.links},
    )
    target = record_path(prefix, OWN)
    target.parent.mkdir(exist_ok=True)
    target.write_text(own.to_json(OWN), "utf-8")
    return own


def read_whole(prefix: Path, manifest: Manifest) -> Content:
    """All that an environment must hold except its manifest and its records.

    :raises EnvironmentDamaged: if a record is missing or damaged.
    """
    content, own = read_content(prefix, manifest), _read(prefix, OWN)
    return Content({**content.files, **own.files}, {**content.links, **own.links}, content.owners)


def _read(prefix: Path, name: str) -> Record:
    path = record_path(prefix, name)
    try:
        return Record.from_json(read_text(path), name)
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentDamaged(f"its record {path.name} cannot be read") from error
