"""Read the fields of a header that was found in a notebook."""

from __future__ import annotations

import re
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..messages import kind_of, shown
from ..notebook.find import DEPENDENCIES, FoundHeader
from ..refresh import RefreshMode
from .dependencies import read_requirements
from .fields import (
    CONSTRAINTS_OF_UV,
    INDEX,
    LOCAL_EXTRAS,
    OVERRIDES_OF_UV,
    PREPEND_PATHS,
    PYTHON_VERSION,
    REQUIREMENTS,
    REQUIRES_PYTHON,
    HeaderFields,
)
from .kernel_fields import read_preload, read_variables
from .spec import PLAIN_FIELDS, Header, SpecField

__all__ = ["parse_header"]

_SPECIFIER = r"[A-Za-z0-9.*+!~<>=,\s-]*"
_BARE_VERSION = r"\d+(?:\.\d+){0,2}"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"


def parse_header(found: FoundHeader) -> Header:
    """Read the fields of a header.

    :raises HeaderError: if a field is unknown, or has an invalid value.
    :raises RequirementError: if a requirement is not a PEP 508 line.
    """
    fields = HeaderFields(found)
    return Header(
        place=found.place,
        requirements=read_requirements(fields, DEPENDENCIES),
        requires_python=_requires_python(fields),
        refresh=_refresh(fields),
        constraints=_canonical(fields, "constraints", CONSTRAINTS_OF_UV),
        overrides=_canonical(fields, "overrides", OVERRIDES_OF_UV),
        **{
            field.header_attribute: _plain(fields, field)
            for field in PLAIN_FIELDS
            if field.name in fields.values
        },
        cell=found.cell,
        warnings=found.warnings,
        requirements_file=fields.path(REQUIREMENTS),
        groups=_normalised(fields, "groups") if fields.get("groups") is not None else None,
        extras=_normalised(fields, "extras"),
        pylock=fields.path("pylock"),
        local_extras=fields.paths(LOCAL_EXTRAS),
        env=read_variables(fields),
        prepend_paths=fields.paths(PREPEND_PATHS),
        preload=read_preload(fields),
        indexes=_indexes(fields),
    )


def _canonical(fields: HeaderFields, *names: str) -> tuple[str, ...]:
    """The requirements of several fields that mean the same."""
    return tuple(item.canonical for name in names for item in read_requirements(fields, name))


def _normalised(fields: HeaderFields, name: str) -> tuple[str, ...]:
    """Names of groups or extras, normalised as PEP 503 and PEP 685 say."""
    names = fields.names(name)
    for item in names:
        if not re.fullmatch(_NAME, item):
            hint = "A name has letters, digits, dots, hyphens and underscores."
            fields.fail(name, f"{shown(item)} in {name} is not a name.", hint)
    return tuple(sorted({canonicalize_name(item) for item in names}))


def _requires_python(fields: HeaderFields) -> str:
    """``requires-python`` and ``python-version`` as one canonical specifier."""
    specifier = _specifier(fields, fields.text(REQUIRES_PYTHON))
    version = fields.text(PYTHON_VERSION)
    if version and not re.fullmatch(_BARE_VERSION, version):
        problem = f"{PYTHON_VERSION} is {shown(version)}."
        fields.fail(PYTHON_VERSION, problem, 'It is a version: "3.12" or "3.12.1".')
    if version:
        specifier &= SpecifierSet(_exactly(version))
    return str(specifier)


def _specifier(fields: HeaderFields, text: str) -> SpecifierSet:
    if not text:
        return SpecifierSet()
    problem = f"{REQUIRES_PYTHON} is {shown(text)}, which is not a specifier."
    # The length bounds what the hint quotes.
    if re.fullmatch(_BARE_VERSION, text) and len(text) <= 20:
        fields.fail(REQUIRES_PYTHON, problem, f'Write "{_exactly(text)}", or ">={text}".')
    try:
        # Before packaging reads it: it also accepts arbitrary text after `===`.
        if not re.fullmatch(_SPECIFIER, text):
            raise ValueError
        return SpecifierSet(text)
    except ValueError:
        hint = 'A specifier looks like ">=3.11" or "==3.12.*".'
        fields.fail(REQUIRES_PYTHON, problem, hint)


def _exactly(version: str) -> str:
    """The specifier of a Python version; one without a patch version allows all patches."""
    return f"=={version}" if version.count(".") == 2 else f"=={version}.*"


def _refresh(fields: HeaderFields) -> RefreshMode:
    value = fields.get("refresh", False)
    if not isinstance(value, bool):
        hint = "It is true (ephemeral: a new environment at each start) or false (cached)."
        fields.fail("refresh", f"refresh is {kind_of(value)}.", hint)
    return RefreshMode.EPHEMERAL if value else RefreshMode.CACHED


def _plain(fields: HeaderFields, field: SpecField) -> Any:
    """The value of a field that its row in `SPEC_FIELDS` has a parser for."""
    value = fields.get(field.name)
    parsed = field.parse(value) if field.parse is not None else None
    if parsed is None:
        raw = shown(value) if isinstance(value, str) else kind_of(value)
        fields.fail(field.name, f"{field.name} is {raw}.", field.hint)
    return parsed


def _indexes(fields: HeaderFields) -> tuple[str, ...]:
    """The URLs of ``[[tool.uv.index]]``, which may only name what Jupyter is configured with."""
    entries = fields.get(INDEX, [])
    form = '[[tool.uv.index]] has a name and a url: url = "https://…".'
    if not isinstance(entries, list):
        fields.fail("tool.uv.index", f"[tool.uv] index is {kind_of(entries)}.", form)
    fields.limit(INDEX, len(entries))
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
            fields.fail("tool.uv.index", "An entry of [[tool.uv.index]] has no url.", form)
        for name in entry:
            if name not in ("name", "url", "default"):
                problem = f"{shown(name)} in [[tool.uv.index]] is not read."
                fields.fail(name, problem, f"Remove it. {form}")
    return tuple(entry["url"] for entry in entries)
