"""Headers as they stand in an editor, sent by the front end before they are saved.

A restart uses the header that the user sees. The server puts what the front end sends here; the
provisioner, in the same process, takes it from here.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from ..core.notebook import Notebook

MOST = 500
"""Headers that are remembered; the oldest goes first."""


class LiveHeader(NamedTuple):
    """The cells and metadata that bear on the header, of one open notebook.

    ``revision`` grows with each edit in one front end; ``received`` is seconds since the epoch.
    """

    notebook: Notebook
    revision: int
    received: float


class LiveHeaders:
    """The latest header of each open notebook, by its API path. Safe between threads."""

    def __init__(self) -> None:
        self._by_path: dict[str, LiveHeader] = {}
        self._lock = threading.Lock()

    def put(self, path: str, notebook: Notebook, revision: int) -> None:
        """Remember the header of ``path``; an older revision than the known one is dropped.

        A revision of 0 begins a new count: the notebook was opened anew.
        """
        with self._lock:
            known = self._by_path.get(path)
            if known is None or revision == 0 or revision >= known.revision:
                self._by_path.pop(path, None)
                self._by_path[path] = LiveHeader(notebook, revision, time.time())
                # A tab that died, or a renamed notebook, forgets nothing by itself.
                while len(self._by_path) > MOST:
                    del self._by_path[next(iter(self._by_path))]

    def get(self, path: str, *, newer_than: float = 0.0) -> Notebook | None:
        """The header of ``path``, if it came after ``newer_than`` (seconds since the epoch)."""
        with self._lock:
            known = self._by_path.get(path)
        return known.notebook if known is not None and known.received > newer_than else None

    def forget(self, path: str) -> None:
        """The notebook was closed: what was not saved is gone."""
        with self._lock:
            self._by_path.pop(path, None)


live_headers = LiveHeaders()
"""Those of this process: a server has one front end protocol, and many kernels."""
