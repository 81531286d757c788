"""Change one field of a header, in any of its forms; every byte that need not change stays.

The panel and the command line both edit with it, so that they make the same edits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from ...error_facts import SourceLocation
from ...errors import HeaderError
from ..notebook.find import DEPENDENCIES, METADATA_KEY, FoundHeader, HeaderPlace, Notebook
from ..notebook.patch_notebook import patch_source, set_metadata
from ..refresh import RefreshMode
from ..syntax.lists import applied, runs
from ..syntax.patch_toml import patch_toml
from ..syntax.patch_yaml import patch_yaml
from ..syntax.toml import TomlProblem
from ..syntax.values import REMOVE, Remove, Value
from ..syntax.yaml_tree import YamlProblem
from .fields import STANDARD
from .parse_block import load_block

__all__ = ["HeaderEdit", "edit_header", "set_refresh", "with_text", "written_dependencies"]

_REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class HeaderEdit:
    """A change to a notebook: for its file, or for an editor that has it open.

    In a cell, or in the front matter of one: ``source`` is the new source of the cell with the
    0-based index ``cell``. In the metadata: ``fields`` is the new value under ``headstart``, None
    if that key is removed. In a text notebook: ``text`` is that of the whole file.
    """

    place: HeaderPlace
    cell: int | None = None
    source: str | None = None
    fields: Any = field(default=None, hash=False)
    text: str | None = None

    def in_file(self, text: str) -> str:
        """The text of the notebook's file with the edit.

        :param text: of the file as it is: JSON, or that of a text notebook.
        :raises NotebookError: if it is not the notebook that was edited.
        """
        if self.text is not None:
            return self.text
        if self.cell is not None and self.source is not None:
            return patch_source(text, self.cell, self.source)
        return set_metadata(text, (METADATA_KEY,), REMOVE if self.fields is None else self.fields)


def edit_header(
    notebook: Notebook, found: FoundHeader | None, name: str, value: Value | Remove
) -> HeaderEdit:
    """The edit that gives a field another value, adds it, or removes it.

    Comments stay where they are, except one behind a removed field. A table or object that the
    removal empties is removed too, unless it has a comment. A notebook without a header gets one
    in its metadata.

    :param found: the header of ``notebook``; None if it has none.
    :param name: of the field; those of ``[tool.headstart]`` without the table.
    :raises HeaderError: if the header cannot be read, or not be edited safely.
    """
    if found is not None and found.line:
        return with_text(notebook, found, _edited_text(found, name, value))
    if notebook.text is not None:
        raise HeaderError(
            "The notebook has no header.",
            hint="Begin one: # /// script … # ///, each on a line of its own.",
        )
    old = notebook.metadata.get(METADATA_KEY)
    if value is not REMOVE and found is not None and found.place is HeaderPlace.REQUIREMENTS_TXT:
        old = found.fields  # names the requirements.txt, which counts only where there is no header
    return HeaderEdit(HeaderPlace.METADATA, fields=_edited_fields(old, name, value))


def set_refresh(notebook: Notebook, found: FoundHeader | None, mode: RefreshMode) -> HeaderEdit:
    """The edit that gives the header a refresh mode, for a switch that is turned on and off.

    :raises HeaderError: as `edit_header` does.
    """
    value: bool | Remove = mode is RefreshMode.EPHEMERAL
    if not value and not _keeps_false(found):
        value = REMOVE
    return edit_header(notebook, found, _REFRESH, value)


def _keeps_false(found: FoundHeader | None) -> bool:
    """Whether the field is kept as ``false``: removing it would lose what the user wrote."""
    if found is None:
        return False
    fields = _fields(found, _REFRESH)
    if fields.get(_REFRESH, True) is False:
        return True
    if not found.line:
        return False
    if found.fields is not None and fields.keys() == {_REFRESH}:
        return True  # the switch makes no header in front matter, so it removes none there
    return _loses_comment(found.text, _edited_text(found, _REFRESH, REMOVE))


def _loses_comment(before: str, after: str) -> bool:
    """Whether removed lines have a comment, behind or directly above them."""
    old = before.split("\n")
    for start, end, new_lines in runs(old, after.split("\n")):
        if "".join(old[start:end]).count("#") > "".join(new_lines).count("#"):
            return True
        if start and not new_lines and old[start - 1].lstrip().startswith("#"):
            return True
    return False


def written_dependencies(found: FoundHeader) -> list[str] | str:
    """The value of the field ``dependencies``, as it is written; an empty list if there is none.

    :raises HeaderError: if the header cannot be read.
    """
    value: Any = _fields(found, DEPENDENCIES).get(DEPENDENCIES, [])
    return value if isinstance(value, str) else list(value)


def _path(found: FoundHeader, name: str) -> tuple[str, ...]:
    if found.fields is not None:
        return (*found.key, name)
    return (name,) if name in STANDARD else ("tool", METADATA_KEY, name)


def _fields(found: FoundHeader, name: str) -> Mapping[str, Any]:
    """The table that has a field; an empty one if it is missing.

    :raises HeaderError: if the header cannot be read.
    """
    if found.fields is not None:
        return found.fields
    table: Any = load_block(found)
    for step in _path(found, name)[:-1]:
        table = table.get(step) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def _edited_text(found: FoundHeader, name: str, value: Value | Remove) -> str:
    """The TOML or YAML of a header with the edit."""
    path = _path(found, name)
    try:
        if found.fields is not None:
            return patch_yaml(found.text, path, value, alone=DEPENDENCIES)
        load_block(found)  # its error says better than the patcher's why it cannot be read
        return patch_toml(found.text, path, value)
    except (TomlProblem, YamlProblem) as problem:
        raise _not_edited(found, name, value, problem) from None


def _edited_fields(old: object, name: str, value: Value | Remove) -> Any:
    """What is under the metadata's key, with the edit; None if nothing is left of it."""
    new = value if isinstance(value, str | bool | Remove) else list(value)
    if isinstance(old, str | list):
        if name == DEPENDENCIES:
            return None if new is REMOVE else new
        old = old if new is REMOVE else {DEPENDENCIES: old}
    if new is not REMOVE:
        return {**(old if isinstance(old, Mapping) else {}), name: new}
    if not isinstance(old, Mapping) or name not in old:
        return old
    return {key: kept for key, kept in old.items() if key != name} or None


