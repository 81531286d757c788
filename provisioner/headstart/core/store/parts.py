"""Parts as values: the trees of files that environments are built from.

What a wheel installs on one kind of Python is a part, its bytecode is another, and so are an empty
venv and Headstart's own files. A part's record lists its files; several records, in their order,
decide which files an environment must have.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...errors import EnvironmentDamaged
from ..interpreter import Interpreter
from .accounting import Amount

BYTECODE = ".code"
"""Ends the name of a part that is the bytecode of another."""

TREE = "tree"
"""The folder of a part's files."""

PARTS = "wheels"
"""The store's folder of parts."""

_PYCACHE = "/__pycache__"

_NAME = re.compile(r"[0-9a-f]{64}/[a-z0-9_]+(?:[.-][a-z0-9_]+)*")
_HEAD = '{"digest":"'
_REST = len(_HEAD) + 64 + len('",')

FileRow = tuple[str, int, int]
"""A regular file: SHA-256 of its bytes in hex, size in bytes, modification time in whole seconds
since the epoch (archives and image layers keep no more)."""


@dataclass(frozen=True, slots=True)
class Record:
    """The content of a part: regular files and the targets of symbolic links, by path.

    Paths are relative to the prefix, with ``/``.
    """

    files: Mapping[str, FileRow] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return total_size(self.files)

    @property
    def amount(self) -> Amount:
        """Bytes of all files, and how many files and links there are."""
        return Amount(self.size, len(self.files) + len(self.links))

    def to_json(self, part: str = "") -> str:
        """The record as JSON text with a digest of itself.

        :param part: whose record it is.
        """
        value = {"files": dict(self.files), "links": dict(self.links), "part": part}
        rest = json.dumps(value, separators=(",", ":"), sort_keys=True)[1:]
        return f'{_HEAD}{_sha256(rest)}",{rest}'

    @classmethod
    def from_json(cls, text: str, part: str = "") -> Record:
        """Read what `to_json` wrote. Rows come as lists: 10,000 are read in 5 ms.

        :param part: the part that it must belong to, if it names one.
        :raises EnvironmentDamaged: if the text is not whole, or is another part's.
        """
        rest = text[_REST:]
        if text[:_REST] != f'{_HEAD}{_sha256(rest)}",':
            raise EnvironmentDamaged("the record of a part is damaged")
        value = json.loads("{" + rest)
        if part and value.get("part", "") not in ("", part):
            raise EnvironmentDamaged("the record of a part is that of another")
        return cls(value["files"], value["links"])


@dataclass(frozen=True, slots=True)
class Content:
    """The files of several parts together. ``owners`` names the part of each path."""

    files: Mapping[str, FileRow]
    links: Mapping[str, str]
    owners: Mapping[str, str]


def python_tag(interpreter: Interpreter) -> str:
    """One name for all Pythons that install a wheel to the same files and share bytecode.

    ``cp311``, ``cp313t``, ``pp310-pypy310-pp73``; for a pre-release with the whole version, because
    bytecode changes from one to the next.
    """
    python, abi, _ = interpreter.tags[0].split("-", 2)
    tag = abi if abi.startswith(python) else f"{python}-{abi}"
    if re.fullmatch(r"[0-9.]+", interpreter.version):
        return tag
    return f"{tag}-{re.sub('[^a-z0-9]+', '.', interpreter.version.lower()).strip('.')}"


def part_name(digest: str, tag: str) -> str:
    """The name of a part: a path of two steps.

    :param digest: of the wheel, or of what else decides the content of the part.
    """
    return f"{digest}/{tag}"


def is_part(name: str) -> bool:
    """Whether ``name`` can be that of a part, and so can be a path."""
    return _NAME.fullmatch(name) is not None


def combine(parts: Iterable[tuple[str, Record]], *, share_bytecode: bool = False) -> Content:
    """The content of an environment that is built from parts, by name, in this order.

    Of files with one path the last one counts. Bytecode counts if its source does: Python does not
    compare the two, and would run that of another part.

    :param share_bytecode: make a folder of bytecode that only one part has a link to the part's
        folder. Half of an environment's files are bytecode.
    """
    parts = list(parts)
    names = {name for name, _ in parts}
    shared = _bytecode_folders(parts) if share_bytecode else {}
    files: dict[str, FileRow] = {}
    links: dict[str, str] = {}
    owners: dict[str, str] = {}
    disjoint = True
    # Bytecode last: by then it is decided whose source counts.
    for name, record in sorted(parts, key=lambda part: part[0].endswith(BYTECODE)):
        rows = record.files
        # If no two parts share a path, which is nearly always so, nothing has to be looked up.
        if name.endswith(BYTECODE) and not (disjoint and name.removesuffix(BYTECODE) in names):
            owner = name.removesuffix(BYTECODE)
            rows = {p: row for p, row in rows.items() if owners.get(source_of(p)) == owner}
        elif name.endswith(BYTECODE) and shared:
            folders = {folder for folder, owner in shared.items() if owner == name}
            rows = {p: row for p, row in rows.items() if p.rpartition("/")[0] not in folders}
            links.update({folder: _link_to_part(folder, name) for folder in folders})
            owners.update(dict.fromkeys(folders, name))
        for path in rows.keys() & links.keys():
            del links[path]
        for path in record.links.keys() & files.keys():
            del files[path]
        before = len(owners)
        files.update(rows)
        links.update(record.links)
        owners.update(dict.fromkeys([*rows, *record.links], name))
        disjoint = disjoint and len(owners) == before + len(rows) + len(record.links)
    return Content(files, links, owners)


def _bytecode_folders(parts: Iterable[tuple[str, Record]]) -> dict[str, str]:
    """The ``__pycache__`` folders that only one part has files in, with that part.

    Without the one of ``site-packages`` itself, which every environment has.
    """
    owners: dict[str, str] = {}
    several: set[str] = set()
    for name, record in parts:
        paths = [*record.files, *record.links]
        folders = {path.partition(_PYCACHE)[0] for path in paths if _PYCACHE in path}
        several |= folders & owners.keys()
        owners.update(dict.fromkeys(folders, name))
    return {
        folder + _PYCACHE: name
        for folder, name in owners.items()
        if name.endswith(BYTECODE)
        and folder not in several
        and not folder.endswith("/site-packages")
    }


def _link_to_part(folder: str, name: str) -> str:
    """The link from a folder of an environment to a part's, relative, so that stores can be moved.

    Environments are two folders below the store's own: ``environments/<key>``.
    """
    return f"{'../' * (folder.count('/') + 2)}{PARTS}/{name}/{TREE}/{folder}"


def total_size(files: Mapping[str, FileRow]) -> int:
    """Bytes of all files."""
    return sum(size for _, size, _ in files.values())


def source_of(bytecode: str) -> str:
    """``a/b.py`` for ``a/__pycache__/b.cpython-311.pyc`` (PEP 3147)."""
    folder, _, name = bytecode.rpartition("/")
    parent = folder.removesuffix("__pycache__")
    return f"{parent}{name.rsplit('.', 2)[0]}.py"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
