"""What a kernel manager's server knows, and tells no provisioner.

Relies on: jupyter_server >= 2.10: a kernel manager's ``parent`` is the server's kernel manager, and
the parent of that the ServerApp; ``CallContext``; the private ``_get_os_path`` of contents managers
for files, and ``_pending_kernels`` of the server's kernel manager.
Why: a provisioner is told of the kernel manager alone. Reading a file by ourselves, in a thread,
spares the server's loop what its contents manager would do there. A server that meets a kernel
which has not started yet while it ends fails, and never stops.
Without it: kernels of a server are taken for a headless client's, and raise where they would have
explained; without the request fewer notebooks are known; without the path the contents manager is
asked; without the pending kernels the server stops as any other does.
Noticed by: tests/kernels/jupyter/test_server_app.py
"""

from __future__ import annotations

import os
from asyncio import Future
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ... import envvars

__all__ = [
    "disk_path",
    "is_for_files",
    "pending_starts",
    "request_handler",
    "server_of",
    "session_name",
]

_JUPYTERS_OWN = "jupyter_server.services.contents."


def server_of(manager: Any) -> Any | None:
    """The Jupyter server that a kernel manager works for, or None in a headless client."""
    app = getattr(getattr(manager, "parent", None), "parent", None)
    return app if hasattr(app, "contents_manager") else None


def session_name(environ: Mapping[str, str] | None) -> str | None:
    """The session's path, unless it is that of an outer notebook whose kernel we run in."""
    name = (environ or {}).get(envvars.SESSION_NAME)
    return name if name and name != os.environ.get(envvars.SESSION_NAME) else None


def request_handler() -> Any | None:
    """The handler of the request that this kernel's start, or the one before, is an answer to."""
    try:
        # Not at the top: loaded already where there is a server, and needed nowhere else.
        from jupyter_server import CallContext
    except ImportError:
        return None
    return CallContext.get(CallContext.JUPYTER_HANDLER)


def is_for_files(module: str) -> bool:
    """Whether a class of this module is Jupyter's own contents manager for files on disk."""
    return module.startswith(_JUPYTERS_OWN)


def disk_path(contents: Any, path: str) -> Path | None:
    """The path on disk of the file at an API path, whether it exists or not.

    None outside of the server's root, and where a contents manager does not say.
    """
    to_disk = getattr(contents, "_get_os_path", None)
    if to_disk is None:
        return None
    # Not at the top: it takes 30 ms, and where there is a contents manager it is loaded already.
    from tornado.web import HTTPError

    try:
        return Path(to_disk(path))
    except HTTPError:  # outside of the server's root
        return None


def pending_starts(server: Any) -> tuple[Future[None], ...]:
    """The starts of a server's kernels that have not come to an end yet."""
    manager = getattr(server, "kernel_manager", None)
    return tuple(getattr(manager, "_pending_kernels", {}).values())
