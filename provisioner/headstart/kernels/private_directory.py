"""Folders that only this user may enter, for the sockets of kernels and of zygotes."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

__all__ = ["private_folder"]


def private_folder(below: str = "", *, longest: int) -> Path | None:
    """Jupyter's runtime folder, or one for temporary files; made, and made private, if need be.

    What belongs to another user, or is a link, is not used: it may have been put there to deceive.

    :param below: the name of a folder in it, or ``""`` for itself.
    :param longest: characters of its path; that of a socket is short.
    :return: None if there is none.
    """
    for top in _candidates():
        folder = top / below
        if len(str(folder)) <= longest and _is_private(top) and (not below or _is_private(folder)):
            return folder
    return None


def _candidates() -> Iterator[Path]:
    yield Path(jupyter_runtime_dir())
    temporary, name = Path(tempfile.gettempdir()), f"headstart-{os.geteuid()}"
    yield temporary / name
    # If another user has taken that name: one of a random name, which all our processes find.
    yield from sorted(temporary.glob(f"{name}-*"))
    yield temporary / f"{name}-{os.urandom(8).hex()}"


def _is_private(folder: Path) -> bool:
    """Whether only this user may enter it, by now."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            return False
        if status.st_mode & 0o077:
            folder.chmod(0o700)
        return True
    return False
