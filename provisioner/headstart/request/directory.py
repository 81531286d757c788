"""Read files from a notebook's folder, which its header may name."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..errors import NotebookError
from ..files import read_regular

__all__ = ["MAX_BYTES", "DiskFolder", "Folder", "NoFolder"]

MAX_BYTES = 4 * 1024 * 1024
"""Bytes of a text file that a header may name."""


class Folder(Protocol):
    """The folder of a notebook, to which the paths in its header are relative."""

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none.

        :param name: a path relative to the folder, as the header has it.
        :raises NotebookError: if it exists and cannot be read.
        """

    def path(self, name: str) -> Path | None:
        """The absolute path of a file or folder on disk; None if the folder is not on a disk."""

    def where(self, name: str) -> str:
        """The location of a file for messages."""


class DiskFolder:
    """A folder on disk."""

    def __init__(self, folder: Path):
        self._folder = folder.absolute()

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none."""
        path = self.path(name)
        try:
            return read_regular(path, MAX_BYTES)
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


_ROOT = DiskFolder(Path("/"))


class NoFolder:
    """The folder of a notebook whose path is not known: only absolute paths can be read."""

    # Not the process's working folder: that may hold another notebook's requirements.txt.

    def read(self, name: str) -> bytes | None:
        """The content of a file with an absolute path; None for relative paths."""
        return _ROOT.read(name) if Path(name).is_absolute() else None

    def path(self, name: str) -> Path | None:
        """An absolute path."""
        return Path(name) if Path(name).is_absolute() else None

    def where(self, name: str) -> str:
        """The name, for messages."""
        return name
