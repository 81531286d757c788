"""Check that a set of packages is closed: it has all that is required, and nothing else.

What a package requires is read from its own metadata: the ``Requires-Dist`` lines of the core
metadata, with their markers and extras.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..messages import shown

__all__ = ["Closure", "applies", "check_closure", "parsed", "required_with"]

Node = tuple[str, str]
"""A normalised name, and one of its extras, ``""`` for the package itself."""

ROOT = ""
"""The parent of what the header requires."""


@dataclass(frozen=True, slots=True)
class Closure:
    """The result of a check.

    ``problems`` are sentences without a full stop. ``unread`` are the packages whose metadata is
    not known, so that what they require is not known either; ``unclear`` are then the packages
    that no read one requires.
    """

    problems: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def check_closure(
    requirements: Iterable[str],
    overrides: Iterable[str],
    versions: Mapping[str, str],
    metadata: Mapping[str, Sequence[str]],
    markers: Mapping[str, str],
    *,
    only: bool = True,
) -> Closure:
    """Compare a set of packages with what the header and the packages themselves require.

    :param requirements: PEP 508 lines of the header.
    :param overrides: PEP 508 lines; each replaces all requirements of its name.
    :param versions: of the packages of the set, by normalised name.
    :param metadata: their ``Requires-Dist`` lines by normalised name, as far as they are known.
    :param markers: PEP 508 environment markers.
    :param only: other packages in the set are a problem. Else each counts as required.
    """
    walk = _Walk(versions, metadata, markers, _by_name(overrides))
    for line in requirements:
        walk.follow(ROOT, parsed(line))
    if not only:
        for name in versions:
            walk.reach(name, "")
    walk.finish()
    unread = tuple(sorted(walk.reached - metadata.keys()))
    extra = sorted(versions.keys() - walk.reached)
    if unread:
        # What an unread package requires may be just what seems to be surplus.
        return Closure(tuple(walk.problems), unread, tuple(extra))
    surplus = [f"nothing requires {name} {versions[name]}" for name in extra]
    return Closure((*walk.problems, *surplus))


@dataclass(slots=True)
class _Walk:
    """The walk from the direct requirements to all that they require."""

    versions: Mapping[str, str]
    metadata: Mapping[str, Sequence[str]]
    markers: Mapping[str, str]
    overrides: Mapping[str, Sequence[Requirement]]
    problems: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    _seen: set[Node] = field(default_factory=set)
    _waiting: list[Node] = field(default_factory=list)

    def follow(self, parent: str, requirement: Requirement | None, extra: str = "") -> None:
        """Add a requirement of a package, if its marker and the extra apply."""
        if requirement is None:
            return
        overrides = self.overrides.get(canonicalize_name(requirement.name))
        if overrides is None:
            if applies(requirement, extra, self.markers):
                self._require(parent, requirement)
        elif _extra_applies(requirement, extra, self.markers):
            for override in overrides:
                if applies(override, "", self.markers):
                    self._require(parent, override)

    def reach(self, name: str, extra: str) -> None:
        """Queue a package with one of its extras, once."""
        if name in self.versions and (name, extra) not in self._seen:
            self._seen.add((name, extra))
            self.reached.add(name)
            self._waiting.append((name, extra))

    def finish(self) -> None:
        """Follow all that is queued, and what that leads to.

        Not by recursion: metadata of strangers decides how long a chain is.
        """
        while self._waiting:
            name, extra = self._waiting.pop()
            for requirement in required_with(self.metadata.get(name, ()), extra):
                self.follow(name, requirement, extra)

    def _require(self, parent: str, requirement: Requirement) -> None:
        name = canonicalize_name(requirement.name)
        version = self.versions.get(name)
        if name == parent:
            pass  # its own extras, as in pkg[all]
        elif version is None:
            self._report(f"{_subject(parent)} {shown(str(requirement))}, which is missing")
        elif not requirement.specifier.contains(version, prereleases=True):
            self._report(
                f"{_subject(parent)} {shown(str(requirement))}, and {name} {version} is present"
            )
        for extra in ("", *map(canonicalize_name, requirement.extras)):
            self.reach(name, extra)

    def _report(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _subject(parent: str) -> str:
    return f"{parent} requires" if parent else "the header asks for"


def required_with(lines: Iterable[str], extra: str) -> Iterator[Requirement]:
    """What may be required with an extra, or without one.

    :param lines: of ``Requires-Dist``; invalid ones are ignored, as installers do.
    """
    for line in lines:
        # Parsing takes most of the time, and most lines are of extras that are not selected.
        if extra or "extra" not in line.partition(";")[2]:
            requirement = parsed(line)
            if requirement is not None:
                yield requirement


def applies(requirement: Requirement, extra: str, markers: Mapping[str, str]) -> bool:
    """Whether a requirement applies with an extra; for ``""``, without any."""
    if requirement.marker is None:
        return not extra
    return requirement.marker.evaluate({**markers, "extra": extra})


def _extra_applies(requirement: Requirement, extra: str, markers: Mapping[str, str]) -> bool:
    """As `applies`, for a name with an override: only the extra of its marker counts, as in uv."""
    if "extra" in str(requirement.marker or ""):
        return applies(requirement, extra, markers)
    return not extra


def parsed(line: str) -> Requirement | None:
    """The requirement on a line; None if it is invalid, which installers ignore."""
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _by_name(lines: Iterable[str]) -> dict[str, list[Requirement]]:
    by_name: dict[str, list[Requirement]] = {}
    for requirement in filter(None, map(parsed, lines)):
        by_name.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return by_name
