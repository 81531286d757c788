"""How files get from uv's cache into parts, and from parts into environments.

Probed on the store's own file system.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ...settings import LinkMode
from ...store.disk.link_files import FICLONE

__all__ = ["choose_link_mode", "safe_link_mode"]


def choose_link_mode(setting: LinkMode, folder: Path) -> LinkMode:
    """The link mode that the settings ask for, or the best that works in a folder.

    Clones are best: they are as quick as hardlinks, and a write to one changes no other file.
    """
    if setting != "auto":
        return setting
    # Tried and not looked up: it depends on the file system, its options and Linux's version.
    source, target = folder / "probe", folder / "probe.linked"
    try:
        source.write_bytes(b"x")
        return "clone" if _clones(source, target) else _hardlinks(source, target)
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)


def safe_link_mode(setting: LinkMode, mode: LinkMode) -> LinkMode:
    """How files get into environments, where kernels reach them.

    Hardlinked files are write-protected, which does not hold root: a notebook that is run as root
    and appends to a file of a package would change it in every environment. So root gets copies,
    unless the settings ask for hardlinks.

    :param mode: what `choose_link_mode` has found.
    """
    # Copies take five times as long, which only root pays for.
    if setting == "auto" and mode == "hardlink" and os.geteuid() == 0:
        return "copy"
    return mode


def _clones(source: Path, target: Path) -> bool:
    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
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
