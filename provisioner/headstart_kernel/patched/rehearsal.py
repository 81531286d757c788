"""Do once, in a zygote, what all kernels do with their first cells.

Relies on: IPython >= 7.23: `CompletionSplitter`, `DisplayFormatter` and `TransformerManager` can be
used on their own, and fill caches that are shared.
Why: it fills caches of regular expressions and of formatters, and has SQLite's code in memory,
which then all kernels share.
Without it: what is missing is left out, and each kernel does it by itself.
Noticed by: tests/headstart_kernel/patched/test_rehearsal.py
"""

from typing import Any

__all__ = ["rehearse"]

CELL = "import this\n%time 1 + 1\n!ls"
"""Has of everything that IPython transforms; it is not run."""

HISTORY = (
    "CREATE TABLE history (session integer, line integer, PRIMARY KEY (session, line))",
    "INSERT INTO history VALUES (1, 1)",
    "SELECT * FROM history ORDER BY session DESC LIMIT 1",
)
"""What IPython does with the database of its history, or the like of it."""


def rehearse() -> None:
    """Do it. Nothing is left but what is in memory then: no database is open."""
    for part in (_rehearse_ipython, _rehearse_history):
        try:
            part()
        except (AttributeError, ImportError, TypeError):
            pass  # only quicker with it; not every Python has SQLite, and IPython does without


def _rehearse_ipython() -> None:
    # Not at the top: a zygote loads this module before it notes which variables IPython reads.
    from IPython.core import completer, formatters, inputtransformer2

    # IPython's functions have no types.
    of_ipython: Any = completer, formatters, inputtransformer2
    of_ipython[0].CompletionSplitter()
    of_ipython[1].DisplayFormatter().format(1)
    of_ipython[2].TransformerManager().transform_cell(CELL)


def _rehearse_history() -> None:
    import sqlite3

    database = sqlite3.connect(":memory:")
    for statement in HISTORY:
        database.execute(statement)
    database.close()
