"""Packages in an old version, because a newer one is not available as wheels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..header.spec import EnvironmentSpec
from ..interpreter import Interpreter

__all__ = ["HeldBack", "next_major", "unpinned"]


class HeldBack(NamedTuple):
    """A package that a header asks for: the version that was taken, and a newer one.

    ``newest`` is the newest version that the header allows. ``lacking`` is the package that has no
    wheel, this one or one that it needs; ``has_source`` says that it has a source.
    """

    name: str
    taken: str
    newest: str
    lacking: str
    has_source: bool = True

    @property
    def why(self) -> str:
        """Why the newest version is not available, as the end of a sentence that names it."""
        needed = "that version" if self.lacking == self.name else f"{self.lacking}, which it needs,"
        if self.has_source:
            return f"{needed} has no wheel, only its source, and Headstart installs wheels only"
        return f"{needed} has no wheel for this Python and platform"

    @property
    def message(self) -> str:
        """Which version was taken and why, for people."""
        return (
            f"{self.name} {self.taken} was taken, and not {self.newest}, the newest that the "
            f"header allows: {self.why}."
        )

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {**self._asdict(), "message": self.message}


def unpinned(spec: EnvironmentSpec, interpreter: Interpreter) -> Mapping[str, str]:
    """The requirements of a spec that leave the version open, by normalised name.

    Without those of another platform or Python, and without packages whose files have hashes.
    """
    # Hashes select files, and so a version, on purpose.
    hashed = {name for name, _ in spec.hashes}
    values = {**interpreter.markers, "extra": ""}
    loose: dict[str, str] = {}
    for line in spec.requirements:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate(dict(values))
        if applies and name not in hashed and not _is_pin(requirement):
            loose[name] = line
    return loose


def _is_pin(requirement: Requirement) -> bool:
    # `==1.*` is no pin: it allows many versions.
    return any(
        specifier.operator == "==="
        or (specifier.operator == "==" and not specifier.version.endswith(".*"))
        for specifier in requirement.specifier
    )


def next_major(taken: str, newest: str) -> str:
    """The first version after the major version of ``taken``, or ``""`` if ``newest`` is before."""
    old, new = Version(taken), Version(newest)
    if (new.epoch, new.release[0]) <= (old.epoch, old.release[0]):
        return ""
    epoch = f"{new.epoch}!" if new.epoch else ""
    return f"{epoch}0" if new.epoch > old.epoch else f"{epoch}{old.release[0] + 1}"
