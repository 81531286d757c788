"""Read a header: from where it stands in a notebook to its fields, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NoReturn

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ..errors import HeaderError, RequirementError
from .edit import HeaderEdit, set_refresh
from .environment import RefreshMode
from .messages import cell_line, kind_of, shown
from .notebook import DEPENDENCIES, MAX_HEADER_BYTES, METADATA_KEY, FoundHeader, HeaderPlace
from .requirements import RequirementProblem, canonical, parse_requirement, split_requirements
from .times import parse_exclude_newer
from .toml import load_block

__all__ = ["Header", "HeaderEdit", "HeaderRequirement", "parse_header", "set_refresh"]

MAX_REQUIREMENTS = 300
"""Requirements that a field may have."""

_STANDARD = (DEPENDENCIES, "requires-python")
_OURS = ("constraints", "exclude-newer", "overrides", "python-version", "refresh")
_NOT_YET = (
    "env",
    "groups",
    "local-extras",
    "lock",
    "preload",
    "prepend-paths",
    "pylock",
    "requirements",
)
_SPECIFIER = re.compile(r"[A-Za-z0-9.*+!~<>=,\s-]*")
_BARE_VERSION = re.compile(r"\d+(?:\.\d+){0,2}")


@dataclass(frozen=True, slots=True)
class HeaderRequirement:
    """One requirement of a header.

    ``text`` is as the user wrote it; ``line`` is the 1-based line in the cell, or in the string of
    the metadata, or the position in the list there; ``where`` names the place for people.
    """

    text: str
    parsed: Requirement
    line: int
    where: str

    @property
    def canonical(self) -> str:
        """The requirement as Headstart writes it."""
        return canonical(self.parsed)


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says.

    ``cell`` is the 0-based index of its cell, None if it stands in none; ``requires_python`` is a
    PEP 440 specifier or ``""``; ``constraints`` and ``overrides`` are canonical requirements;
    ``exclude_newer`` is an ISO 8601 date or time, a span as ``7 days``, or ``""``. The paths are as
    the header has them: ``requirements_file`` and ``pylock`` of one file each, or ``""``;
    ``local_extras`` and ``prepend_paths`` in their order.
    """

    place: HeaderPlace
    requirements: tuple[HeaderRequirement, ...] = field(default=(), hash=False)
    requires_python: str = ""
    refresh: RefreshMode = RefreshMode.CACHED
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    exclude_newer: str = ""
    cell: int | None = None
    warnings: tuple[str, ...] = ()
    requirements_file: str = ""
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    pylock: str = ""
    local_extras: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    prepend_paths: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The header as the panel and the command line show it."""
        return {
            "place": self.place.value,
            "cell": self.cell,
            "requirements": [requirement.text for requirement in self.requirements],
            "requires_python": self.requires_python,
            "refresh": self.refresh.value,
            "constraints": list(self.constraints),
            "overrides": list(self.overrides),
            "exclude_newer": self.exclude_newer,
            "warnings": list(self.warnings),
        }


def parse_header(found: FoundHeader) -> Header:
    """Read the fields of a header.

    :raises HeaderError: if a field is unknown, or has a value that means nothing.
    :raises RequirementError: if a requirement is not a PEP 508 line.
    """
    reader = _Reader(found)
    return Header(
        place=found.place,
        requirements=reader.requirements(DEPENDENCIES),
        requires_python=reader.requires_python(),
        refresh=reader.refresh(),
        constraints=tuple(item.canonical for item in reader.requirements("constraints")),
        overrides=tuple(item.canonical for item in reader.requirements("overrides")),
        exclude_newer=reader.exclude_newer(),
        cell=found.cell,
        warnings=found.warnings,
    )


class _Reader:
    """The fields of one header, flat, with the place of each for errors."""

    def __init__(self, found: FoundHeader):
        self.found = found
        if found.place is HeaderPlace.METADATA:
            self.fields = dict(found.fields or {})
            self._refuse_unknown(self.fields, (*_STANDARD, *_OURS), METADATA_KEY)
        else:
            self.fields = self._flatten(load_block(found))

    def _flatten(self, document: dict[str, Any]) -> dict[str, Any]:
        tools = document.pop("tool", {})
        self._refuse_unknown(document, _STANDARD, "")
        tools = self._table("tool", tools)
        uv = self._table("tool.uv", tools.get("uv", {}))
        ours = self._table("tool.headstart", tools.get(METADATA_KEY, {}))
        for name in uv:
            if name != "exclude-newer":
                self.fail(
                    str(name),
                    f"[tool.uv] {_quoted(name)} is not read: a header may not set how uv works.",
                    "Constraints and overrides go under [tool.headstart], indexes into Jupyter's"
                    " settings.",
                )
        self._refuse_unknown(ours, _OURS, "[tool.headstart]")
        return {**uv, **ours, **document}

    def _table(self, name: str, value: Any) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        return self.fail(name, f"{name} is {kind_of(value)}.", f"It is a table: [{name}].")

    def _refuse_unknown(
        self, fields: Mapping[Any, Any], known: tuple[str, ...], table: str
    ) -> None:
        inside = f" in {table}" if table else ""
        for name in map(str, fields):
            if name in known:
                continue
            what = f"{_quoted(name)}{inside}"
            if name in _NOT_YET:
                self.fail(
                    name, f"This version of Headstart does not read {what} yet.", "Remove it."
                )
            if name in _OURS:
                self.fail(
                    name, f"{what} stands in the wrong table.", "Put it under [tool.headstart]."
                )
            if name in _STANDARD:
                self.fail(name, f"{what} stands in the wrong table.", "Put it above all tables.")
            near = get_close_matches(name[:40], (*_STANDARD, *_OURS, *_NOT_YET), n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(known)}."
            self.fail(name, f"{what} is not a field of a header.", hint)

    def _line_of(self, name: str) -> int:
        """1-based line of the cell at which a key or table stands; the header's first if unknown.

        tomllib tells no positions, so this looks for the key, then for the bare text.
        """
        text, key = self.found.text, name.rpartition(".")[2]
        names = "|".join(re.escape(known[:80]) for known in (name, key))
        match = re.search(rf"^[ \t\"'\[]*(?:{names})", text, re.MULTILINE)
        index = match.start() if match else max(text.find(key), 0)
        return self.found.line + text.count("\n", 0, index)

    def fail(
        self,
        name: str,
        problem: str,
        hint: str,
        *,
        kind: type[HeaderError] = HeaderError,
        where: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> NoReturn:
        """Raise the error of a field, with its place."""
        details = {"text": name, **(details or {})}
        if self.found.cell is None:
            where = where or "the notebook's metadata"
        else:
            details.setdefault("line", self._line_of(name))
            details["cell"] = self.found.cell + 1
            where = cell_line(self.found.cell, details["line"])
        raise kind(f"In {where}: {problem}", hint=hint, details=details)

    def requirements(self, name: str) -> tuple[HeaderRequirement, ...]:
        """The requirements of the field ``name``."""
        items = self._items(name, self.fields.get(name, []))
        return tuple(self._requirement(name, *item) for item in items)

    def _items(self, name: str, value: Any) -> list[tuple[str, int, str]]:
        """Text, line and place of each requirement."""
        in_cell = self.found.cell is not None
        if isinstance(value, str) and not in_cell:
            return self._split(name, value)
        if not isinstance(value, list | tuple):
            hint = f'It is a list of strings: {name} = ["numpy", "pandas>=2"].'
            self.fail(name, f"{name} is {kind_of(value)}.", hint)
        self._limit(name, len(value))
        items: list[tuple[str, int, str]] = []
        start = max(self.found.text.find(name), 0)
        for number, item in enumerate(value, 1):
            if not isinstance(item, str):
                problem = f"item {number} of {name} is {kind_of(item)}."
                self.fail(name, problem, "Each item is one requirement, in quotes.")
            line, where = number, f"the notebook's metadata, {name}, item {number}"
            if in_cell:
                index = _find_quoted(self.found.text, item, start)
                start = index if index >= 0 else start
                line = self.found.line + self.found.text.count("\n", 0, start)
                where = cell_line(self.found.cell or 0, line)
            items.append((item, line, where))
        return items

    def _split(self, name: str, value: str) -> list[tuple[str, int, str]]:
        if len(value) > MAX_HEADER_BYTES:
            self.fail(name, f"{name} is longer than 64 KiB.", "Shorten it.")
        if value.split(maxsplit=2)[:2] == ["pip", "install"]:
            problem = f"{name} is a command: {shown(value)}."
            self.fail(name, problem, "Write only the names of the packages.")
        items = [
            (text, line, f"the notebook's metadata, {name}, line {line}")
            for line, text in split_requirements(value)
        ]
        self._limit(name, len(items))
        return items

    def _limit(self, name: str, count: int) -> None:
        if count > MAX_REQUIREMENTS:
            hint = f"A header has at most {MAX_REQUIREMENTS}."
            self.fail(name, f"{name} has {count} requirements.", hint)

    def _requirement(self, name: str, text: str, line: int, where: str) -> HeaderRequirement:
        try:
            return HeaderRequirement(text, parse_requirement(text), line, where)
        except RequirementProblem as problem:
            self.fail(
                name,
                f"{shown(text)} in {name} {problem.reason}.",
                problem.hint,
                kind=RequirementError,
                where=where,
                details={"line": line, "text": text},
            )

    def requires_python(self) -> str:
        """``requires-python`` and ``python-version`` as one canonical specifier."""
        specifier = self._specifier(self._string("requires-python"))
        version = self._string("python-version")
        if version and not _BARE_VERSION.fullmatch(version):
            problem = f"python-version is {shown(version)}."
            self.fail("python-version", problem, 'It is a version: "3.12" or "3.12.1".')
        if version:
            specifier &= SpecifierSet(_exactly(version))
        return str(specifier)

    def _specifier(self, text: str) -> SpecifierSet:
        name = "requires-python"
        problem = f"{name} is {shown(text)}, which is not a specifier."
        if _BARE_VERSION.fullmatch(text) and len(text) <= 20:
            self.fail(name, problem, f'Write "{_exactly(text)}", or ">={text}".')
        try:
            if len(text) > 200 or not _SPECIFIER.fullmatch(text):
                raise ValueError
            return SpecifierSet(text)
        except ValueError:
            self.fail(name, problem, 'A specifier looks like ">=3.11" or "==3.12.*".')

    def _string(self, name: str) -> str:
        value = self.fields.get(name, "")
        if not isinstance(value, str):
            self.fail(name, f"{name} is {kind_of(value)}.", f'Put it in quotes: {name} = "…".')
        if len(value) > 200:
            self.fail(name, f"{name} is {shown(value)}.", "Shorten it.")
        return value.strip()

    def refresh(self) -> RefreshMode:
        """The refresh mode that ``refresh`` says."""
        value = self.fields.get("refresh", False)
        if not isinstance(value, bool):
            hint = "It is true (ephemeral: a new environment at each start) or false (cached)."
            self.fail("refresh", f"refresh is {kind_of(value)}.", hint)
        return RefreshMode.EPHEMERAL if value else RefreshMode.CACHED

    def exclude_newer(self) -> str:
        """``exclude-newer``, canonical."""
        value = self.fields.get("exclude-newer", "")
        text = parse_exclude_newer(value)
        if text is None:
            said = shown(value) if isinstance(value, str) else kind_of(value)
            hint = 'It is a date ("2026-01-31"), a time with its zone, or a span ("7 days").'
            self.fail("exclude-newer", f"exclude-newer is {said}.", hint)
        return text


def _exactly(version: str) -> str:
    """The specifier for a version of Python: of a full one itself, of a short one all patches."""
    return f"=={version}" if version.count(".") == 2 else f"=={version}.*"


def _quoted(name: object) -> str:
    return shown(str(name))


def _find_quoted(text: str, item: str, start: int) -> int:
    """Index at which ``item`` stands in quotes; -1 if it is written with escapes."""
    found = [text.find(f"{quote}{item}{quote}", start) for quote in "\"'"]
    return min((index for index in found if index >= 0), default=-1)
