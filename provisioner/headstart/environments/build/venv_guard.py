"""What an install must not change: the links and the file that make a folder a venv."""

from __future__ import annotations

from pathlib import Path

from ...errors import BuildError

__all__ = ["VenvGuard"]


class VenvGuard:
    """Remembers an empty environment's own files, and tells whether a wheel has changed them.

    A wheel's data files can be anywhere in the prefix, also in the place of ``pyvenv.cfg``, which
    says which Python the environment's Python is; uv 0.13 replaces it and reports success.

    :param prefix: an environment in which nothing is installed yet.
    """

    def __init__(self, prefix: Path):
        self._prefix = prefix
        self._own = _own_files(prefix)

    def check(self) -> None:
        """Compare with the present state.

        :raises BuildError: if one of them was replaced.
        """
        now = _own_files(self._prefix)
        changed = [name for name, state in self._own.items() if now.get(name) != state]
        if not changed:
            return
        raise BuildError(
            f"A package has replaced {changed[0]}, which belongs to the environment itself.",
            hint="Leave out the package that brings this file; a real one does not do that.",
            details={"files": changed},
        )


def _own_files(prefix: Path) -> dict[str, str]:
    """Targets of the links in ``bin``, and the text of ``pyvenv.cfg``."""
    states = {"pyvenv.cfg": (prefix / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")}
    for path in (prefix / "bin").glob("python*"):
        states[f"bin/{path.name}"] = str(path.readlink()) if path.is_symlink() else "a file"
    return states
