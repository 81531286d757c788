"""Where the notebook of a headless client lies, for the relative paths in its header.

nbclient has a notebook's cells and not its place. Its users and the programs around it mostly tell
it a folder, and some leave a record; where nobody does, the place is not known and not guessed:
the process's folder may have other files of the same names.
"""

from __future__ import annotations

import inspect
import sys
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
    said = client.resources.get("metadata", {}).get("path") if cwd is None else cwd
    if said is not None:
        return DiskFolder(Path(said))
    file = _papermills_notebook(client) or _jupytexts_notebook()
    return NoFolder() if file is None else DiskFolder(file.parent)


def _papermills_notebook(client: Any) -> Path | None:
    """The file that papermill has read the notebook from, if it has.

    What papermill writes into a notebook stays in it, so that it counts in papermill's own client
    only. ``--cwd`` has changed the process's folder by now; papermill keeps the one that it began
    in, for reading and writing.
    """
    papermill, clients = sys.modules.get("papermill.iorw"), sys.modules.get("papermill.clientwrap")
    if papermill is None or clients is None:
        return None
    if not isinstance(client, clients.PapermillNotebookClient):
        return None
    said = client.nb.metadata.get("papermill", {}).get("input_path")
    began_in = getattr(papermill.papermill_io.get_handler("local"), "_cwd", None)
    # It may be a document, the text of one, or an address.
    return _file(Path(began_in or "", said)) if isinstance(said, str) else None


def _jupytexts_notebook() -> Path | None:
    """The file that ``jupytext --execute`` is running, if it is.

    It tells nbconvert the folder, but not if that is the process's own.
    """
    cli = sys.modules.get("jupytext.cli")
    frame = inspect.currentframe() if cli is not None else None
    while frame is not None:
        if frame.f_globals.get("__name__") == "jupytext.cli" and "nb_file" in frame.f_locals:
            said = frame.f_locals["nb_file"]
            return _file(Path(said)) if isinstance(said, str) else None
        frame = frame.f_back
    return None


def _file(path: Path) -> Path | None:
    try:
        return path if path.is_file() else None
    except OSError:  # too long for a name
        return None
