"""Whether a set of packages is closed: all that is required is there, and nothing else is.

What a package requires is what its own metadata says: the ``Requires-Dist`` lines of the core
metadata, with their markers and extras.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..messages import shown

__all__ = ["Closure", "applies", "check_closure", "parsed", "required_with"]

Demand = tuple[str, str]
"""A normalised name, and one of its extras, ``""`` for the package itself."""

ROOT = ""
"""Who requires what the header asks for."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What was found out.

    ``problems`` are sentences without a full stop. ``unread`` are the packages whose metadata is
    not known, so that what they require is not known either; then ``unclear`` are those that
    nothing else requires, as far as that can be told.
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
    :param overrides: PEP 508 lines; each takes the place of whatever is required of its name.
    :param versions: of the packages of the set, by normalised name.
    :param metadata: their ``Requires-Dist`` lines by normalised name, as far as they are known.
    :param markers: PEP 508 environment markers.
    :param only: nothing else may be in the set. Else every package counts as asked for.
    """
    walk = _Walk(versions, metadata, markers, _by_name(overrides))
    for line in requirements:
        walk.follow(ROOT, parsed(line))
    if not only:
        for name in versions:
            walk.reach(name, "")
    walk.to_the_end()
    unread = tuple(sorted(walk.reached - metadata.keys()))
    extra = sorted(versions.keys() - walk.reached)
    if unread:
        return Closure(tuple(walk.problems), unread, tuple(extra))
    surplus = [f"nothing requires {name} {versions[name]}" for name in extra]
    return Closure((*walk.problems, *surplus))


@dataclass(slots=True)
class _Walk:
    """From what is asked for to all that is required because of it."""

    versions: Mapping[str, str]
    metadata: Mapping[str, Sequence[str]]
    markers: Mapping[str, str]
    overrides: Mapping[str, Sequence[Requirement]]
    problems: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    _seen: set[Demand] = field(default_factory=set)
    _waiting: list[Demand] = field(default_factory=list)

    def follow(self, who: str, requirement: Requirement | None, extra: str = "") -> None:
        """Take in what somebody requires, if it counts here."""
        if requirement is None:
            return
        instead = self.overrides.get(canonicalize_name(requirement.name))
        if instead is None:
            if applies(requirement, extra, self.markers):
                self._take(who, requirement)
        elif _asked_with(requirement, extra, self.markers):
            for other in instead:
                if applies(other, "", self.markers):
                    self._take(who, other)

    def reach(self, name: str, extra: str) -> None:
        """Have a package looked into, with one of its extras, once."""
        if name in self.versions and (name, extra) not in self._seen:
            self._seen.add((name, extra))
            self.reached.add(name)
            self._waiting.append((name, extra))

    def to_the_end(self) -> None:
        """Look into all that was reached, and into what that leads to."""
        while self._waiting:
            name, extra = self._waiting.pop()
            for requirement in required_with(self.metadata.get(name, ()), extra):
                self.follow(name, requirement, extra)

    def _take(self, who: str, requirement: Requirement) -> None:
        name = canonicalize_name(requirement.name)
        version = self.versions.get(name)
        if name == who:
            pass  # its own extras, as in pkg[all]
        elif version is None:
            self._report(f"{_asks(who)} {shown(str(requirement))}, which is not there")
        elif not requirement.specifier.contains(version, prereleases=True):
            self._report(f"{_asks(who)} {shown(str(requirement))}, and {name} {version} is there")
        for extra in ("", *map(canonicalize_name, requirement.extras)):
            self.reach(name, extra)

    def _report(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _asks(who: str) -> str:
    return f"{who} requires" if who else "the header asks for"


def required_with(lines: Iterable[str], extra: str) -> Iterator[Requirement]:
    """What may be required with an extra, or without one; most lines are about other extras.

    :param lines: of ``Requires-Dist``; what cannot be read is passed over, as installers do it.
    """
    for line in lines:
        if extra or "extra" not in line.partition(";")[2]:
            requirement = parsed(line)
            if requirement is not None:
                yield requirement


def applies(requirement: Requirement, extra: str, markers: Mapping[str, str]) -> bool:
    """Whether a requirement is one of those that an extra adds, or without one of the others."""
    if requirement.marker is None:
        return not extra
    return requirement.marker.evaluate({**markers, "extra": extra})


def _asked_with(requirement: Requirement, extra: str, markers: Mapping[str, str]) -> bool:
    """As `applies`, for what has an override: of its marker only the extra counts, as in uv."""
    if "extra" in str(requirement.marker or ""):
        return applies(requirement, extra, markers)
    return not extra


def parsed(line: str) -> Requirement | None:
    """The requirement on a line; None for what cannot be read, as installers pass it over."""
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _by_name(lines: Iterable[str]) -> dict[str, list[Requirement]]:
    by_name: dict[str, list[Requirement]] = {}
    for requirement in filter(None, map(parsed, lines)):
        by_name.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return by_name
