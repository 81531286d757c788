"""A notebook whose kernel is starting, wherever it was found."""

from __future__ import annotations

from typing import NamedTuple

from ...core.notebook.find import Notebook
from ...request.directory import Folder, NoFolder

__all__ = ["Source"]


class Source(NamedTuple):
    """A notebook that is starting, its API path if it was opened in a server, and its folder.

    ``saved`` is False if only an editor has it, for its file does not exist any more.
    """

    notebook: Notebook
    path: str = ""
    folder: Folder = NoFolder()
    saved: bool = True
