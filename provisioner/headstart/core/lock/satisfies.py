"""Check whether a lock that a notebook brings satisfies its header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..header.spec import EnvironmentSpec
from ..interpreter import Interpreter
from .pylock import LockedPackage

__all__ = ["Unmet", "only_hashes", "unmet"]


@dataclass(frozen=True, slots=True)
class Unmet:
    """A requirement of the header, and the version in the lock, ``""`` if it has none."""

    requirement: str
    version: str

    def __str__(self) -> str:
        """The end of a sentence that begins with the lock."""
        name = canonicalize_name(Requirement(self.requirement).name)
        has = f"has {name} {self.version}" if self.version else f"does not have {name}"
        return f"{has}, and the header asks for {self.requirement}"


def unmet(
    spec: EnvironmentSpec, versions: Mapping[str, str], interpreter: Interpreter
) -> tuple[Unmet, ...]:
    """What the header requires and the lock does not have, in the header's order.

    :param versions: by normalised name, of the packages of the lock that the interpreter gets.
    """
    return tuple(
        Unmet(line, versions.get(name, ""))
        for line, name, needed in _lines(spec, interpreter)
        if (name not in versions and needed) or not _allows(line, versions.get(name, ""))
    )


def _lines(spec: EnvironmentSpec, interpreter: Interpreter) -> Iterator[tuple[str, str, bool]]:
    """Each line that applies here, its normalised name, and whether the lock must have it."""
    overridden = {canonicalize_name(Requirement(line).name) for line in spec.overrides}
    for lines, needed in ((spec.requirements, True), (spec.constraints, False)):
        for line in lines:
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            if _applies(requirement, interpreter):
                # An override replaces the requirement, so only its name counts.
                yield (name if name in overridden else line), name, needed
    for line in spec.overrides:
        requirement = Requirement(line)
        if _applies(requirement, interpreter):
            yield line, canonicalize_name(requirement.name), False


def _applies(requirement: Requirement, interpreter: Interpreter) -> bool:
    marker = requirement.marker
    return marker is None or marker.evaluate({**interpreter.markers, "extra": ""})


def _allows(line: str, version: str) -> bool:
    # Whether a pre-release may be chosen was decided when the lock was made.
    return not version or Requirement(line).specifier.contains(version, prereleases=True)


def only_hashes(package: LockedPackage, hashes: Mapping[str, tuple[str, ...]]) -> LockedPackage:
    """A package without the wheels that the header's hashes exclude."""
    allowed = hashes.get(package.name)
    if allowed is None:
        return package
    return replace(package, wheels=tuple(w for w in package.wheels if w.sha256 in allowed))
