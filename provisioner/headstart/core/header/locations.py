"""Find where in a header the requirements are that an error is about.

Errors that are raised after a header was read, of a missing package for example, have only a name.
Here the header is read once more, for the lines: exactly, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from packaging.utils import canonicalize_name

from ...error_facts import RequirementLocation, SourceLocation
from ...errors import HeaderError, PolicyError, ResolutionError
from ..notebook.find import DEPENDENCIES, METADATA_KEY, FoundHeader
from ..redact import redact
from ..requirements.header_requirement import HeaderRequirement
from ..syntax.toml_spans import array_items, statements
from ..syntax.yaml_tree import Node, YamlProblem, parse_yaml
from .dependencies import read_requirements
from .fields import CONSTRAINTS_OF_UV, OVERRIDES_OF_UV, HeaderFields

__all__ = ["requirement_locations", "with_locations"]

MAX_LOCATIONS = 10
"""Locations that one error names."""

_OF_UV = (CONSTRAINTS_OF_UV, OVERRIDES_OF_UV)
_FIELDS = (DEPENDENCIES, "constraints", "overrides", *_OF_UV)
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


def with_locations(
    error: PolicyError | ResolutionError, found: FoundHeader
) -> PolicyError | ResolutionError:
    """The error with the locations of the requirements that it is about; its hint names them, too.

    Requirements from elsewhere, from a requirements file or from another package, have no location
    in a header.
    """
    if error.locations:
        return error
    names, refused = _names_in(error), _refused_in(error)
    locations = [
        requirement
        for requirement in requirement_locations(found)
        if requirement.name in names or (requirement.is_direct and requirement.name in refused)
    ][:MAX_LOCATIONS]
    return error.with_locations(locations).with_hint(_sentence(locations)) if locations else error


def _names_in(error: PolicyError | ResolutionError) -> set[str]:
    """Normalised names of the requirements that conflict, or are not available."""
    if isinstance(error, PolicyError):
        return set()
    return _normalised([error.package or "", *(error.requirements or ())])


def _refused_in(error: PolicyError | ResolutionError) -> set[str]:
    """Normalised names of what the policy refuses in the header; in a lock it refuses versions.

    Another requirement of the same name may be allowed.
    """
    if isinstance(error, ResolutionError):
        return set()
    refused = (violation.requirement for violation in error.violations)
    return _normalised([text for text in refused if "==" not in text])


def _normalised(texts: Sequence[str]) -> set[str]:
    matches = map(_NAME.match, texts)
    return {canonicalize_name(match[1]) for match in matches if match}


def _sentence(locations: Sequence[RequirementLocation]) -> str:
    """Where each name is, as a sentence."""
    of_name: dict[str, list[str]] = {}
    for requirement in locations:
        of_name.setdefault(requirement.name, []).append(str(requirement.location))
    sentences = [
        f"{name} is in {' and in '.join(dict.fromkeys(where))}" for name, where in of_name.items()
    ]
    return f"{'; '.join(sentences)}."


def requirement_locations(found: FoundHeader) -> Iterator[RequirementLocation]:
    """The locations of a header's requirements, constraints and overrides.

    A list whose items cannot be told from other text of the header is left out.
    """
    try:
        fields = HeaderFields(found)
        for name in _FIELDS:
            requirements = read_requirements(fields, name)
            if found.line and not isinstance(fields.get(name), str):
                yield from _in_text(found, name, requirements)
            else:
                yield from map(_without_line, requirements)
    except HeaderError:
        return  # not the header that was read before


def _in_text(
    found: FoundHeader, name: str, requirements: Sequence[HeaderRequirement]
) -> Iterator[RequirementLocation]:
    """The locations of a list, each with its line."""
    try:
        written = (
            _items_of_toml(found, name) if found.fields is None else _items_of_yaml(found, name)
        )
    except (YamlProblem, ValueError):
        return
    # The tokens and the parser must agree on every item: a wrong line is worse than none.
    if [text for _, text in written] != [requirement.text for requirement in requirements]:
        return
    for requirement, (start, _) in zip(requirements, written, strict=True):
        line = found.line + found.text.count("\n", 0, start)
        yield _location(requirement, SourceLocation(found.cell, line))


def _without_line(requirement: HeaderRequirement) -> RequirementLocation:
    """The location of a requirement in metadata, which has no lines."""
    return _location(requirement, requirement.location._replace(cell=None, line=None))


def _location(requirement: HeaderRequirement, location: SourceLocation) -> RequirementLocation:
    return RequirementLocation(
        canonicalize_name(requirement.parsed.name),
        location._replace(text=redact(requirement.text)),
        bool(requirement.parsed.url),
    )


def _items_of_toml(found: FoundHeader, name: str) -> list[tuple[int, Any]]:
    """Where the items of a list begin, and what they are.

    :raises ValueError: if they cannot be read.
    """
    table = "uv" if name in _OF_UV else METADATA_KEY
    path = (name,) if name == DEPENDENCIES else ("tool", table, name)
    value = next((item.value for item in statements(found.text) if item.path == path), -1)
    if value < 0:
        return []
    return [(item.start, item.value) for item in array_items(found.text, value)]


def _items_of_yaml(found: FoundHeader, name: str) -> list[tuple[int, Any]]:
    """Where the items of a list begin, and what they are.

    :raises YamlProblem: if they cannot be read.
    """
    node: Node | None = parse_yaml(found.text)
    for key in found.key:
        node = node.member(key) if node is not None else None
    if node is not None and (node.kind == "object" or name != DEPENDENCIES):
        node = node.member(name)
    return [(item.start, item.value()) for item in node.items] if node is not None else []
