"""The files that jupytext works on: the one that it executes, and those that it keeps paired.

Relies on: jupytext >= 1.17: the local ``nb_file`` of the functions of ``jupytext.cli``; of its
contents manager the module's name, ``paired_notebooks`` and the classes that it puts in front of.
Why: ``jupytext --execute`` tells nbconvert the folder, but not if that is the process's own; a
paired notebook's cells come from its text, which any editor may have changed.
Without it: relative paths in a header are refused with an error where they would have begun at the
process's folder; a paired notebook's header is read from its ``.ipynb``.
Noticed by: tests/kernels/jupyter/test_jupytext_files.py
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

__all__ = ["behind_jupytext", "executed_file", "paired_with"]

_MODULES = "jupytext."


def executed_file() -> Path | None:
    """The file that ``jupytext --execute`` is running in this very call, if it is."""
    frame = inspect.currentframe() if "jupytext.cli" in sys.modules else None
    while frame is not None:
        if frame.f_globals.get("__name__") == "jupytext.cli" and "nb_file" in frame.f_locals:
            path = frame.f_locals["nb_file"]
            return Path(path) if isinstance(path, str) else None
        frame = frame.f_back
    return None


def behind_jupytext(contents: Any) -> tuple[str, bool]:
    """The module of a contents manager's class, or of the one that jupytext has put itself before.

    :return: and whether jupytext has.
    """
    modules = [kind.__module__ for kind in type(contents).__mro__]
    behind = [module for module in modules if not module.startswith(_MODULES)]
    return behind[0], behind != modules


def paired_with(contents: Any, path: str) -> tuple[str, ...]:
    """The API paths of all files that jupytext keeps paired with the one at an API path."""
    pairing = getattr(contents, "paired_notebooks", {}).get(path)
    if pairing is None:
        return ()
    try:
        # Loaded already: pairs are known to jupytext's own contents manager alone.
        from jupytext.formats import long_form_multiple_formats
        from jupytext.paired_paths import InconsistentPath, paired_paths
    except ImportError:
        return ()
    try:
        pairs = paired_paths(path, pairing[0], long_form_multiple_formats(pairing[1]))
    except InconsistentPath:
        return ()
    return tuple(other for other, _ in pairs)
