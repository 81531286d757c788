"""Files beside a notebook, which its header may name."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from .core.messages import shown
from .errors import NotebookError

__all__ = ["DiskFolder", "Folder", "NoFolder"]

MAX_BYTES = 4 * 1024 * 1024
"""Of a text file that a header may name."""


class Folder(Protocol):
    """Where the relative paths of a header begin: the folder of its notebook."""

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none.

        :param name: a path relative to the folder, as the header has it.
        :raises NotebookError: if it is there and cannot be read.
        """

    def path(self, name: str) -> Path | None:
        """The absolute path of a file or folder on disk; None if the folder is not on one."""

    def where(self, name: str) -> str:
        """Where `read` looks for a file, for messages."""


class DiskFolder:
    """A folder on disk."""

    def __init__(self, folder: Path):
        self._folder = folder.absolute()

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none."""
        path = self.path(name)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise NotebookError(f"{path} is longer than 4 MiB, which is not read.")
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotebookError(f"{path} cannot be read: {reason}.") from error

    def path(self, name: str) -> Path:
        """The absolute path of a file or folder."""
        return self._folder / name

    def where(self, name: str) -> str:
        """The path, for messages."""
        return str(self.path(name))


class NoFolder:
    """For a notebook that is nowhere: there is nothing beside it."""

    def read(self, _name: str) -> bytes | None:
        """Nothing is there."""
        return None

    def path(self, _name: str) -> None:
        """It is not on a disk."""

    def where(self, name: str) -> str:
        """The name, for messages."""
        return f"{shown(name)}, beside a notebook that has no folder"
