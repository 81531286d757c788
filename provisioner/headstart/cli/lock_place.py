"""Where a notebook keeps its lock: in its metadata, or in a file beside a text notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..core.notebook import Notebook
from ..core.notebook_lock import NotebookLock, embed, find_lock
from ..errors import LockError, NotebookError
from ..notebooks import read_text, write_text
from ..wanted import Wanted

__all__ = ["LockPlace", "place_of", "written_lock"]


class LockPlace(Protocol):
    """Reads and writes the lock of one notebook; ``file`` is the file in which it stands."""

    @property
    def file(self) -> Path:
        """The file in which it stands."""

    def read(self) -> NotebookLock | None:
        """The lock that is there, or None.

        :raises LockError: if it cannot be read.
        """

    def write(self, lock: NotebookLock) -> None:
        """Put a lock there.

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


def place_of(path: Path, notebook: Notebook, wanted: Wanted) -> LockPlace:
    """Where the lock of a notebook stands, or shall stand.

    :raises NotebookError: if the notebook has no header.
    :raises LockError: if its header takes the lock from a file of somebody else's.
    """
    if wanted.header is None:
        raise NotebookError(
            f"{path} has no header, so there is nothing to lock.",
            hint="Give it one: headstart init, or headstart add.",
        )
    if wanted.header.pylock:
        raise LockError(
            f"The header takes its lock from {wanted.header.pylock}, which is not Headstart's.",
            hint="Renew that file with what has made it, or take pylock out of the header.",
        )
    return InMetadata(path, notebook)


def written_lock(path: Path, notebook: Notebook, wanted: Wanted) -> NotebookLock | None:
    """The lock that Headstart has written for a notebook; None if there is none of ours.

    :raises LockError: if it cannot be read.
    """
    if wanted.header is None or wanted.header.pylock:
        return None
    return InMetadata(path, notebook).read()