def _not_edited(
    found: FoundHeader, name: str, value: Value | Remove, problem: TomlProblem | YamlProblem
) -> HeaderError:
    line = found.line + max(problem.line, 1) - 1
    location = SourceLocation(found.cell, line, name)
    hint = f"Change {name} there yourself."
    if isinstance(value, bool):  # other values may be long, or hold a password
        text, table = str(value).lower(), ".".join(_path(found, name)[:-1])
        hint = f"Write {name} = {text} under [{table}] yourself."
        if found.fields is not None:
            hint = f"Write {name}: {text} under {table} yourself."
    return HeaderError(
        f"The header in {location} cannot be edited: {problem.reason}.",
        hint=hint,
        location=location,
    )


def with_text(notebook: Notebook, found: FoundHeader, text: str) -> HeaderEdit:
    """The edit that gives a header outside the metadata another text.

    :param notebook: that has the header.
    :param text: TOML or YAML, as `FoundHeader.text` is.
    :raises HeaderError: if the header is in the notebook's metadata.
    """
    if found.cell is not None:
        before = next(cell.source for cell in notebook.cells if cell.position == found.cell)
        return HeaderEdit(found.place, cell=found.cell, source=_replace_lines(before, found, text))
    if notebook.text is None:
        raise HeaderError("The header is in the notebook's metadata, which has no text.")
    return HeaderEdit(found.place, text=_replace_lines(notebook.text, found, text))


def _replace_lines(source: str, found: FoundHeader, new: str) -> str:
    """The cell's or the file's text with another text in the header; lines that stay are kept."""
    lines = [f"{line}\n" for line in source.split("\n")]  # as the parsers split it
    first = found.line - 1
    ending = "\r\n" if lines[max(first - 1, 0)].endswith("\r\n") else "\n"
    starts = [0, *accumulate(map(len, lines))]
    before, after = found.text.split("\n")[:-1], new.split("\n")[:-1]
    edits = [
        (
            starts[first + start],
            starts[first + end],
            "".join(
                f"{found.prefix if line else found.prefix.rstrip()}{line}{ending}"
                for line in new_lines
            ),
        )
        for start, end, new_lines in runs(before, after)
    ]
    return applied(source, edits)
