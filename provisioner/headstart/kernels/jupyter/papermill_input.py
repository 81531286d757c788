"""The file that papermill has read the notebook from which it runs.

Relies on: papermill >= 2: ``metadata.papermill.input_path``, `PapermillNotebookClient`, and the
private ``_cwd`` of its handler of local files.
Why: ``--cwd`` has changed the process's folder by the time the kernel starts; papermill keeps the
one that it began in, from which it reads and writes.
Without it: relative paths in a header are refused with an error, for their folder is not known.
Noticed by: tests/kernels/jupyter/test_papermill_input.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

__all__ = ["papermill_input"]


def papermill_input(client: Any) -> Path | None:
    """The notebook's file as papermill was told of it; None if papermill does not run it.

    What papermill writes into a notebook stays in it, so that it counts in papermill's own client
    only. It may be a document, the text of one, or an address: then there is no such file.

    :param client: an nbclient.NotebookClient.
    """
    kind = getattr(sys.modules.get("papermill.clientwrap"), "PapermillNotebookClient", None)
    if kind is None or not isinstance(client, kind):
        return None
    path = client.nb.metadata.get("papermill", {}).get("input_path")
    return Path(_first_folder(), path) if isinstance(path, str) else None


def _first_folder() -> str:
    """The folder that papermill began in, if it has changed it; else ``""``."""
    handlers = getattr(sys.modules.get("papermill.iorw"), "papermill_io", None)
    handler = handlers.get_handler("local") if handlers is not None else None
    return getattr(handler, "_cwd", None) or ""
