"""Discard what is in the store: by one rename into its trash, which is emptied later."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .layout import Layout, random_name

Notice = Callable[[str], None]
"""Told what happened to the store, in one line for people."""


def discard(layout: Layout, path: Path) -> Path | None:
    """Rename into the trash; where it is now, or None if there was nothing."""
    # A tree cannot be deleted at once, but it can be renamed: nobody ever sees half of one.
    target = layout.trash / f"{path.name}.{random_name()}"
    try:
        os.rename(path, target)
    except FileNotFoundError:
        return None
    return target
