"""Let IPython's history begin its session when somebody has the kernel.

Relies on: IPython >= 7.23: `HistoryManager` begins a session by ``new_session`` when it is made;
its ``hist_file``, ``dir_hist`` and ``init_db``.
Why: a session that is begun ahead would be an empty one of a kernel that nobody may ever have.
Without it: no kernel is initialised ahead; kernels are forked.
Noticed by: tests/kernels/launch/zygote/test_parked.py
"""

import os
from typing import Any, List

__all__ = ["LateSession", "history_files"]


class LateSession:
    """While it lasts, a history begins no session: it would be of a kernel that nobody has."""

    def __init__(self) -> None:
        self._is_wanted = False

    def __enter__(self) -> "LateSession":
        from IPython.core.history import HistoryManager

        manager: Any = HistoryManager
        self._manager, self._begin = manager, manager.new_session
        manager.new_session = self._want
        return self

    def __exit__(self, *_exception: object) -> None:
        self._manager.new_session = self._begin

    def _want(self, *_arguments: Any) -> None:
        self._is_wanted = True

    def begin(self, shell: Any) -> None:
        """Begin the session now, for a kernel that somebody has.

        :param shell: the kernel's InteractiveShell.
        """
        history = _history(shell)
        if history is None:
            return
        # In place: the user's namespace has the list itself.
        history.dir_hist[:] = history.trait_defaults("dir_hist")
        if self._is_wanted:
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
