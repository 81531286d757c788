"""Read a header: from where it stands in a notebook to its fields, with the place of each."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..messages import kind_of, shown
from ..notebook.find import DEPENDENCIES, FoundHeader, HeaderPlace
from ..redact import redact_value
from ..refresh import RefreshMode
from ..requirements.sourced import HeaderRequirement
from .dependencies import read_requirements
from .exclude_newer import parse_exclude_newer
from .fields import (
    CONSTRAINTS_OF_UV,
    EXCLUDE_NEWER,
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

__all__ = ["Header", "HeaderRequirement", "parse_header"]

_SPECIFIER = r"[A-Za-z0-9.*+!~<>=,\s-]*"
_BARE_VERSION = r"\d+(?:\.\d+){0,2}"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"


class Header(NamedTuple):
    """What a header says.

    ``cell`` is the 0-based index of its cell, None if it stands in none; ``requires_python`` is a
    PEP 440 specifier or ``""``; ``constraints`` and ``overrides`` are canonical requirements;
    ``exclude_newer`` is an ISO 8601 date or time, a span as ``7 days``, or ``""``. The paths are as
    the header has them: ``requirements_file`` and ``pylock`` of one file each, or ``""``;
    ``local_extras`` and ``prepend_paths`` in their order. ``groups`` and ``extras`` are normalised
    names, sorted; ``groups`` is None if the header does not say. ``env`` are variables, sorted by
    name; ``indexes`` are the URLs that ``[tool.uv]`` names.
    """

    place: HeaderPlace
    requirements: tuple[HeaderRequirement, ...] = ()
    requires_python: str = ""
    refresh: RefreshMode = RefreshMode.CACHED
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    exclude_newer: str = ""
    cell: int | None = None
    warnings: tuple[str, ...] = ()
    requirements_file: str = ""
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] = ()
    pylock: str = ""
    local_extras: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    prepend_paths: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    @property
    def names_files(self) -> bool:
        """Whether it names files or folders, or says what of them is wanted."""
        paths = self.requirements_file or self.pylock or self.local_extras or self.prepend_paths
        return bool(paths or self.groups or self.extras)

    def to_json(self) -> dict[str, Any]:
        """The header as the panel and the command line show it."""
        return {
            "place": self.place.value,
            "cell": self.cell,
            "requirements": [redact_value(requirement.text) for requirement in self.requirements],
            "requires_python": self.requires_python,
            "refresh": self.refresh.value,
            "constraints": list(map(redact_value, self.constraints)),
            "overrides": list(map(redact_value, self.overrides)),
            "exclude_newer": self.exclude_newer,
            "requirements_file": self.requirements_file,
            "groups": None if self.groups is None else list(self.groups),
            "extras": list(self.extras),
            "pylock": self.pylock,
            "local_extras": list(self.local_extras),
            "env": {name: redact_value(value) for name, value in self.env},
            "prepend_paths": list(self.prepend_paths),
            "preload": list(self.preload),
            "warnings": list(self.warnings),
        }


def parse_header(found: FoundHeader) -> Header:
    """Read the fields of a header.

    :raises HeaderError: if a field is unknown, or has a value that means nothing.
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
        exclude_newer=_exclude_newer(fields),
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
    """Names of groups or extras, as PEP 503 and PEP 685 compare them."""
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
    if re.fullmatch(_BARE_VERSION, text) and len(text) <= 20:
        fields.fail(REQUIRES_PYTHON, problem, f'Write "{_exactly(text)}", or ">={text}".')
    try:
        if not re.fullmatch(_SPECIFIER, text):
            raise ValueError
        return SpecifierSet(text)
    except ValueError:
        hint = 'A specifier looks like ">=3.11" or "==3.12.*".'
        fields.fail(REQUIRES_PYTHON, problem, hint)


def _exactly(version: str) -> str:
    """The specifier for a version of Python: of a full one itself, of a short one all patches."""
    return f"=={version}" if version.count(".") == 2 else f"=={version}.*"


def _refresh(fields: HeaderFields) -> RefreshMode:
    value = fields.get("refresh", False)
    if not isinstance(value, bool):
        hint = "It is true (ephemeral: a new environment at each start) or false (cached)."
        fields.fail("refresh", f"refresh is {kind_of(value)}.", hint)
    return RefreshMode.EPHEMERAL if value else RefreshMode.CACHED


def _exclude_newer(fields: HeaderFields) -> str:
    value = fields.get(EXCLUDE_NEWER, "")
    text = parse_exclude_newer(value)
    if text is None:
        said = shown(value) if isinstance(value, str) else kind_of(value)
        hint = 'It is a date ("2026-01-31"), a time with its zone, or a span ("7 days", "P7D").'
        fields.fail(EXCLUDE_NEWER, f"{EXCLUDE_NEWER} is {said}.", hint)
    return text


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
