"""Find the notebook of a server's kernel, by all that the server and its request know.

A session's path is the notebook's, except while JupyterLab starts a kernel: then it is made up, and
the name is right. Elsewhere the name may be empty, or a title. VS Code makes both up. Voilà and a
kernel gateway have no sessions. And a notebook that was renamed meanwhile is known to the front end
alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async

from ...core.notebook.find import notebook_of
from ...core.notebook.jupytext import is_text_notebook
from ...request.directory import DiskFolder, NoFolder
from ..jupyter.one_notebook_servers import seed_of, voila_notebook, words_of_url
from ..jupyter.server_app import request_handler, session_name
from .contents_manager import read_from_server
from .notebook_source import Source
from .unsaved import live_headers

__all__ = ["api_path", "find_in_server"]

LONGEST_BODY = 64 * 1024
"""Bytes of a request that may start a kernel; what is longer is another request."""


async def find_in_server(
    server: Any, manager: Any, environ: Mapping[str, str] | None
) -> Source | None:
    """The notebook whose kernel a server is starting; None if nothing leads to one.

    :param server: the ServerApp, or what is one for the kernel manager.
    :param manager: the KernelManager.
    :param environ: the environment that the server gave for the kernel, or None.
    :raises NotebookError: if there is a notebook and it cannot be read.
    """
    seed = _seed(manager)
    if seed is not None or server.contents_manager is None:
        return seed
    kernel_id = getattr(manager, "kernel_id", None) or ""
    handler = request_handler()
    # A session's path before its name, which may be a title.
    named = [await _path_of_session(server, kernel_id, handler), *_paths_of_request(handler)]
    names = session_name(environ), voila_notebook(server)
    named += [api_path(name, server.root_dir) or "" for name in names if name]
    unsaved = None
    for path in _in_order(named, live_headers.path_of(kernel_id)):
        source = await read_from_server(server, path)
        if source is not None and source.saved:
            return source
        unsaved = source or unsaved
    return unsaved


def api_path(name: str, root: str) -> str | None:
    """The API path for a session's name, which is an API path already or an absolute path.

    None for a path outside of the server's root: a notebook there cannot be opened in the server.
    """
    if not Path(name).is_absolute():
        return name
    for folder in (root, os.path.realpath(root)):
        try:
            return Path(name).relative_to(folder).as_posix()
        except ValueError:
            continue
    return None


def _in_order(named: Iterable[str], pushed: str) -> Iterable[str]:
    """What may be the notebook's API path, the best first.

    What a front end has sent for the kernel comes last, though it is right where the others name
    a file that does not exist any more: two notebooks may share a kernel.
    """
    # The path that JupyterLab makes up has no suffix of a notebook, so that it comes last.
    paths = [path.strip("/") for path in sorted(named, key=lambda path: not _may_be_notebook(path))]
    return [path for path in dict.fromkeys([*paths, pushed]) if path not in ("", ".")]


def _may_be_notebook(path: object) -> bool:
    return isinstance(path, str) and (path.endswith(".ipynb") or is_text_notebook(path))


async def _path_of_session(server: Any, kernel_id: str, handler: Any | None) -> str:
    """The path of the session that a kernel has already, or that is to have it; or ``""``."""
    sessions = getattr(server, "session_manager", None)
    session_id = getattr(handler, "path_kwargs", {}).get("session_id")
    if sessions is None or not (session_id or kernel_id in server.kernel_manager):
        return ""
    query = {"session_id": session_id} if session_id else {"kernel_id": kernel_id}
    try:
        session = await ensure_async(sessions.get_session(**query))
    except Exception:  # noqa: BLE001  (there is none, which each manager says in its own way)
        return ""
    return str(session.get("path") or "")


def _paths_of_request(handler: Any | None) -> Iterator[str]:
    """What the request that starts a kernel says of paths."""
    if handler is None:
        return
    path = _in_body(handler.request.body)
    if isinstance(path, str):
        yield path
    yield from filter(_may_be_notebook, words_of_url(handler))


def _in_body(body: bytes) -> object:
    if not body or len(body) > LONGEST_BODY:
        return None
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return fields.get("path") if isinstance(fields, dict) else None


def _seed(manager: Any) -> Source | None:
    """The notebook that a kernel gateway runs in each kernel of its kind, if it runs one."""
    seed = seed_of(manager)
    if seed is None:
        return None
    file = Path(seed.uri)
    folder = DiskFolder(file.parent) if file.is_file() else NoFolder()
    return Source(notebook_of(seed.document), folder=folder)
