"""The requirements of a header, each with its location."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ...error_facts import SourceLocation
from ...errors import RequirementError
from ..messages import kind_of, shown
from ..notebook.find import MAX_HEADER_BYTES, HeaderPlace
from ..redact import redact_value
from ..requirements.grammar import parse_requirement
from ..requirements.header_requirement import HeaderRequirement
from ..requirements.tokens import RequirementProblem, Written
from .fields import HeaderFields

MAX_REQUIREMENTS = 300
"""Requirements that a field may have."""


def read_requirements(fields: HeaderFields, name: str) -> tuple[HeaderRequirement, ...]:
    """The requirements of the field ``name``.

    :raises HeaderError: if it has another form than a list of strings, or in metadata a string.
    :raises RequirementError: if one is not a PEP 508 line.
    """
    value = fields.get(name, [])
    if isinstance(value, str) and fields.is_object:
        items = _split(fields, name, value)
    elif isinstance(value, list | tuple):
        fields.limit(name, len(value), MAX_REQUIREMENTS)
        items = list(_listed(fields, name, value))
    else:
        hint = f'It is a list of strings: {name} = ["numpy", "pandas>=2"].'
        fields.fail(name, f"{name} is {kind_of(value)}.", hint)
    return tuple(_requirement(name, item, location) for item, location in items)


def _listed(
    fields: HeaderFields, name: str, value: list[Any] | tuple[Any, ...]
) -> Iterator[tuple[Written, SourceLocation]]:
    """The items of a list, each with its location."""
    found = fields.found
    # Searched for, because TOML and YAML parsers give values without positions; each from the item
    # before, so that the same text further up is not taken for it.
    start = max(found.text.find(name), 0)
    for number, item in enumerate(value, 1):
        if not isinstance(item, str):
            problem = f"item {number} of {name} is {kind_of(item)}."
            fields.fail(name, problem, "Each item is one requirement, in quotes.")
        if found.place is HeaderPlace.METADATA:
            where = f"the notebook's metadata, {name}, item {number}"
            yield Written(number, item), SourceLocation(found.cell, number, where=where)
            continue
        index = _find_quoted(found.text, item, start)
        if index < 0 and fields.is_object:  # YAML needs no quotes
            index = found.text.find(item, start)
        start = index if index >= 0 else start
        line = found.line + found.text.count("\n", 0, start)
        yield Written(line, item), found.at(line)


def _find_quoted(text: str, item: str, start: int) -> int:
    """Index of ``item`` in quotes; -1 if it is written with escapes."""
    indexes = [text.find(f"{quote}{item}{quote}", start) for quote in "\"'"]
    return min((index for index in indexes if index >= 0), default=-1)


def _split(fields: HeaderFields, name: str, value: str) -> list[tuple[Written, SourceLocation]]:
    """The requirements of a string, each with its location."""
    from ..requirements.lines import split_requirements  # most headers have lists

    if len(value) > MAX_HEADER_BYTES:
        fields.fail(name, f"{name} is longer than 64 KiB.", "Shorten it.")
    if value.split(maxsplit=2)[:2] == ["pip", "install"]:
        problem = f"{name} is a command: {shown(value)}."
        fields.fail(name, problem, "Write only the names of the packages.")
    in_metadata = fields.found.place is HeaderPlace.METADATA
    part = "the notebook's metadata" if in_metadata else "the notebook's front matter"
    cell = fields.found.cell
    # One more than allowed is enough to refuse the field: the rest is never split.
    written = list(islice(split_requirements(value), MAX_REQUIREMENTS + 1))
    fields.limit(name, len(written), MAX_REQUIREMENTS)
    return [
        (item, SourceLocation(cell, item.line, where=f"{part}, {name}, line {item.line}"))
        for item in written
    ]


def _requirement(name: str, item: Written, location: SourceLocation) -> HeaderRequirement:
    try:
        parsed = parse_requirement(item.text)
        return HeaderRequirement(item.text, parsed, location, item.sha256())
    except RequirementProblem as problem:
        # Redacted: a requirement may be a URL with a password, and errors are saved in notebooks.
        raise RequirementError.at(
            location._replace(text=redact_value(item.text)),
            f"{shown(item.text)} in {name} {problem.reason}.",
            problem.hint,
        ) from None
