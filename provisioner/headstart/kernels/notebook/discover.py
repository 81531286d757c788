"""Find the notebook whose kernel is starting, for Jupyter does not tell a provisioner.

In a server: by all that it and its request know (`server_sessions`). In a headless client: by the
nbclient object that owns the kernel manager. Elsewhere: no notebook is found, and the kernel says
so when it is to run a header's cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.notebook.find import Notebook, notebook_of
from ..jupyter.nbclient_frames import client_of
from ..jupyter.server_app import server_of
from .client_directory import folder_of_client
from .notebook_source import Source


async def find_notebook(
    manager: Any, environ: Mapping[str, str] | None, cwd: str | None = None
) -> Source | None:
    """The notebook whose kernel ``manager`` is starting, or None if none can be found.

    Must be awaited in the same chain of calls as the manager's start, not in a task of its own.

    :param manager: the KernelManager.
    :param environ: the environment that the client gave for the kernel, or None.
    :param cwd: the kernel's working directory as the client gave it, or None.
    :raises NotebookError: if there is a notebook and it cannot be read.
    """
    client = client_of(manager)
    if client is not None:
        # `headstart run` makes the cells of a text notebook; the header is in the text.
        text = getattr(client, "headstart_notebook", None)
        notebook = text if isinstance(text, Notebook) else notebook_of(client.nb)
        return Source(notebook, folder=folder_of_client(client, cwd))
    server = server_of(manager)
    if server is None:
        return None
    # Imported here: a headless client needs none of what asks contents managers.
    from .server_sessions import find_in_server

    return await find_in_server(server, manager, environ)


def document_of_client(manager: Any) -> Mapping[str, Any] | None:
    """The notebook of the nbclient object that owns ``manager`` and is starting it right now."""
    client = client_of(manager)
    document: Mapping[str, Any] | None = client.nb if client is not None else None
    return document
