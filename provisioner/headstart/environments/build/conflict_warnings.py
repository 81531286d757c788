"""Wheels that bring each other's files: what is said of it, and what is not built."""

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
    """What is to be said of an environment's wheels, in lines. All of it is in their records.

    :param parts: those that the environment was put together from.
    :raises BuildError: if a wheel makes it look as if a package were there that is not.
    """
    lines = []
    for found in misnamed(wheels, content.owners, site_packages):
        if found.listed:
            raise BuildError(
                f"{found.package} brings {found.folder}: {found.other} would be listed as "
                "installed by that, and it is not.",
                hint=f"Leave out {found.package}, or ask for another version of it.",
                details={"package": found.package, "file": found.path},
            )
        lines.append(f"{found.package} brings {found.path}, which is {found.other}'s.")
    trees = {wheel.name: part for wheel in wheels for part in parts if part.name == wheel.part}
    harmful = clashes(wheels, content, site_packages)
    return (*conflict_lines(clash for clash in harmful if not _share(clash, trees)), *lines)


def _share(clash: Clash, parts: dict[str, Part]) -> bool:
    """Whether two packages share a namespace, which they open in different words."""
    both = [parts[name] for name in (clash.loser, clash.winner) if name in parts]
    path = clash.path
    if len(both) < 2 or not path.endswith("/__init__.py"):
        return False
    if any(part.record.files.get(path, ("", _LONGEST, 0))[1] >= _LONGEST for part in both):
        return False
    return is_namespace(path, [(part.tree / path).read_text("utf-8", "replace") for part in both])
