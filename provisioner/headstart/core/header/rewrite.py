"""Write a field into a header, in the text of the notebook's file; all else stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from ...errors import HeaderError
from ..messages import place_line
from ..notebook.find import DEPENDENCIES, METADATA_KEY, FoundHeader, Notebook
from ..notebook.patch_notebook import patch_source, set_metadata
from ..syntax.lists import applied, runs
from ..syntax.patch_toml import patch_toml
from ..syntax.patch_yaml import patch_yaml
from ..syntax.toml import TomlProblem
from ..syntax.yaml_tree import YamlProblem
from .fields import REQUIRES_PYTHON
from .parse_block import load_block

__all__ = ["replace_lines", "set_field", "written_dependencies"]

_STANDARD = (DEPENDENCIES, REQUIRES_PYTHON)
"""Fields that stand above all tables of a PEP 723 block."""

Value = str | bool | Sequence[str]


def written_dependencies(found: FoundHeader) -> list[str] | str:
    """The value of the field ``dependencies``, as it is written; an empty list if there is none.

    :raises HeaderError: if the header cannot be read.
    """
    fields = found.fields if found.fields is not None else load_block(found)
    value: Any = fields.get(DEPENDENCIES, [])
    return value if isinstance(value, str) else list(value)


def set_field(notebook: Notebook, text: str, found: FoundHeader, name: str, value: Value) -> str:
    """The text of a notebook's file in which a field of the header has another value.

    :param notebook: what the file holds.
    :param text: its text: JSON, or that of a text notebook.
    :param found: its header.
    :param name: of the field; those of ``[tool.headstart]`` without the table.
    :raises HeaderError: if the header is written in a way that cannot be edited.
    """
    try:
        if found.fields is None:
            path = (name,) if name in _STANDARD else ("tool", METADATA_KEY, name)
            return _with_header(notebook, text, found, patch_toml(found.text, path, value))
        if found.text:
            new = patch_yaml(found.text, (*found.key, name), value, alone=DEPENDENCIES)
            return _with_header(notebook, text, found, new)
    except (TomlProblem, YamlProblem) as problem:
        raise _not_edited(found, name, problem) from None
    return set_metadata(text, *_in_metadata(notebook, name, value))


def _in_metadata(
    notebook: Notebook, name: str, value: Value
) -> tuple[tuple[str, ...], Value | dict[str, Any]]:
    said = notebook.metadata.get(METADATA_KEY)
    value = value if isinstance(value, str | bool) else list(value)
    if not isinstance(said, str | list):
        return (METADATA_KEY, name), value
    if name == DEPENDENCIES:
        return (METADATA_KEY,), value
    return (METADATA_KEY,), {DEPENDENCIES: said, name: value}


def _not_edited(found: FoundHeader, name: str, problem: TomlProblem | YamlProblem) -> HeaderError:
    line = found.line + max(problem.line, 1) - 1
    details: dict[str, Any] = {"line": line, "text": name}
    if found.cell is not None:
        details["cell"] = found.cell + 1
    return HeaderError(
        f"The header in {place_line(found.cell, line)} cannot be edited: {problem.reason}.",
        hint=f"Change {name} there yourself.",
        details=details,
    )


def _with_header(notebook: Notebook, text: str, found: FoundHeader, new: str) -> str:
    """The text of the file with another text in the header's lines."""
    if found.cell is None:
        return replace_lines(text, found, new)
    source = next(cell.source for cell in notebook.cells if cell.position == found.cell)
    return patch_source(text, found.cell, replace_lines(source, found, new))


def replace_lines(source: str, found: FoundHeader, new: str) -> str:
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
                f"{found.prefix if line else found.prefix.rstrip()}{line}{ending}" for line in fresh
            ),
        )
        for start, end, fresh in runs(before, after)
    ]
    return applied(source, edits)
