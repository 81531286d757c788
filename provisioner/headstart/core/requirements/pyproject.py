"""Read a ``pyproject.toml``: dependencies, extras, build (PEP 621, 518) and groups (PEP 735)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..messages import kind_of, shown
from ..syntax.toml import TomlProblem, load_toml
from .grammar import canonical
from .header_requirement import HeaderRequirement
from .requirements_file import MAX_CHARACTERS, MAX_REQUIREMENTS, FileProblem, requirement_on

MAX_SPECIFIER = 200
"""Characters of ``requires-python``."""

MAX_GROUPS = 300
"""Groups or extras of a project, which may include one another."""

MAX_DEPTH = 50
"""Levels of included groups."""


class BuildSystem(NamedTuple):
    """What builds a source tree: requirements, the build back end, and its paths in the tree."""

    requires: tuple[str, ...]
    back_end: str
    paths: tuple[str, ...] = ()


LEGACY = BuildSystem(("setuptools>=40.8.0",), "setuptools.build_meta:__legacy__")
"""The defaults of PEP 517 and PEP 518, for a tree without ``[build-system]``."""

_BACK_END = re.compile(r"[\w.]{1,200}(?::[\w.]{1,200})?")


class Project:
    """A ``pyproject.toml`` that has been read.

    :param file: its path, for messages.
    :raises FileProblem: if it is not TOML.
    """

    def __init__(self, file: str, text: str):
        self.file = file
        self.text = text
        try:
            self.document = load_toml(text)
        except TomlProblem as problem:
            hint = "It is TOML: strings are in quotes, the items of a list between commas."
            raise FileProblem(file, f"{problem.reason}.", hint, line=problem.line) from None

    def dependencies(self, extras: Iterable[str] = ()) -> Iterator[HeaderRequirement]:
        """The dependencies of the project, with some of its extras.

        :param extras: normalised names.
        :raises FileProblem: if they are dynamic or missing, or one is no requirement.
        """
        project = self._table(self.document, "project")
        dynamic = project.get("dynamic", [])
        for name in ("dependencies", "optional-dependencies"):
            if isinstance(dynamic, list) and name in dynamic:
                reason = f"its {name} are dynamic: they are known only to its build."
                self._fail(reason, "Name the packages in the header.")
        if "project" not in self.document:
            hint = "Name the packages in the header, or its dependency groups with groups."
            self._fail("it has no [project], so it asks for nothing.", hint)
        items = [*self._strings(project, "dependencies"), *self._of_extras(project, extras)]
        return self._requirements(items)

    @property
    def requires_python(self) -> str:
        """The project's ``requires-python``, or ``""``."""
        value = self._table(self.document, "project").get("requires-python", "")
        hint = 'A specifier looks like ">=3.11" or "==3.12.*".'
        if not isinstance(value, str):
            self._fail(f"requires-python is {kind_of(value)}.", hint)
        try:
            if len(value) > MAX_SPECIFIER:
                raise ValueError
            return str(SpecifierSet(value))
        except ValueError:
            self._fail("requires-python is not a specifier.", hint)

    def build_system(self) -> BuildSystem:
        """How the project is built (PEP 517, PEP 518); by setuptools if it has no build system.

        :raises FileProblem: if the table is invalid.
        """
        table = self._table(self.document, "build-system")
        back_end = table.get("build-backend", LEGACY.back_end)
        if not isinstance(back_end, str) or not _BACK_END.fullmatch(back_end):
            self._fail("its build-backend is no module.", 'It looks like "hatchling.build".')
        requires = self._strings(table, "requires") if table else list(LEGACY.requires)
        return BuildSystem(
            tuple(canonical(self._requirement(item).parsed) for item in requires),
            back_end,
            tuple(self._strings(table, "backend-path")),
        )

    def of_groups(self, names: Iterable[str]) -> Iterator[HeaderRequirement]:
        """The requirements of dependency groups, with the groups that they include.

        :param names: normalised names.
        :raises FileProblem: if there is no such group, or one includes itself.
        """
        groups = self._named("dependency-groups", self._table(self.document, "dependency-groups"))
        done: set[str] = set()
        return self._requirements(
            [item for name in names for item in self._of_group(groups, name, (), done)]
        )

    def _of_group(
        self, groups: Mapping[str, Any], name: str, within: tuple[str, ...], done: set[str]
    ) -> Iterator[str]:
        """The requirements of a group, unless they were yielded before.

        Not `packaging.dependency_groups`: it yields them once for each path of includes, of which
        forty groups may have 2**40, and its errors quote the file.
        """
        if name in within or len(within) > MAX_DEPTH:
            hint = "A group may not include itself, not even by way of others."
            self._fail(f"the dependency group {shown(name)} includes itself.", hint)
        if name in done:
            return
        if name not in groups:
            names = ", ".join(list(groups)[:20])
            hint = f"Its groups are {names}." if names else "It has no [dependency-groups]."
            self._fail(f"it has no dependency group {shown(name)}.", hint)
        done.add(name)
        if not isinstance(entries := groups[name], list):
            reason = f"the dependency group {shown(name)} is {kind_of(entries)}."
            self._fail(reason, "It is a list.")
        for entry in entries:
            if isinstance(entry, str):
                yield entry
            elif isinstance(entry, dict) and list(entry) == ["include-group"]:
                other = canonicalize_name(str(entry["include-group"]))
                yield from self._of_group(groups, other, (*within, name), done)
            else:
                hint = 'An item is a requirement, or {include-group = "…"}.'
                self._fail(f"the dependency group {shown(name)} has an odd item.", hint)

    def _of_extras(self, project: Mapping[str, Any], extras: Iterable[str]) -> list[str]:
        """The requirements of extras; one may include others as an extra of the project itself."""
        table = self._named("optional-dependencies", self._table(project, "optional-dependencies"))
        itself = canonicalize_name(str(project.get("name", ""))[:200])
        pending, items = list(extras), list[str]()
        done: set[str] = set()
        while pending:
            name = pending.pop()
            if name in done:
                continue
            done.add(name)
            if name not in table:
                names = ", ".join(list(table)[:20])
                hint = f"Its extras are {names}." if names else "It has no optional-dependencies."
                self._fail(f"it has no extra {shown(name)}.", hint)
            lines = self._strings(table, name)
            for requirement in self._requirements(lines):
                if canonicalize_name(requirement.parsed.name) == itself:
                    pending += map(canonicalize_name, sorted(requirement.parsed.extras))
                else:
                    items.append(requirement.text)
        return items

    def _named(self, what: str, table: Mapping[str, Any]) -> dict[str, Any]:
        """A table by normalised names, which must differ."""
        named: dict[str, Any] = {canonicalize_name(n): value for n, value in table.items()}
        if len(named) != len(table) or len(table) > MAX_GROUPS:
            hint = "Names that differ only in case, dots, hyphens and underscores are the same."
            self._fail(f"{what} has a name twice, or more than {MAX_GROUPS} names.", hint)
        return named

    def _requirements(self, items: list[str]) -> Iterator[HeaderRequirement]:
        if len(items) > MAX_REQUIREMENTS or sum(map(len, items)) > MAX_CHARACTERS:
            reason = f"it asks for more than {MAX_REQUIREMENTS} packages, or in more than 64 KiB."
            self._fail(reason, "Name a lock with pylock instead.")
        sources = self._sources()
        for item in items:
            requirement = self._requirement(item)
            name = canonicalize_name(requirement.parsed.name)
            if name in sources:
                # The package of that name on the index may be another one (dependency confusion).
                reason = f"{shown(name)} comes from [tool.uv.sources], which is not read."
                hint = "Leave it out here, and name a wheel or folder of it in local-extras."
                self._fail(reason, hint)
            yield requirement

    def _requirement(self, item: str) -> HeaderRequirement:
        try:
            return requirement_on(self.file, 0, item)
        except FileProblem as problem:
            # tomllib gives no positions: the line is searched for.
            index = max(self.text.find(f'"{item}"'), self.text.find(f"'{item}'"))
            problem.line = self.text.count("\n", 0, index) + 1 if index >= 0 else 0
            raise

    def _sources(self) -> set[str]:
        uv = self._table(self._table(self.document, "tool"), "uv")
        return set(map(canonicalize_name, self._table(uv, "sources")))

    def _strings(self, table: Mapping[str, Any], name: str) -> list[str]:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fail(f"{name} is not a list of strings.", 'It looks like ["numpy", "pandas>=2"].')
        return value

    def _table(self, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = table.get(name, {})
        if not isinstance(value, Mapping):
            self._fail(f"{name} is {kind_of(value)}.", f"It is a table: [{name}].")
        return value

    def _fail(self, reason: str, hint: str) -> NoReturn:
        raise FileProblem(self.file, reason, hint)
