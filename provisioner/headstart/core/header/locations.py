"""Where in a header the requirements stand that an error is about.

What is found out after a header was read, that a package is not there for example, is an error of
a name. Here the header is read once more, for the lines: exactly, or not at all.
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
from ..requirements.sourced import HeaderRequirement
from ..syntax.toml_spans import array_items, statements
from ..syntax.yaml_tree import Node, YamlProblem, parse_yaml
from .dependencies import read_requirements
from .fields import CONSTRAINTS_OF_UV, OVERRIDES_OF_UV, HeaderFields

__all__ = ["places_of", "with_locations"]

MAX_PLACES = 10
"""Places that one error names."""

_OF_UV = (CONSTRAINTS_OF_UV, OVERRIDES_OF_UV)
_FIELDS = (DEPENDENCIES, "constraints", "overrides", *_OF_UV)
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


def with_locations(
    error: PolicyError | ResolutionError, found: FoundHeader
) -> PolicyError | ResolutionError:
    """The error with where the requirements are that it is about; its hint names them, too.

    Requirements that are elsewhere, in a requirements file or among those of another package, have
    no location in a header.
    """
    if error.places:
        return error
    names, refused = _names_in(error), _refused_in(error)
    places = [
        place
        for place in places_of(found)
        if place.name in names or (place.is_direct and place.name in refused)
    ][:MAX_PLACES]
    return error.with_locations(places).with_hint(_sentence(places)) if places else error


def _names_in(error: PolicyError | ResolutionError) -> set[str]:
    """Normalised names of the requirements that exclude each other, or cannot be had."""
    if isinstance(error, PolicyError):
        return set()
    return _normalised([error.package or "", *(error.requirements or ())])


def _refused_in(error: PolicyError | ResolutionError) -> set[str]:
    """Normalised names of what the policy refuses of the header; of a lock, versions are refused.

    Another requirement of the same name may be allowed.
    """
    if isinstance(error, ResolutionError):
        return set()
    refused = (violation.requirement for violation in error.violations)
    return _normalised([text for text in refused if "==" not in text])


def _normalised(texts: Sequence[str]) -> set[str]:
    matches = map(_NAME.match, texts)
    return {canonicalize_name(match[1]) for match in matches if match}


def _sentence(places: Sequence[RequirementLocation]) -> str:
    """Where each name is, as a sentence."""
    of_name: dict[str, list[str]] = {}
    for place in places:
        of_name.setdefault(place.name, []).append(str(place.location))
    said = [
        f"{name} stands in {' and in '.join(dict.fromkeys(where))}"
        for name, where in of_name.items()
    ]
    return f"{'; '.join(said)}."


def places_of(found: FoundHeader) -> Iterator[RequirementLocation]:
    """The locations of a header's requirements, constraints and overrides.

    A list that cannot be told from what else stands in the text is left out.
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
        return  # it is not the one that was read before


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
    if [text for _, text in written] != [requirement.text for requirement in requirements]:
        return
    for requirement, (start, _) in zip(requirements, written, strict=True):
        line = found.line + found.text.count("\n", 0, start)
        yield _place(requirement, SourceLocation(found.cell, line))


def _without_line(requirement: HeaderRequirement) -> RequirementLocation:
    """The location of a requirement whose line is none of the notebook's."""
    return _place(requirement, requirement.location._replace(cell=None, line=None))


def _place(requirement: HeaderRequirement, location: SourceLocation) -> RequirementLocation:
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
    value = next((one.value for one in statements(found.text) if one.path == path), -1)
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
