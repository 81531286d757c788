"""Find the folder of a headless client's notebook, for the relative paths in its header.

nbclient has a notebook's cells and not its path. Its users and the programs around it mostly tell
it a folder, and some leave a record; without either, the folder is not known and not guessed: the
process's own may have other files of the same names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...request.directory import DiskFolder, Folder, NoFolder

__all__ = ["folder_of_client"]


def folder_of_client(client: Any, cwd: str | None) -> Folder:
    """The folder of the notebook that a client runs; `NoFolder` if it is not known.

    To be called while the client starts its kernel.

    :param client: an nbclient.NotebookClient.
    :param cwd: the kernel's working directory as the client gave it, or None.
    """
    # nbconvert has "" for a notebook in the process's folder, of which nbclient makes nothing.
    folder = client.resources.get("metadata", {}).get("path") if cwd is None else cwd
    if folder is not None:
        return DiskFolder(Path(folder))
    # Imported here: most clients say the folder.
    from ..jupyter.jupytext_files import executed_file
    from ..jupyter.papermill_input import papermill_input

    file = papermill_input(client) or executed_file()
    return DiskFolder(file.parent) if file is not None and _is_file(file) else NoFolder()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long for a name
        return False
