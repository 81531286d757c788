"""How files get from uv's cache into an environment, probed on the store's own file system."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..settings import LinkMode

__all__ = ["choose_link_mode"]

_FICLONE = 0x40049409
"""Linux's ioctl that makes a file share another's blocks (linux/fs.h)."""


def choose_link_mode(asked: LinkMode, folder: Path) -> LinkMode:
    """The link mode that the settings ask for, or the best that works in a folder.

    Clones are best: they are as quick as hardlinks, and a write to one changes no other file.
    """
    if asked != "auto":
        return asked
    source, target = folder / "probe", folder / "probe.linked"
    try:
        source.write_bytes(b"x")
        return "clone" if _clones(source, target) else _hardlinks(source, target)
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)


def _clones(source: Path, target: Path) -> bool:
    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
        except OSError:
            return False
    return True


def _hardlinks(source: Path, target: Path) -> LinkMode:
    target.unlink()
    try:
        os.link(source, target)
    except OSError:
        return "copy"
    return "hardlink"
