"""Add, remove and pin requirements in a list; unchanged ones keep their text."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ...error_facts import SourceLocation
from ...errors import HeaderError, RequirementError
from ..messages import shown
from ..redact import redact_value
from .grammar import canonical, parse_requirement
from .tokens import RequirementProblem

__all__ = [
    "added",
    "is_pinned",
    "loosened",
    "name_of",
    "pinned",
    "removed",
    "upgraded",
]

_NAME = re.compile(r"\s*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[^\]]*\])?")
_MARKER = re.compile(r"\s*;.*", re.DOTALL)


def name_of(text: str) -> str:
    """The normalised name in a requirement.

    :raises RequirementError: if the text is not a requirement.
    """
    return canonicalize_name(_parsed(text).name)


def _parsed(text: str) -> Requirement:
    try:
        return parse_requirement(text)
    except RequirementProblem as problem:
        message = f"{shown(text)} {problem.reason}."
        raise RequirementError(
            message, hint=problem.hint, location=SourceLocation(text=redact_value(text))
        ) from None


def added(texts: Sequence[str], additions: Sequence[str]) -> list[str]:
    """The requirements, with others added.

    One of the same name and marker is replaced, or kept if the new one is a name only. New ones are
    inserted in alphabetical order if the list is sorted, else at the end.

    :raises RequirementError: if one is not a PEP 508 line.
    """
    result = list(texts)
    for text in additions:
        new = _parsed(text)
        same = [n for n, old in enumerate(result) if _is_like(_parsed(old), new)]
        if not same:
            result.insert(_index_for(result, new), text.strip())
        elif new.specifier or new.extras or new.url:
            # An equal requirement keeps the text that the user wrote.
            if canonical(_parsed(result[same[0]])) != canonical(new):
                result[same[0]] = text.strip()
            result = [old for n, old in enumerate(result) if n not in same[1:]]
    return result


def _is_like(one: Requirement, other: Requirement) -> bool:
    same_name = canonicalize_name(one.name) == canonicalize_name(other.name)
    return same_name and str(one.marker or "") == str(other.marker or "")


def _index_for(texts: Sequence[str], new: Requirement) -> int:
    names = [name_of(text) for text in texts]
    if len(names) < 2 or names != sorted(names):
        return len(names)
    return bisect(names, canonicalize_name(new.name))


def removed(texts: Sequence[str], names: Sequence[str]) -> list[str]:
    """The requirements without those of these names, whatever their versions and markers.

    :raises HeaderError: if there is none of a name.
    """
    existing = [name_of(text) for text in texts]
    removals = set()
    for text in names:
        parsed = _parsed(text)
        if canonical(parsed) != canonicalize_name(parsed.name):
            raise HeaderError(
                f"{shown(text)} is more than a name.", hint=f"Write only {parsed.name}."
            )
        removals.add(_checked(canonicalize_name(parsed.name), existing))
    return [text for text, name in zip(texts, existing, strict=True) if name not in removals]


def _checked(name: str, existing: Collection[str]) -> str:
    """The name.

    :raises HeaderError: if it is not one of the existing ones.
    """
    if name in existing:
        return name
    near = get_close_matches(name, existing, n=1)
    hint = f"Did you mean {near[0]}?" if near else "`headstart show NOTEBOOK` lists what it has."
    raise HeaderError(f"The header's dependencies do not have {name}.", hint=hint)


def is_pinned(text: str) -> bool:
    """Whether a requirement allows one version only."""
    specifiers = list(_parsed(text).specifier)
    return len(specifiers) == 1 and (
        specifiers[0].operator == "==="
        or (specifiers[0].operator == "==" and not specifiers[0].version.endswith(".*"))
    )


def pinned(
    texts: Sequence[str], versions: Mapping[str, str], only: Collection[str] = ()
) -> list[str]:
    """The requirements with the versions of a lock.

    A requirement that is not in the lock, because its marker is false, stays as it is.

    :param versions: by normalised name.
    :param only: normalised names to pin; all if empty.
    :raises HeaderError: if there is no requirement of one of these names.
    """
    existing = [name_of(text) for text in texts]
    for name in only:
        _checked(name, existing)
    return [
        _with_specifier(text, f"=={versions[name]}")
        if name in versions and (not only or name in only) and not _parsed(text).url
        else text
        for text, name in zip(texts, existing, strict=True)
    ]


def _with_specifier(text: str, specifier: str) -> str:
    """The requirement with another specifier; its name, extras and marker keep their text."""
    if _parsed(text).specifier == SpecifierSet(specifier):
        return text
    head = _NAME.match(text)
    marker = _MARKER.search(text)
    return f"{head[0].rstrip() if head else text}{specifier}{marker[0] if marker else ''}"


def loosened(texts: Sequence[str], only: Collection[str] = ()) -> list[str]:
    """The requirements to resolve for an upgrade: pins become lower bounds.

    :param only: normalised names to upgrade, pinned or not; all that are pinned if empty.
    :raises HeaderError: if there is no requirement of one of these names.
    """
    existing = [name_of(text) for text in texts]
    for name in only:
        _checked(name, existing)
    return [
        _with_specifier(text, _without_end(_parsed(text).specifier))
        if (name in only if only else is_pinned(text)) and not _parsed(text).url
        else text
        for text, name in zip(texts, existing, strict=True)
    ]


def _without_end(specifiers: SpecifierSet) -> str:
    """The specifier with its lower bounds and exclusions, without upper bounds."""
    clauses = []
    for specifier in specifiers:
        if specifier.operator in (">=", ">", "!="):
            clauses.append(str(specifier))
        elif specifier.operator in ("==", "===", "~="):
            with suppress(InvalidVersion):  # === takes any text
                clauses.append(f">={Version(specifier.version.removesuffix('.*')).public}")
    return str(SpecifierSet(",".join(clauses)))


def upgraded(
    texts: Sequence[str], versions: Mapping[str, str], only: Collection[str] = ()
) -> list[str]:
    """The requirements, upgraded to the versions of a lock for those of `loosened`.

    A pin becomes a pin to the new version; a range that excludes it becomes a lower bound.
    """
    result = []
    for text, loose in zip(texts, loosened(texts, only), strict=True):
        version = versions.get(name_of(text))
        if loose != text and version is not None:
            if is_pinned(text):
                text = _with_specifier(text, f"=={version}")
            # Without prereleases=True a specifier contains none, and the lock may have one.
            elif not _parsed(text).specifier.contains(version, prereleases=True):
                text = _with_specifier(text, f">={version}")
        result.append(text)
    return result
