"""Let IPython's history begin its session when a client has the kernel.

Relies on: IPython >= 7.23: `HistoryManager` begins a session by ``new_session`` when it is made;
its ``hist_file``, ``dir_hist`` and ``init_db``.
Why: a session that is begun ahead would stay empty if no client ever gets the kernel.
Without it: no kernel is initialised ahead; kernels are forked.
Noticed by: tests/kernels/launch/zygote/test_parked.py
"""

import os
from typing import Any, List

__all__ = ["LateSession", "history_files"]


class LateSession:
    """While it lasts, a history begins no session: its kernel has no client yet."""

    def __init__(self) -> None:
        self._is_due = False

    def __enter__(self) -> "LateSession":
        # Not at the top: a zygote loads this module before it notes which variables IPython reads.
        from IPython.core.history import HistoryManager

        manager: Any = HistoryManager
        self._manager, self._begin = manager, manager.new_session
        manager.new_session = self._postpone
        return self

    def __exit__(self, *_exception: object) -> None:
        self._manager.new_session = self._begin

    def _postpone(self, *_arguments: Any) -> None:
        self._is_due = True

    def begin(self, shell: Any) -> None:
        """Begin the session now, for a kernel that has a client.

        :param shell: the kernel's InteractiveShell.
        """
        history = _history(shell)
        if history is None:
            return
        # In place: the user's namespace has the list itself.
        history.dir_hist[:] = history.trait_defaults("dir_hist")
        if self._is_due:
            _begin_session(history)


def history_files(shell: Any) -> List[str]:
    """The path of the file that a shell's history is in, if it is in one."""
    history = _history(shell)
    if history is None or str(history.hist_file) == ":memory:":
        return []
    return [os.fspath(history.hist_file)]


def _history(shell: Any) -> Any:
    return getattr(shell, "history_manager", None)


def _begin_session(history: Any) -> None:
    """As `HistoryManager` does when it is made."""
    from sqlite3 import OperationalError

    try:
        history.new_session()
    except OperationalError:
        history.log.error("Failed to create history session in %s.", history.hist_file)
        history.hist_file = ":memory:"
        history.init_db()
        history.new_session()
