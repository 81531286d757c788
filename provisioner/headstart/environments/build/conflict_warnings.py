"""Wheels that bring each other's files: the warnings, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.store.file_conflicts import (
    Clash,
    InstalledWheel,
    clashes,
    conflict_lines,
    is_namespace,
    misnamed,
)
from ...core.store.parts import Content
from ...errors import BuildError
from ...store.parts.part_store import Part

__all__ = ["check_brought"]

_LONGEST = 10_000
"""Bytes of an ``__init__.py`` that only opens a namespace, with its licence above."""


def check_brought(
    wheels: Sequence[InstalledWheel], parts: Sequence[Part], content: Content, site_packages: str
) -> tuple[str, ...]:
    """Warnings about an environment's wheels, a line each. All of it is in their records.

    :param parts: those that the environment was assembled from.
    :raises BuildError: if a wheel brings metadata of a package that is not installed.
    """
    lines = []
    for file in misnamed(wheels, content.owners, site_packages):
        # Only what makes lists of packages wrong is refused. Wheels that replace each other's files
        # may work, as opencv's do, and which file counts is fixed: the last wheel's by name.
        if file.listed:
            raise BuildError(
                f"{file.package} brings {file.folder}: {file.other} would be listed as "
                "installed by that, and it is not.",
                hint=f"Leave out {file.package}, or ask for another version of it.",
                details={"package": file.package, "file": file.path},
            )
        lines.append(f"{file.package} brings {file.path}, which is {file.other}'s.")
    trees = {wheel.name: part for wheel in wheels for part in parts if part.name == wheel.part}
    harmful = clashes(wheels, content, site_packages)
    return (*conflict_lines(clash for clash in harmful if not _share(clash, trees)), *lines)


def _share(clash: Clash, parts: dict[str, Part]) -> bool:
    """Whether two packages share a namespace, which each opens with code of its own."""
    both = [parts[name] for name in (clash.loser, clash.winner) if name in parts]
    path = clash.path
    if len(both) < 2 or not path.endswith("/__init__.py"):
        return False
    if any(part.record.files.get(path, ("", _LONGEST, 0))[1] >= _LONGEST for part in both):
        return False
    return is_namespace(path, [(part.tree / path).read_text("utf-8", "replace") for part in both])
