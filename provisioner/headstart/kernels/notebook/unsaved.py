"""Headers as an editor shows them, sent by the front end before they are saved.

A restart uses the header that the user sees. The server puts what the front end sends here; the
provisioner, in the same process, takes it from here. What came last counts, in the order in which
this process got it: no clock is asked, of the browser's, the server's or the files'.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from ...core.notebook.find import Notebook

__all__ = ["MOST", "LiveHeader", "LiveHeaders", "Revision", "live_headers"]

MOST = 500
"""Notebooks that are remembered; the oldest goes first."""

_PAGES = 50
"""Pages of a notebook whose revisions are remembered; the oldest goes first."""


class Revision(NamedTuple):
    """The number of a request among those of one page of a browser, which grows with each."""

    page: str
    number: int


class LiveHeader(NamedTuple):
    """The cells and metadata that bear on the header, of one open notebook.

    ``stored`` is the digest of the header that the notebook's storage had when this one came,
    ``""`` if it had none that can be read, and None as long as that is not known.
    """

    notebook: Notebook
    stored: str | None = None


class _Open:
    """One open notebook: its header, its kernel, and the latest request of each page."""

    def __init__(self) -> None:
        self.header: LiveHeader | None = None
        self.kernel_id = ""
        self.is_open = False
        self.numbers: dict[str, int] = {}

    def accepts(self, revision: Revision) -> bool:
        """Whether a request is the latest of its page; it is remembered.

        Each page counts for itself, and a page that is reloaded is another one.
        """
        latest = self.numbers.pop(revision.page, -1)
        self.numbers[revision.page] = max(latest, revision.number)
        if len(self.numbers) > _PAGES:
            del self.numbers[next(iter(self.numbers))]
        return revision.number > latest


class LiveHeaders:
    """The latest header of each open notebook, by its API path. Safe between threads."""

    def __init__(self) -> None:
        self._by_path: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def put(
        self, path: str, notebook: Notebook, revision: Revision, kernel_id: str = ""
    ) -> LiveHeader | None:
        """Remember the header of ``path``; None if a later request of its page has overtaken it.

        :param kernel_id: of the kernel that runs for the notebook, ``""`` if none does.
        """
        with self._lock:
            opened = self._opened(path)
            if not opened.accepts(revision):
                return None
            opened.header, opened.kernel_id = LiveHeader(notebook), kernel_id
            opened.is_open = True
            return opened.header

    def note_stored(self, path: str, header: LiveHeader, stored: str) -> None:
        """Add what the storage had when ``header`` came, unless another one has come since."""
        with self._lock:
            opened = self._by_path.get(path)
            if opened is not None and opened.header is header:
                opened.header = header._replace(stored=stored)

    def get(self, path: str) -> LiveHeader | None:
        """The header of ``path`` that came last."""
        with self._lock:
            opened = self._by_path.get(path)
            return opened.header if opened is not None else None

    def path_of(self, kernel_id: str) -> str:
        """The path of the notebook whose header came last for a kernel; ``""`` if none did."""
        with self._lock:
            newest_first = reversed(self._by_path.items())
            paths = (path for path, opened in newest_first if opened.kernel_id == kernel_id)
            return next(paths, "") if kernel_id else ""

    def is_open(self, path: str) -> bool:
        """Whether a front end of ours has the notebook at ``path`` open."""
        with self._lock:
            opened = self._by_path.get(path)
            return opened is not None and opened.is_open

    def drop(self, path: str, header: LiveHeader) -> None:
        """Forget ``header``, for the storage has a newer one."""
        with self._lock:
            opened = self._by_path.get(path)
            if opened is not None and opened.header is header:
                opened.header = None

    def forget(self, path: str, revision: Revision) -> None:
        """The notebook was closed: what was not saved is lost, whichever page it was open in."""
        with self._lock:
            opened = self._opened(path)
            if opened.accepts(revision):
                opened.header, opened.kernel_id, opened.is_open = None, "", False

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._by_path.clear()

    def _opened(self, path: str) -> _Open:
        opened = self._by_path.pop(path, None) or _Open()
        self._by_path[path] = opened
        # No request comes to forget the notebook of a tab that died, or that was renamed.
        while len(self._by_path) > MOST:
            del self._by_path[next(iter(self._by_path))]
        return opened


live_headers = LiveHeaders()
"""Those of this process: a server has one front end protocol, and many kernels."""
