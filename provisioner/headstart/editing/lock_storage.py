"""Where a notebook keeps its lock: in its metadata, or in a file next to a text notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..core.header.edit import edit_header
from ..core.header.parse import parse_header
from ..core.lock.embedded import NotebookLock, embed, find_lock
from ..core.lock.sidecar import RECORD, lock_file_name, read_lock_file, render_lock_file
from ..core.notebook.find import FoundHeader, HeaderPlace, Notebook
from ..errors import LockError, NotebookError
from ..request.notebook_files import read_text, write_text
from ..request.read import Request

__all__ = ["LockStorage", "lock_storage", "read_own_lock"]


class LockStorage(Protocol):
    """Reads and writes the lock of one notebook."""

    @property
    def file(self) -> Path:
        """The file that holds it."""

    def read(self) -> NotebookLock | None:
        """The existing lock, or None.

        :raises LockError: if it cannot be read.
        """

    def write(self, lock: NotebookLock) -> None:
        """Write a lock.

        :raises NotebookError: if it cannot be written.
        """


@dataclass(frozen=True, slots=True)
class InMetadata:
    """In the notebook itself."""

    file: Path
    notebook: Notebook

    def read(self) -> NotebookLock | None:
        """The lock in the notebook's metadata."""
        return find_lock(self.notebook)

    def write(self, lock: NotebookLock) -> None:
        """Patch the notebook; all but the lock stays as it is, byte by byte."""
        write_text(self.file, embed(read_text(self.file), self.notebook, lock))


@dataclass(frozen=True, slots=True)
class InFile:
    """In a file next to the notebook, which the header names."""

    path: Path
    notebook: Notebook
    header: FoundHeader

    @property
    def name(self) -> str:
        """What the header calls it."""
        return lock_file_name(self.path.name)

    @property
    def file(self) -> Path:
        """Next to the notebook."""
        return self.path.with_name(self.name)

    def read(self) -> NotebookLock | None:
        """The lock in the file."""
        return read_lock_file(read_text(self.file), str(self.path)) if self.file.exists() else None

    def write(self, lock: NotebookLock) -> None:
        """Write the file, and its name into the header."""
        # In this order: a header that names a missing file is an error for all who read it.
        write_text(self.file, render_lock_file(lock))
        if parse_header(self.header).pylock != self.name:
            edit = edit_header(self.notebook, self.header, "pylock", self.name)
            write_text(self.path, edit.in_file(read_text(self.path)))


def lock_storage(path: Path, notebook: Notebook, request: Request) -> LockStorage:
    """Where the lock of a notebook is, or would be written.

    :raises NotebookError: if the notebook has no header.
    :raises LockError: if the lock is in a file of another tool, or would have to be.
    """
    if request.header is None or request.found is None:
        raise NotebookError(
            f"{path} has no header, so there is nothing to lock.",
            hint="Give it one: headstart init, or headstart add.",
        )
    named = request.header.pylock
    if not named and notebook.text is None:
        return InMetadata(path, notebook)
    storage = InFile(path, notebook, request.found)
    if request.found.place is HeaderPlace.REQUIREMENTS_TXT:
        raise LockError(
            f"The lock of {path} cannot be kept: a text notebook names it in its header, and has "
            "none of its own.",
            hint="Give it one: headstart init, or headstart add.",
        )
    # Neither a file that the header names nor one of that name by chance is overwritten.
    if named not in ("", storage.name) or (storage.file.exists() and not _is_ours(storage)):
        raise LockError(
            f"The lock {named or storage.name} was not written by Headstart.",
            hint="Renew it with the tool that made it, or remove it and the field pylock.",
        )
    return storage


def _is_ours(storage: InFile) -> bool:
    # A checkout may have other line endings than those that were written.
    return RECORD in read_text(storage.file).replace("\r\n", "\n")


def read_own_lock(path: Path, notebook: Notebook, request: Request) -> NotebookLock | None:
    """The lock that Headstart has written for a notebook; None if there is none of ours.

    It may exist without the header that it was made for.

    :raises LockError: if it cannot be read.
    """
    if request.header is None:
        return _left_behind(path, notebook)
    try:
        storage = lock_storage(path, notebook, request)
    except (NotebookError, LockError):
        return None
    return storage.read()


def _left_behind(path: Path, notebook: Notebook) -> NotebookLock | None:
    """The lock of a notebook that has no header."""
    if notebook.text is None:
        return find_lock(notebook)
    file = path.with_name(lock_file_name(path.name))
    return read_lock_file(read_text(file), str(path)) if file.is_file() else None
