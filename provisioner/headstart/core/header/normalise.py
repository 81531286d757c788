"""Normalise a header: headers that mean the same give the same spec."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..requirements.grammar import canonical
from ..requirements.sourced import HeaderRequirement
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
    """What a header takes in of the files and folders that it names.

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
    """The spec that a header gives, with what it takes in of files."""
    if header is None:
        return EMPTY_SPEC
    requirements = (*header.requirements, *included.requirements)
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
        kernel=KernelOptions(header.env, included.prepend_paths, header.preload),
        **{field.attribute: getattr(header, field.attribute) for field in PLAIN_FIELDS},
    )


def _parsed(requirements: Iterable[HeaderRequirement]) -> Iterable[Requirement]:
    return (requirement.parsed for requirement in requirements)


def _python(one: str, other: str) -> str:
    return str(SpecifierSet(one) & SpecifierSet(other)) if one and other else one or other


def _hashes(requirements: Iterable[HeaderRequirement]) -> Hashes:
    """The digests of each name that has some, whichever requirement says them."""
    of_name: dict[str, set[str]] = {}
    for requirement in requirements:
        if requirement.hashes:
            name = canonicalize_name(requirement.parsed.name)
            of_name.setdefault(name, set()).update(requirement.hashes)
    return tuple((name, tuple(sorted(of_name[name]))) for name in sorted(of_name))


def _merge(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Canonical lines, sorted; those which differ only in extras and versions become one."""
    alike: dict[tuple[str, str, str], list[Requirement]] = {}
    for one in requirements:
        name = canonicalize_name(one.name)
        alike.setdefault((name, one.url or "", str(one.marker or "")), []).append(one)
    return tuple(sorted(canonical(_one_of(group)) for group in alike.values()))


def _one_of(group: list[Requirement]) -> Requirement:
    """What asks for all that the requirements of a group ask for, in linear time."""
    if len(group) == 1:
        return group[0]
    one = Requirement(canonical(group[0]))
    # Joined once: an & for each requirement would copy all bounds before it each time.
    one.extras = {extra for each in group for extra in each.extras}
    one.specifier = SpecifierSet({bound for each in group for bound in each.specifier})
    return one
