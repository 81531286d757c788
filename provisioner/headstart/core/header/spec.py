"""The spec: a header, normalised, so that headers which mean the same have the same digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..refresh import RefreshMode
from ..requirements.grammar import canonical
from ..requirements.sourced import HeaderRequirement
from .parse import Header

_NAME = r"[a-z0-9-]+"


class KernelOptions(NamedTuple):
    """What a header says of the kernel's process, and not of its environment.

    ``env`` are variables, sorted by name; ``prepend_paths`` are absolute folders that come before
    ``PATH``, after the environment's ``bin``; ``preload`` are modules.
    """

    env: tuple[tuple[str, str], ...] = ()
    prepend_paths: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()


NO_OPTIONS = KernelOptions()


class LocalExtra(NamedTuple):
    """A wheel or a source tree on disk, installed after the lock without what it requires.

    ``path`` is absolute; ``digest`` is the SHA-256 of its content, as 64 hex digits.
    """

    path: str
    digest: str


class GivenLock(NamedTuple):
    """A lock that the notebook brings: nothing is resolved.

    ``text`` is a ``pylock.toml`` (PEP 751); ``origin`` says for messages where it stands; of the
    lock's extras and dependency groups ``extras`` and ``groups`` are wanted, or for ``groups`` of
    None those that the lock has as its default.
    """

    text: str
    origin: str
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the text, as 64 hex digits."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


class EnvironmentSpec(NamedTuple):
    """What a notebook asks for.

    ``requirements``, ``constraints`` and ``overrides`` are canonical PEP 508 lines, sorted, those
    of one name merged; ``requires_python`` is a PEP 440 specifier or ``""``; ``exclude_newer`` is
    an ISO 8601 date or time, a span (``7 days``) or ``""``; ``hashes`` are, by normalised name, the
    SHA-256 digests of the artifacts that may be installed for it.
    """

    requirements: tuple[str, ...] = ()
    requires_python: str = ""
    refresh: RefreshMode = RefreshMode.CACHED
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    exclude_newer: str = ""
    hashes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lock: GivenLock | None = None
    local_extras: tuple[LocalExtra, ...] = ()
    kernel: KernelOptions = NO_OPTIONS

    @property
    def digest(self) -> str:
        """SHA-256, as 64 hex digits, over what decides a resolution."""
        said: dict[str, object] = {
            "requirements": self.requirements,
            "requires-python": self.requires_python,
            "constraints": self.constraints,
            "overrides": self.overrides,
            "exclude-newer": self.exclude_newer,
        }
        if self.hashes:
            said["hashes"] = self.hashes
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8")).hexdigest()

    @property
    def direct(self) -> frozenset[str]:
        """Normalised names of the packages that are asked for."""
        return frozenset(match[0] for line in self.requirements if (match := re.match(_NAME, line)))


EMPTY_SPEC = EnvironmentSpec()
"""The spec of a notebook without a header."""


class Taken(NamedTuple):
    """What a header takes in of the files and folders that it names.

    ``constraints`` are requirements that only constrain others; ``prepend_paths`` are absolute.
    """

    requirements: tuple[HeaderRequirement, ...] = ()
    constraints: tuple[HeaderRequirement, ...] = ()
    requires_python: str = ""
    lock: GivenLock | None = None
    local_extras: tuple[LocalExtra, ...] = ()
    prepend_paths: tuple[str, ...] = ()


NOTHING_TAKEN = Taken()


def spec_of(header: Header | None, taken: Taken = NOTHING_TAKEN) -> EnvironmentSpec:
    """The spec that a header gives, with what it takes in of files."""
    if header is None:
        return EMPTY_SPEC
    asked = (*header.requirements, *taken.requirements)
    constraints = (*map(Requirement, header.constraints), *_parsed(taken.constraints))
    return EnvironmentSpec(
        requirements=_merge(_parsed(asked)),
        requires_python=_python(header.requires_python, taken.requires_python),
        refresh=header.refresh,
        constraints=_merge(constraints),
        overrides=_merge(map(Requirement, header.overrides)),
        exclude_newer=header.exclude_newer,
        hashes=_hashes((*asked, *taken.constraints)),
        lock=taken.lock,
        local_extras=taken.local_extras,
        kernel=KernelOptions(header.env, taken.prepend_paths, header.preload),
    )


def _parsed(requirements: Iterable[HeaderRequirement]) -> Iterable[Requirement]:
    return (requirement.parsed for requirement in requirements)


def _python(one: str, other: str) -> str:
    return str(SpecifierSet(one) & SpecifierSet(other)) if one and other else one or other


def _hashes(
    requirements: Iterable[HeaderRequirement],
) -> tuple[tuple[str, tuple[str, ...]], ...]:
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
    one.extras = {extra for each in group for extra in each.extras}
    one.specifier = SpecifierSet({bound for each in group for bound in each.specifier})
    return one
