"""Where in a header the requirements stand that an error is about.

What is found out after a header was read, that a package is not there for example, is an error of
a name. Here the header is read once more, for the lines: exactly, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from ...errors import HeaderError, HeadstartError
from ..messages import place_line
from ..notebook.find import DEPENDENCIES, METADATA_KEY, FoundHeader
from ..redact import redact
from ..requirements.sourced import HeaderRequirement
from ..syntax.toml_spans import array_items, statements
from ..syntax.yaml_tree import Node, YamlProblem, parse_yaml
from .dependencies import read_requirements
from .fields import CONSTRAINTS_OF_UV, OVERRIDES_OF_UV, HeaderFields

__all__ = ["Place", "name_places", "places_of"]

MAX_PLACES = 10
"""Places that one error names."""

_OF_UV = (CONSTRAINTS_OF_UV, OVERRIDES_OF_UV)
_FIELDS = (DEPENDENCIES, "constraints", "overrides", *_OF_UV)
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one requirement stands.

    ``name`` is normalised, ``requirement`` as it is written, without secrets; ``where`` is for
    people; ``line`` is 1-based, in the cell or in the text notebook, None if it is not known;
    ``cell`` is the 0-based index of the cell, None if it stands in none; ``is_direct`` says that it
    names a URL.
    """

    name: str
    requirement: str
    where: str
    line: int | None = None
    cell: int | None = None
    is_direct: bool = False

    def to_json(self) -> dict[str, Any]:
        """The place for programs: what is not known is left out, ``cell`` is 1-based."""
        said: dict[str, Any] = {"requirement": self.requirement, "where": self.where}
        if self.cell is not None:
            said["cell"] = self.cell + 1
        if self.line is not None:
            said["line"] = self.line
        return said


def name_places(error: HeadstartError, found: FoundHeader) -> None:
    """Add to an error where the requirements stand that it is about.

    Its hint names the places, and ``details["places"]`` is a list of objects. Requirements that
    stand elsewhere, in a requirements file or among those of another package, have no place.
    """
    if "places" in error.details:
        return
    names, refused = _names_in(error), _refused_in(error)
    places = [
        place
        for place in places_of(found)
        if place.name in names or (place.is_direct and place.name in refused)
    ][:MAX_PLACES]
    if places:
        error.details["places"] = [place.to_json() for place in places]
        error.hint = f"{error.hint} {_sentence(places)}".strip()


def _names_in(error: HeadstartError) -> set[str]:
    """Normalised names of the requirements that exclude each other, or cannot be had."""
    named = error.details.get("requirements", ())
    return _normalised([error.details.get("package"), *named])


def _refused_in(error: HeadstartError) -> set[str]:
    """Normalised names of what the policy refuses of the header; of a lock, versions are refused.

    Another requirement of the same name may be allowed.
    """
    refused = [said["requirement"] for said in error.details.get("violations", ())]
    return _normalised([text for text in refused if "==" not in text])


def _normalised(texts: Sequence[object]) -> set[str]:
    matches = [_NAME.match(text) for text in texts if isinstance(text, str)]
    return {canonicalize_name(match[1]) for match in matches if match}


def _sentence(places: Sequence[Place]) -> str:
    """Where each name stands, as a sentence."""
    of_name: dict[str, list[str]] = {}
    for place in places:
        of_name.setdefault(place.name, []).append(place.where)
    said = [
        f"{name} stands in {' and in '.join(dict.fromkeys(where))}"
        for name, where in of_name.items()
    ]
    return f"{'; '.join(said)}."


def places_of(found: FoundHeader) -> Iterator[Place]:
    """The places of a header's requirements, constraints and overrides.

    A list that cannot be told from what else stands in the text is left out.
    """
    try:
        fields = HeaderFields(found)
        for name in _FIELDS:
            requirements = read_requirements(fields, name)
            if found.line and not isinstance(fields.get(name), str):
                yield from _in_text(found, name, requirements)
            else:
                yield from (_place(requirement, requirement.where) for requirement in requirements)
    except HeaderError:
        return  # it is not the one that was read before


def _in_text(
    found: FoundHeader, name: str, requirements: Sequence[HeaderRequirement]
) -> Iterator[Place]:
    """The places of a list, each with its line."""
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
        yield _place(requirement, place_line(found.cell, line), line, found.cell)


def _place(
    requirement: HeaderRequirement, where: str, line: int | None = None, cell: int | None = None
) -> Place:
    name = canonicalize_name(requirement.parsed.name)
    return Place(name, redact(requirement.text), where, line, cell, bool(requirement.parsed.url))


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
