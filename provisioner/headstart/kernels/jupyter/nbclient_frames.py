"""The nbclient object that is starting a kernel right now, found on the stack.

Relies on: nbclient >= 0.7: kernels are started from methods of a `NotebookClient` whose ``km`` is
the kernel manager, in one chain of calls; nbconvert and papermill subclass it.
Why: a provisioner is told of the kernel manager alone, and no manager knows its client.
Without it: the notebook is not known; the kernel has no environment, and its first cell with a
header says so.
Noticed by: tests/kernels/notebook/test_discover.py
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

__all__ = ["client_of", "is_nbclient_loaded"]


def client_of(manager: Any) -> Any | None:
    """The nbclient object that owns ``manager`` and is starting it right now, if there is one.

    The identity check keeps us from taking the notebook of another client that happens to be on
    the stack too: a notebook that executes notebooks.
    """
    # Only looked up: in a process that has not loaded nbclient, importing it takes 100 ms.
    nbclient = sys.modules.get("nbclient.client")
    frame = inspect.currentframe() if nbclient is not None else None
    while nbclient is not None and frame is not None:
        if frame.f_code.co_varnames[:1] == ("self",):
            owner = frame.f_locals.get("self")
            if isinstance(owner, nbclient.NotebookClient) and owner.km is manager:
                return owner
        frame = frame.f_back
    return None


def is_nbclient_loaded() -> bool:
    """Whether this process may run notebooks with nbclient, in whatever way."""
    return "nbclient.client" in sys.modules
