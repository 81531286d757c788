"""Which notebook is starting? Jupyter does not tell a provisioner; here is how to know.

In a server: by all that it and its request know (`in_server`). In a headless client: by the
nbclient object that owns the kernel manager, found by walking up the frames, with an identity
check. Elsewhere: no notebook is known, and the kernel says so when it is to run a header's cell.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Mapping
from typing import Any

from ... import envvars
from ...core.notebook.find import Notebook, notebook_of
from .client_directory import folder_of_client
from .notebook_source import Source


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
    :param cwd: the kernel's working directory as the client gave it, or None.
    :raises NotebookError: if there is a notebook and it cannot be read.
    """
    client = client_of(manager)
    if client is not None:
        # Whoever made the cells of a text may have said what the text is: `headstart run`.
        text = getattr(client, "headstart_notebook", None)
        notebook = text if isinstance(text, Notebook) else notebook_of(client.nb)
        return Source(notebook, folder=folder_of_client(client, cwd))
    server = server_of(manager)
    if server is None:
        return None
    from .server_sessions import find_in_server  # where there is none, nothing of it is needed

    return await find_in_server(server, manager, environ)


def session_name(environ: Mapping[str, str] | None) -> str | None:
    """The session's path, unless it is that of an outer notebook whose kernel we run in."""
    name = (environ or {}).get(envvars.SESSION_NAME)
    return name if name and name != os.environ.get(envvars.SESSION_NAME) else None


def document_of_client(manager: Any) -> Mapping[str, Any] | None:
    """The notebook of the nbclient object that owns ``manager`` and is starting it right now."""
    client = client_of(manager)
    document: Mapping[str, Any] | None = client.nb if client is not None else None
    return document


def client_of(manager: Any) -> Any | None:
    """The nbclient object that owns ``manager`` and is starting it right now, if there is one.

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
                return owner
        frame = frame.f_back
    return None
