"""Give a header another refresh mode without loss: comments, order and layout stay."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ...errors import HeaderError
from ..messages import place_line
from ..notebook.find import DEPENDENCIES, METADATA_KEY, FoundHeader, HeaderPlace, Notebook
from ..refresh import RefreshMode
from ..syntax.patch_yaml import patch_yaml
from ..syntax.toml import TomlProblem, load_toml
from ..syntax.yaml_tree import YamlProblem
from .parse_block import load_block
from .placing import HeaderEdit, with_text

__all__ = ["HeaderEdit", "set_refresh"]

_FIELD = "refresh"
_TABLE = f"[tool.{METADATA_KEY}]\n{_FIELD} = true\n"


def set_refresh(found: FoundHeader | None, notebook: Notebook, mode: RefreshMode) -> HeaderEdit:
    """The edit that makes the header say ``mode``, wherever it stands.

    In a block, ``[tool.headstart]`` is added where it is missing; what an earlier edit added is
    taken away again with the mode ``cached``. A notebook without a header gets one in its metadata.

    :raises HeaderError: if the header cannot be read, or not be edited safely.
    """
    ephemeral = mode is RefreshMode.EPHEMERAL
    if found is None and notebook.text is not None:
        raise HeaderError(
            "The notebook has no header.", hint="Begin one: # /// script … # ///, each in a line."
        )
    if found is None or not found.line:
        said = notebook.metadata.get(METADATA_KEY) if found is None else found.fields
        return HeaderEdit(HeaderPlace.METADATA, fields=_edit_fields(said, ephemeral))
    text = _edit_text(found, ephemeral) if found.fields is None else _edit_yaml(found, ephemeral)
    return with_text(notebook, found, text)


def _edit_fields(said: object, ephemeral: bool) -> Mapping[str, Any] | None:
    fields = dict(said) if isinstance(said, Mapping) else {}
    if ephemeral:
        fields[_FIELD] = True
    elif fields.get(_FIELD) is not False:
        fields.pop(_FIELD, None)
    return fields if ephemeral or isinstance(said, Mapping) else None


def _edit_yaml(found: FoundHeader, ephemeral: bool) -> str:
    """The front matter with the mode in it."""
    fields = found.fields or {}
    if fields.get(_FIELD, False) is ephemeral:
        return found.text
    # Without its only field an object would be none.
    value: bool | None = ephemeral if ephemeral or len(fields) == 1 else None
    try:
        return patch_yaml(found.text, (*found.key, _FIELD), value, alone=DEPENDENCIES)
    except YamlProblem:
        line = found.line - 1 + found.text[: found.text.find(METADATA_KEY)].count("\n") + 1
        raise HeaderError(
            f"The front matter in {place_line(found.cell, line)} cannot be edited.",
            hint=f"Write {_FIELD}: {str(ephemeral).lower()} under {METADATA_KEY} yourself.",
        ) from None


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
            f"The header in {place_line(found.cell, found.line)} cannot be edited.",
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
