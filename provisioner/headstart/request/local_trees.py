"""Read the wheels and source trees that a header names, and copy trees to build them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..core.header.spec import LocalExtra
from ..files import open_regular

__all__ = ["LocalExtraProblem", "copy_tree", "is_wheel", "read_local_extra"]

MAX_FILES = 20_000
"""Files of a source tree."""

MAX_BYTES = 512 * 1024 * 1024
"""Bytes of a source tree."""

MAX_DEPTH = 50
"""Folders inside one another."""

_IGNORED = frozenset(
    {".git", ".hg", ".svn", ".bzr", ".tox", ".nox", ".venv", ".eggs", ".mypy_cache",
     ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints", ".idea", ".vscode",
     ".DS_Store", "__pycache__", "node_modules"}
)  # fmt: skip
"""What tools leave in a source tree, and what is never installed."""

_IGNORED_ENDINGS = (".pyc", ".pyo", ".egg-info")
_BUILT = ("build", "dist")
"""Output folders of builds, at the top, unless they are packages themselves."""


class LocalExtraProblem(Exception):
    """Why a path is not a wheel or a source tree, and what to do about it."""

    def __init__(self, reason: str, hint: str):
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def is_wheel(path: Path) -> bool:
    """Whether a path has the suffix of a wheel; else it is a source tree."""
    return path.suffix == ".whl"


def read_local_extra(path: Path) -> LocalExtra:
    """A wheel or a source tree, with the digest of its content now, not of its path or times.

    Takes a few milliseconds for a megabyte.

    :param path: absolute; it exists.
    :raises LocalExtraProblem: if it is neither, or cannot be read, or is too large.
    """
    try:
        if is_wheel(path):
            return LocalExtra(str(path), _wheel_digest(path))
        return LocalExtra(str(path), _tree_digest(path))
    except OSError as error:
        reason = f"{error.filename or path} cannot be read: {error.strerror}"
        raise LocalExtraProblem(reason, "Make it readable, or remove it.") from error


def _wheel_digest(path: Path) -> str:
    try:
        parse_wheel_filename(path.name)
    except (InvalidWheelFilename, ValueError):
        raise LocalExtraProblem(
            f"{path.name} is not the file name of a wheel",
            "Give it the name that it was built with.",
        ) from None
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tree_digest(path: Path) -> str:
    if not any((path / name).is_file() for name in ("pyproject.toml", "setup.py")):
        raise LocalExtraProblem(
            f"{path} has no pyproject.toml",
            "A local extra is a wheel (.whl), or a folder that a wheel can be built from.",
        )
    rows = []
    for file in _files(path):
        with open_regular(file.path) as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        rows.append([file.name, file.executable, digest])
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()


def copy_tree(path: Path, target: Path) -> None:
    """Copy the files that a source tree's digest covers, so that a build does not change the tree.

    :raises LocalExtraProblem: as `read_local_extra` does.
    """
    for file in _files(path):
        copy = target / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        with open_regular(file.path) as source, copy.open("wb") as written:
            shutil.copyfileobj(source, written)
        copy.chmod(0o755 if file.executable else 0o644)
    _point_to_git(path / ".git", target / ".git")


def _point_to_git(git: Path, copy: Path) -> None:
    """Let build back ends that take the version from git find the repository."""
    if git.is_dir():
        copy.write_text(f"gitdir: {git.resolve()}\n")


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a tree: its path in the tree, with ``/``, and its path on disk."""

    name: str
    path: str
    executable: bool
    size: int


def _files(tree: Path) -> Iterator[_File]:
    """Regular files, also behind links. A link to a folder above itself is an error."""
    count = size = 0
    for file in _scan(str(tree), "", 0):
        count, size = count + 1, size + file.size
        if count > MAX_FILES or size > MAX_BYTES:
            raise LocalExtraProblem(
                f"{tree} has more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB",
                "Name a folder that holds the package only, or build a wheel of it.",
            )
        yield file


def _scan(folder: str, prefix: str, depth: int) -> Iterator[_File]:
    if depth > MAX_DEPTH:
        raise LocalExtraProblem(
            f"{folder} is more than {MAX_DEPTH} folders deep", "Look for a link to a folder above."
        )
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if _is_ignored(entry, prefix):
                continue
            if entry.is_dir():
                yield from _scan(entry.path, f"{prefix}{entry.name}/", depth + 1)
            elif entry.is_file():
                status = entry.stat()
                executable = bool(status.st_mode & stat.S_IXUSR)
                yield _File(f"{prefix}{entry.name}", entry.path, executable, status.st_size)


def _is_ignored(entry: os.DirEntry[str], prefix: str) -> bool:
    if entry.name in _IGNORED or entry.name.endswith(_IGNORED_ENDINGS):
        return True
    if not entry.is_dir():
        return False
    folder = Path(entry.path)
    built = not prefix and entry.name in _BUILT and not (folder / "__init__.py").exists()
    # Virtual environments may have any name.
    return built or (folder / "pyvenv.cfg").exists()
