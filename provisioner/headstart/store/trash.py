"""Discard what is in the store, by one rename into its trash, which is emptied later."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .layout import Layout, random_name

Notice = Callable[[str], None]
"""Told what happened to the store, in one line for people."""


def discard(layout: Layout, path: Path) -> Path | None:
    """Rename into the trash; the new path, or None if there was nothing."""
    # Deleting a tree takes many steps, a rename takes one: no process ever sees half a tree.
    target = layout.trash / f"{path.name}.{random_name()}"
    try:
        os.rename(path, target)
    except FileNotFoundError:
        return None
    return target
