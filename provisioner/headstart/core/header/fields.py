"""The fields of one header, by name and without tables; the form of each value is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from ...error_facts import SourceLocation
from ...errors import HeaderError
from ..messages import kind_of, shown
from ..notebook.find import DEPENDENCIES, MAX_HEADER_BYTES, METADATA_KEY, FoundHeader, HeaderPlace
from .parse_block import load_block
from .spec import PLAIN_FIELDS

REQUIRES_PYTHON = "requires-python"
PYTHON_VERSION = "python-version"
EXCLUDE_NEWER = "exclude-newer"
REQUIREMENTS = "requirements"
LOCAL_EXTRAS = "local-extras"
PREPEND_PATHS = "prepend-paths"
INDEX = "index"
CONSTRAINTS_OF_UV = "constraint-dependencies"
OVERRIDES_OF_UV = "override-dependencies"

STANDARD = (DEPENDENCIES, REQUIRES_PYTHON)
"""Fields of PEP 723, which are above all tables."""

OURS = tuple(
    sorted(
        (
            "constraints",
            "env",
            "extras",
            "groups",
            LOCAL_EXTRAS,
            "overrides",
            "preload",
            PREPEND_PATHS,
            "pylock",
            PYTHON_VERSION,
            "refresh",
            REQUIREMENTS,
            *(field.name for field in PLAIN_FIELDS),
        )
    )
)
"""Fields of ``[tool.headstart]``; in metadata and front matter, next to those of PEP 723."""

KEPT = ("lock", "receipt")
"""Keys of the metadata that record what the notebook ran with, and are not part of its header."""

FROM_UV = (CONSTRAINTS_OF_UV, EXCLUDE_NEWER, INDEX, OVERRIDES_OF_UV)
"""Fields of ``[tool.uv]`` that are read."""

MAX_ITEMS = 100
"""Names, paths or variables that a field may have."""

MAX_PATH = 1000
"""Characters of a path."""

_SEPARATORS = r"[\s,]+"


def _is_longer(value: object, most: int) -> bool:
    """Whether a JSON value has more than so many characters and values."""
    # A list of its own instead of recursion, which nested metadata could exhaust; and no JSON is
    # made, which may be as long as the notebook.
    waiting, length = [value], 0
    while waiting and length <= most:
        item = waiting.pop()
        length += 1 + (len(item) if isinstance(item, str) else 0)
        if isinstance(item, Mapping):
            waiting += [*item, *item.values()]
        elif isinstance(item, list | tuple):
            waiting += item
    return length > most


class HeaderFields:
    """The fields of a header by name, in whatever form it is written.

    :raises HeaderError: if it cannot be read, or a field is unknown.
    """

    def __init__(self, found: FoundHeader):
        self.found = found
        self.is_object = found.fields is not None or found.place is HeaderPlace.METADATA
        if self.is_object:
            fields = {str(name): value for name, value in (found.fields or {}).items()}
            if found.place in (HeaderPlace.METADATA, HeaderPlace.REQUIREMENTS_TXT):
                fields = {name: fields[name] for name in fields if name not in KEPT}
            self._refuse_unknown(fields, (*STANDARD, *OURS), METADATA_KEY)
            if _is_longer(fields, MAX_HEADER_BYTES):
                self.fail(METADATA_KEY, "The header is longer than 64 KiB.", "Shorten it.")
            self.values: Mapping[str, Any] = fields
        else:
            self.values = self._flat(load_block(found))

    def _flat(self, document: dict[str, Any]) -> dict[str, Any]:
        tools = document.pop("tool", {})
        self._refuse_unknown(document, STANDARD, "")
        tools = self._table("tool", tools)
        uv = self._table("tool.uv", tools.get("uv", {}))
        ours = self._table("tool.headstart", tools.get(METADATA_KEY, {}))
        for name in uv:
            if name not in FROM_UV:
                self._check_uv(name, uv[name])
        self._refuse_unknown(ours, OURS, "[tool.headstart]")
        return {**uv, **ours, **document}

    def _table(self, name: str, value: Any) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        return self.fail(name, f"{name} is {kind_of(value)}.", f"It is a table: [{name}].")

    def _check_uv(self, name: str, value: Any) -> None:
        """Refuse a field of ``[tool.uv]`` that is not read, unless it has no effect."""
        from .refused_uv_fields import has_no_effect, hint_for_uv  # few headers have one

        if has_no_effect(name, value):
            return
        problem = f"[tool.uv] {shown(name)} is not read: a header may not set how uv works."
        self.fail(name, problem, hint_for_uv(name))

    def _refuse_unknown(
        self, fields: Mapping[str, Any], allowed: tuple[str, ...], table: str
    ) -> None:
        inside = f" in {table}" if table else ""
        for name in fields:
            if name in allowed:
                continue
            what = f"{shown(name)}{inside}"
            if name in KEPT:
                hint = "Remove it here; `headstart lock` writes it into the notebook's metadata."
                self.fail(name, f"{what} is not a field of a header.", hint)
            if name in OURS:
                hint = "Put it under [tool.headstart]."
                self.fail(name, f"{what} is in the wrong table.", hint)
            if name in STANDARD:
                self.fail(name, f"{what} is in the wrong table.", "Put it above all tables.")
            from difflib import get_close_matches  # only an error needs it

            # Cut: the time of a comparison grows with the length, and a name may be any text.
            near = get_close_matches(name[:40], (*STANDARD, *OURS), n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(allowed)}."
            self.fail(name, f"{what} is not a field of a header.", hint)

    def fail(self, name: str, problem: str, hint: str) -> NoReturn:
        """Raise the error of a field."""
        refuse_field(self.found, name, problem, hint)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field as it is written."""
        return self.values.get(name, default)

    def text(self, name: str, longest: int = 200) -> str:
        """A field that is a string; ``""`` if it is missing."""
        value = self.get(name, "")
        if not isinstance(value, str):
            self.fail(name, f"{name} is {kind_of(value)}.", f'Put it in quotes: {name} = "…".')
        if len(value) > longest:
            self.fail(name, f"{name} is {shown(value)}.", "Shorten it.")
        return value.strip()

    def names(self, name: str) -> tuple[str, ...]:
        """A field that is a list of names, or a string that separates them by spaces or commas."""
        value = self.get(name, [])
        if isinstance(value, str) and len(value) <= MAX_ITEMS * 200:
            value = [item for item in re.split(_SEPARATORS, value) if item]
        return self._strings(name, value, "names", 200)

    def path(self, name: str) -> str:
        """A field that is the path of one file; ``""`` if it is missing."""
        if self.get(name, "") == "":
            return ""
        return self._checked_path(name, self.text(name, MAX_PATH))

    def paths(self, name: str) -> tuple[str, ...]:
        """A field that is a list of paths, or a string that is one path."""
        value = self.get(name, [])
        value = [value] if isinstance(value, str) else value
        items = self._strings(name, value, "paths", MAX_PATH)
        return tuple(self._checked_path(name, item) for item in items)

    def table(self, name: str) -> Mapping[str, Any]:
        """A field that is a table; an empty one if it is missing."""
        value = self.get(name, {})
        if not isinstance(value, Mapping):
            self.fail(name, f"{name} is {kind_of(value)}.", f'It is a table: {name} = {{A = "b"}}.')
        self.limit(name, len(value))
        return value

    def limit(self, name: str, count: int, most: int = MAX_ITEMS) -> None:
        """Refuse a field with too many items."""
        if count > most:
            self.fail(name, f"{name} has more than {most} items.", f"It may have at most {most}.")

    def _strings(self, name: str, value: Any, what: str, longest: int) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            hint = f'It is a list of {what}: {name} = ["…"].'
            self.fail(name, f"{name} is {kind_of(value)}.", hint)
        self.limit(name, len(value))
        for number, item in enumerate(value, 1):
            if not isinstance(item, str):
                problem = f"item {number} of {name} is {kind_of(item)}."
                self.fail(name, problem, "Put it in quotes.")
            if len(item) > longest:
                self.fail(name, f"item {number} of {name} is {shown(item)}.", "Shorten it.")
        return tuple(item.strip() for item in value)

    def _checked_path(self, name: str, path: str) -> str:
        if not path or not path.isprintable():
            hint = "It is the path of a file or folder, from the notebook's folder."
            self.fail(name, f"{name} is {shown(path)}.", hint)
        # A header may be a stranger's, so reading it connects to no server.
        if "://" in path:
            hint = "Put the file next to the notebook, and give its path."
            self.fail(name, f"{name} is a URL: {shown(path)}.", hint)
        return path


def refuse_field(found: FoundHeader, name: str, problem: str, hint: str) -> NoReturn:
    """Raise the error of a field.

    :param name: the field, or the text for which the header is searched.
    :raises HeaderError: always; names the location.
    """
    raise HeaderError.at(location_of(found, name), problem, hint)


def location_of(found: FoundHeader, name: str) -> SourceLocation:
    """The line of a key or table; the header's first line if that is not known.

    TOML and YAML parsers give no positions, so this looks for the key, then for the bare text.
    """
    text, key = found.text, name.rpartition(".")[2]
    names = "|".join(re.escape(either[:80]) for either in (name, key))
    match = re.search(rf"^[ \t\"'\[]*(?:{names})", text, re.MULTILINE)
    indexes = [match.start()] if match else [text.find(name), text.find(key)]
    index = next((index for index in indexes if index >= 0), 0)
    return found.at(found.line + text.count("\n", 0, index), name)
