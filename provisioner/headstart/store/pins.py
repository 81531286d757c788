"""Pins: environments that stay, whatever presses."""

from __future__ import annotations

import os

from .layout import NAME, Layout


def pin(layout: Layout, key: str) -> None:
    """Keep an environment or a layer until it is unpinned."""
    layout.pins.mkdir(mode=0o700, exist_ok=True)
    layout.pin(key).touch(mode=0o600)


def unpin(layout: Layout, key: str) -> None:
    """Treat an environment as any other again."""
    layout.pin(key).unlink(missing_ok=True)


def pinned(layout: Layout) -> frozenset[str]:
    """The keys that are pinned; there need not be an environment."""
    names = os.listdir(layout.pins) if layout.pins.is_dir() else []
    return frozenset(filter(NAME.fullmatch, names))
