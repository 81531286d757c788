"""Environments that stay, whatever presses."""

from __future__ import annotations

import os

from ..disk.trees import delete_tree, names_in
from ..layout import NAME, Layout


def keep(layout: Layout, key: str) -> None:
    """Keep an environment or a layer until `unkeep` lets it go."""
    layout.kept.mkdir(mode=0o700, exist_ok=True)
    if not os.path.lexists(layout.keeping(key)):
        layout.keeping(key).touch(mode=0o600)


def unkeep(layout: Layout, key: str) -> None:
    """Treat an environment as any other again."""
    delete_tree(layout.keeping(key))


def kept(layout: Layout) -> frozenset[str]:
    """The keys that are kept; there need not be an environment."""
    return frozenset(filter(NAME.fullmatch, names_in(layout.kept)))
