"""Edit a header without loss: comments, order and layout stay (tomlkit)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import HeaderError
from .environment import RefreshMode
from .messages import cell_line
from .notebook import METADATA_KEY, FoundHeader, HeaderPlace, Notebook
from .toml import TomlProblem, load_block, load_toml

_FIELD = "refresh"
_TABLE = f"[tool.{METADATA_KEY}]\n{_FIELD} = true\n"


@dataclass(frozen=True, slots=True)
class HeaderEdit:
    """A change to a notebook, for whoever holds it open.

    In a cell: ``source`` is the new source of the cell with the 0-based index ``cell``. In the
    metadata: ``fields`` is the new value under ``headstart``; None if the key is not to be made.
    """

    place: HeaderPlace
    cell: int | None = None
    source: str | None = None
    fields: Mapping[str, Any] | None = field(default=None, hash=False)


def set_refresh(found: FoundHeader | None, notebook: Notebook, mode: RefreshMode) -> HeaderEdit:
    """The edit that makes the header say ``mode``.

    ``[tool.headstart]`` is added where it is missing; what an earlier edit added is taken away
    again with the mode ``cached``. A notebook without a header gets one in its metadata.

    :raises HeaderError: if the header cannot be read, or not be edited safely.
    """
    ephemeral = mode is RefreshMode.EPHEMERAL
    if found is None or found.cell is None:
        return HeaderEdit(HeaderPlace.METADATA, fields=_edit_fields(found, ephemeral))
    text = _edit_text(found, ephemeral)
    before = next(cell.source for cell in notebook.cells if cell.index == found.cell)
    source = _replace(before, found, text)
    return HeaderEdit(HeaderPlace.CELL, cell=found.cell, source=source)


def _edit_fields(found: FoundHeader | None, ephemeral: bool) -> Mapping[str, Any] | None:
    if found is None:
        return {_FIELD: True} if ephemeral else None
    fields = dict(found.fields or {})
    if ephemeral:
        fields[_FIELD] = True
    elif fields.get(_FIELD) is not False:
        fields.pop(_FIELD, None)
    return fields


def _edit_text(found: FoundHeader, ephemeral: bool) -> str:
    """The header's TOML with the mode in it, checked against what it should say."""
    document = load_block(found)
    section = _section(document)
    if (section or {}).get(_FIELD, False) is ephemeral:
        return found.text
    try:
        text = _append(found.text) if section is None else _set(found.text, ephemeral)
        edited = load_toml(text)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, TomlProblem):
        edited = {}
    said = (_section(edited) or {}).get(_FIELD, False)
    if said is not ephemeral or _without_refresh(edited) != _without_refresh(document):
        raise HeaderError(
            f"The header in {cell_line(found.cell or 0, found.line)} cannot be edited.",
            hint=f"Write {_FIELD} = {str(ephemeral).lower()} under [tool.headstart] yourself.",
        )
    return text


def _section(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    tool = document.get("tool")
    section = tool.get(METADATA_KEY) if isinstance(tool, Mapping) else None
    return section if isinstance(section, Mapping) else None


def _without_refresh(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the field, and without the tables that are empty for want of it."""
    rest = copy.deepcopy(dict(document))
    tool = rest.get("tool")
    section = tool.get(METADATA_KEY) if isinstance(tool, dict) else None
    if isinstance(tool, dict) and isinstance(section, dict):
        section.pop(_FIELD, None)
        if not section:
            del tool[METADATA_KEY]
        if not tool:
            del rest["tool"]
    return rest


def _append(text: str) -> str:
    """A table of ours at the end, which is valid wherever there is none."""
    return f"{text}\n{_TABLE}" if text.strip() else f"{text}{_TABLE}"


def _set(text: str, ephemeral: bool) -> str:
    if not ephemeral and f"\n{text}".endswith(f"\n{_TABLE}"):
        rest = text.removesuffix(_TABLE)
        return rest.removesuffix("\n") if rest.endswith("\n\n") else rest
    import tomlkit  # heavy, and only an edit needs it

    document = tomlkit.parse(text)
    section: Any = document["tool"][METADATA_KEY]
    if ephemeral or section.item(_FIELD).trivia.comment:
        section[_FIELD] = ephemeral
    else:
        section.remove(_FIELD)
    return tomlkit.dumps(document)


def _replace(source: str, found: FoundHeader, text: str) -> str:
    """The cell's source with other TOML in its header; lines that stay are not touched."""
    lines = source.split("\n")
    old, new = found.text.split("\n")[:-1], text.split("\n")[:-1]
    same = _common(old, new)
    tail = _common(old[same:][::-1], new[same:][::-1])
    first = found.line - 1
    ending = "\r" if lines[first - 1].endswith("\r") else ""
    content = [
        f"# {line}{ending}" if line else f"#{ending}" for line in new[same : len(new) - tail]
    ]
    lines[first + same : first + len(old) - tail] = content
    return "\n".join(lines)


def _common(one: list[str], other: list[str]) -> int:
    """How many lines are the same at the beginning of both."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
