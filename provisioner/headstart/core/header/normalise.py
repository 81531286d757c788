"""Normalise a header: headers that mean the same give the same spec."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..requirements.grammar import canonical
from ..requirements.header_requirement import HeaderRequirement
from .spec import (
    EMPTY_SPEC,
    PLAIN_FIELDS,
    EnvironmentSpec,
    Hashes,
    Header,
    KernelOptions,
    LocalExtra,
    ProvidedLock,
)


class Included(NamedTuple):
    """What a header includes of the files and folders that it names.

    ``constraints`` are requirements that only constrain others; ``prepend_paths`` are absolute.
    """

    requirements: tuple[HeaderRequirement, ...] = ()
    constraints: tuple[HeaderRequirement, ...] = ()
    requires_python: str = ""
    lock: ProvidedLock | None = None
    local_extras: tuple[LocalExtra, ...] = ()
    prepend_paths: tuple[str, ...] = ()


NOTHING_INCLUDED = Included()


def spec_of(header: Header | None, included: Included = NOTHING_INCLUDED) -> EnvironmentSpec:
    """The spec of a header, with what it includes of files."""
    if header is None:
        return EMPTY_SPEC
    requirements = (*header.requirements, *included.requirements)
    options = KernelOptions(*(getattr(header, name) for name in KernelOptions._fields))
    constraints = (*map(Requirement, header.constraints), *_parsed(included.constraints))
    return EnvironmentSpec(
        requirements=_merge(_parsed(requirements)),
        requires_python=_python(header.requires_python, included.requires_python),
        refresh=header.refresh,
        constraints=_merge(constraints),
        overrides=_merge(map(Requirement, header.overrides)),
        hashes=_hashes((*requirements, *included.constraints)),
        lock=included.lock,
        local_extras=included.local_extras,
        kernel=options._replace(prepend_paths=included.prepend_paths),
        **{
            field.attribute: field.of_header(header)
            for field in PLAIN_FIELDS
            if field.kind is not None
        },
    )


def _parsed(requirements: Iterable[HeaderRequirement]) -> Iterable[Requirement]:
    return (requirement.parsed for requirement in requirements)


def _python(first: str, second: str) -> str:
    both = first and second
    return str(SpecifierSet(first) & SpecifierSet(second)) if both else first or second


def _hashes(requirements: Iterable[HeaderRequirement]) -> Hashes:
    """The digests by name, from all requirements together."""
    of_name: dict[str, set[str]] = {}
    for requirement in requirements:
        if requirement.hashes:
            name = canonicalize_name(requirement.parsed.name)
            of_name.setdefault(name, set()).update(requirement.hashes)
    return tuple((name, tuple(sorted(of_name[name]))) for name in sorted(of_name))


def _merge(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Canonical lines, sorted; those which differ only in extras and versions become one."""
    # Merged, so that `a>1, a<3` and `a>1,<3` have one digest and share one lock.
    alike: dict[tuple[str, str, str], list[Requirement]] = {}
    for line in requirements:
        name = canonicalize_name(line.name)
        alike.setdefault((name, line.url or "", str(line.marker or "")), []).append(line)
    return tuple(sorted(canonical(_merged(group)) for group in alike.values()))


def _merged(group: list[Requirement]) -> Requirement:
    """One requirement for all of a group, in linear time."""
    if len(group) == 1:
        return group[0]
    merged = Requirement(canonical(group[0]))
    # Joined once: an & for each requirement would copy all bounds before it each time.
    merged.extras = {extra for each in group for extra in each.extras}
    merged.specifier = SpecifierSet({bound for each in group for bound in each.specifier})
    return merged
