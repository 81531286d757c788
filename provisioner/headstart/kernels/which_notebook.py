"""Which notebook is starting? Jupyter does not tell a provisioner; here is how to know.

In a server: the session's path, which jupyter_server puts into the environment of the kernel to
be. In a headless client: the nbclient object that owns the kernel manager, found by walking up
the frames, with an identity check. Elsewhere: no notebook is known.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async

from .. import envvars
from ..beside import DiskFolder, Folder, NoFolder
from ..core.notebook import Notebook, notebook_of
from ..errors import NotebookError
from ..notebooks import read_notebook
from .live import live_headers
from .threads import in_thread


@dataclass(frozen=True, slots=True)
class Source:
    """A notebook that is starting, its API path if it was opened in a server, and its folder."""

    notebook: Notebook
    path: str = ""
    folder: Folder = field(default_factory=NoFolder)


def server_of(manager: Any) -> Any | None:
    """The Jupyter server that a kernel manager works for, or None in a headless client."""
    app = getattr(getattr(manager, "parent", None), "parent", None)
    return app if hasattr(app, "contents_manager") else None


async def find_notebook(
    manager: Any, environ: Mapping[str, str] | None, cwd: str | None = None
) -> Source | None:
    """The notebook whose kernel ``manager`` is starting, or None if there is none to be known.

    Must be awaited in the same chain of calls as the manager's start, not in a task of its own.

    :param manager: the KernelManager.
    :param environ: the environment that the client gave for the kernel, or None.
    :param cwd: the kernel's working directory, or None for this process's own.
    :raises NotebookError: if there is a notebook and it cannot be read.
    """
    document = document_of_client(manager)
    if document is not None:
        return Source(notebook_of(document), folder=DiskFolder(Path(cwd or "")))
    server = server_of(manager)
    name = session_name(environ)
    path = api_path(name, server.root_dir) if server is not None and name else None
    return await read_from_server(server, path) if path else None


def session_name(environ: Mapping[str, str] | None) -> str | None:
    """The session's path, unless it is that of an outer notebook whose kernel we run in."""
    name = (environ or {}).get(envvars.SESSION_NAME)
    return name if name and name != os.environ.get(envvars.SESSION_NAME) else None


def api_path(name: str, root: str) -> str | None:
    """The API path for a session's name, which is an API path already or an absolute path.

    None for a path outside of the server's root: whatever lies there, nobody has opened it.
    """
    if not Path(name).is_absolute():
        return name
    for folder in (root, os.path.realpath(root)):
        try:
            return Path(name).relative_to(folder).as_posix()
        except ValueError:
            continue
    return None


def document_of_client(manager: Any) -> Mapping[str, Any] | None:
    """The notebook of the nbclient object that owns ``manager`` and is starting it right now.

    nbclient, nbconvert and papermill start kernels from methods of a `NotebookClient`; its frame
    is on the stack. The identity check keeps us from taking the notebook of another client that
    happens to be on the stack too: a notebook that executes notebooks.
    """
    nbclient = sys.modules.get("nbclient.client")
    frame = inspect.currentframe() if nbclient is not None else None
    while nbclient is not None and frame is not None:
        if frame.f_code.co_varnames[:1] == ("self",):
            owner = frame.f_locals.get("self")
            if isinstance(owner, nbclient.NotebookClient) and owner.km is manager:
                document: Mapping[str, Any] = owner.nb
                return document
        frame = frame.f_back
    return None


async def read_from_server(server: Any, path: str) -> Source | None:
    """The notebook at an API path: its header as an editor shows it, if it told us, else the file.

    :param server: the ServerApp.
    :raises NotebookError: if there is a notebook and it cannot be read.
    """
    contents = server.contents_manager
    on_disk = _disk_path(contents, path)
    if on_disk is not None:
        return await in_thread(lambda: _read_from_disk(on_disk, path))
    live = live_headers.get(path)
    if live is not None:
        return Source(live, path)
    try:
        model = await ensure_async(contents.get(path, content=True, type="notebook"))
    except Exception as error:
        # A contents manager may raise whatever its storage raises. 404 is what VS Code's made-up
        # paths give, and a console has the path of the script that it was opened for; everything
        # else is a notebook that is there and cannot be read.
        if getattr(error, "status_code", None) == 404 or not path.endswith(".ipynb"):
            return None
        raise NotebookError(f"The notebook {path} cannot be read: {error}.") from error
    return Source(notebook_of(model["content"], path), path)


def folder_of(server: Any, path: str) -> Folder:
    """The folder of the notebook at an API path."""
    on_disk = _disk_path(server.contents_manager, path)
    return NoFolder() if on_disk is None else DiskFolder(on_disk.parent)


def _disk_path(contents: Any, path: str) -> Path | None:
    """Where the notebook lies, if the contents manager is Jupyter's own for files on disk.

    Reading the file in a thread spares the server's loop what the contents manager would do on
    it: parse, validate and sign the whole notebook.
    """
    if not type(contents).__module__.startswith("jupyter_server.services.contents."):
        return None
    to_disk = getattr(contents, "_get_os_path", None)
    if to_disk is None or not path.endswith(".ipynb"):
        return None
    # Imported here: it takes 30 ms, and where there is a contents manager it is loaded already.
    from tornado.web import HTTPError

    try:
        return Path(to_disk(path))
    except HTTPError:  # outside of the server's root
        return None


def _read_from_disk(file: Path, path: str) -> Source | None:
    try:
        changed = file.stat().st_mtime
    except OSError:
        changed = 0.0
    live, folder = live_headers.get(path, newer_than=changed), DiskFolder(file.parent)
    if live is not None:
        return Source(live, path, folder)
    return Source(read_notebook(file), path, folder) if changed else None
