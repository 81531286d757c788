"""Cells of a notebook, and where its header stands.

The header is a PEP 723 block in a code or raw cell, or the ``headstart`` key of the notebook's
metadata. The block's grammar is PEP 723's; it is read here line by line, for the regular
expression which that PEP gives takes quadratic time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..errors import DuplicateHeader, HeaderError, NotebookError
from .messages import cell_line, kind_of, shown

METADATA_KEY = "headstart"
"""Key of the notebook's metadata under which a header may stand."""

DEPENDENCIES = "dependencies"
"""Field of a header that says what to install."""

MAX_HEADER_BYTES = 64 * 1024
"""A header is not longer than this, in bytes of UTF-8."""

_OPENING = re.compile(r"# /// ([a-zA-Z0-9-]+)")
_NEARLY_OPENING = re.compile(r"#[ \t]*/// ?script[ \t]*")
_CLOSING = "# ///"
_MARKS = ("/// script", "///script")
"""A source without one of these has no header, which is quick to see in megabytes of cells."""
_PYTHON_MAGICS = frozenset({"%%time", "%%timeit", "%%capture", "%%prun"})
"""Cell magics whose body is the notebook's own Python. That of others (``%%writefile tool.py``)
belongs to another program, and so does a header in it."""


class HeaderPlace(StrEnum):
    """Where in a notebook a header stands."""

    CELL = "cell"
    FRONT_MATTER = "front-matter"
    METADATA = "metadata"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its 0-based position, its kind (``code``, ``raw``, ``markdown``), its source."""

    index: int
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Notebook:
    """What a header can be read from.

    ``path`` is for messages only; ``text`` is that of the whole file, of a text notebook.
    """

    cells: tuple[Cell, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)
    path: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """A header as it stands in the notebook, not yet read.

    In a cell: ``text`` is its TOML with the comment signs taken off, every line ended by a
    newline; ``cell`` is the 0-based index of the cell, ``line`` the 1-based line in it at which
    ``text`` begins. In the metadata: ``fields`` is the object under ``headstart``; a list or a
    string there counts as its dependencies. ``warnings`` name the headers that this one hides.
    """

    place: HeaderPlace
    text: str = ""
    fields: Mapping[str, Any] | None = field(default=None, hash=False)
    cell: int | None = None
    line: int = 0
    warnings: tuple[str, ...] = ()


def notebook_of(document: Mapping[str, Any], path: str = "") -> Notebook:
    """The notebook that a JSON document holds (nbformat 4; the cells of nbformat 3 are found too).

    Cells that are not as nbformat has them count as empty, so that positions stay right.

    :raises NotebookError: if ``document`` is not a notebook at all.
    """
    if not isinstance(document, Mapping):
        raise NotebookError(f"{path or 'The notebook'} is not a notebook: it is no JSON object.")
    cells = document.get("cells")
    if not isinstance(cells, list | tuple) and isinstance(document.get("worksheets"), list):
        sheets = (sheet for sheet in document["worksheets"] if isinstance(sheet, Mapping))
        cells = [cell for sheet in sheets for cell in _items(sheet.get("cells"))]
    if not isinstance(cells, list | tuple):
        raise NotebookError(
            f"{path or 'The notebook'} is not a notebook: it has no list of cells.",
            hint="Open it in Jupyter and save it, or restore it from a copy.",
        )
    metadata = document.get("metadata")
    return Notebook(
        cells=tuple(_cell(index, cell) for index, cell in enumerate(cells)),
        metadata=metadata if isinstance(metadata, Mapping) else {},
        path=path,
    )


def _cell(index: int, cell: object) -> Cell:
    if not isinstance(cell, Mapping):
        return Cell(index, "", "")
    source = cell.get("source", cell.get("input", ""))
    if not isinstance(source, str):
        source = "".join(part for part in _items(source) if isinstance(part, str))
    kind = cell.get("cell_type")
    return Cell(index, kind if isinstance(kind, str) else "", source)


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def find_header(notebook: Notebook) -> FoundHeader | None:
    """Where the notebook's header stands; None if it has none. Takes linear time.

    :raises DuplicateHeader: if two cells, or one cell twice, have a block.
    :raises HeaderError: if a block is not closed, is too long, or nearly is a block; if the
        metadata's key is neither an object, nor a list or a string of dependencies.
    """
    blocks = [block for cell in notebook.cells for block in _script_blocks(cell)]
    in_metadata = notebook.metadata.get(METADATA_KEY)
    if len(blocks) > 1:
        raise _duplicate(blocks[0], blocks[1])
    if blocks:
        return _in_cell(blocks[0], hides=in_metadata is not None)
    if in_metadata is None:
        return None
    if isinstance(in_metadata, str | list):
        in_metadata = {DEPENDENCIES: in_metadata}
    if not isinstance(in_metadata, Mapping):
        raise HeaderError(
            f"In the notebook's metadata, {METADATA_KEY} is {kind_of(in_metadata)}.",
            hint='It is what to install, as "numpy pandas>=2", or an object: '
            '{"dependencies": "numpy pandas>=2"}.',
        )
    return FoundHeader(HeaderPlace.METADATA, fields=in_metadata)


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines between an opening and a closing line; ``first`` is the opening's 0-based line."""

    cell: int
    first: int
    content: tuple[str, ...]


def _in_cell(block: _Block, *, hides: bool) -> FoundHeader:
    text = "".join(f"{line[2:]}\n" for line in block.content)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_HEADER_BYTES:
        raise _error(
            block.cell, block.first, "", "The header is longer than 64 KiB.", "Shorten it."
        )
    warning = (
        f"The header in {cell_line(block.cell, block.first + 1)} hides the one in the notebook's "
        f"metadata (key {METADATA_KEY}), which is not read. Remove one of the two."
    )
    return FoundHeader(
        HeaderPlace.CELL,
        text=text,
        cell=block.cell,
        line=block.first + 2,
        warnings=(warning,) if hides else (),
    )


def _script_blocks(cell: Cell) -> Iterator[_Block]:
    """The ``script`` blocks of a cell, by PEP 723's grammar."""
    if not any(mark in cell.source for mark in _MARKS):
        return
    if cell.kind not in ("code", "raw") or _is_foreign(cell):
        return
    lines = [line.removesuffix("\r") for line in cell.source.split("\n")]
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _is_comment(lines[end]):
            end += 1
        yield from _blocks_of_run(cell.index, lines, start, end)
        _refuse_near_miss(cell.index, lines, end)
        start = end + 1


def _blocks_of_run(cell: int, lines: list[str], start: int, end: int) -> Iterator[_Block]:
    """The blocks in ``lines[start:end]``, which all are comments: the last closing line counts."""
    closing = next((n for n in range(end - 1, start - 1, -1) if lines[n] == _CLOSING), -1)
    number = start
    while number < end:
        opening = _OPENING.fullmatch(lines[number])
        if opening is None:
            _refuse_near_miss(cell, lines, number)
        elif closing > number:
            if opening[1] == "script":
                yield _Block(cell, number, tuple(lines[number + 1 : closing]))
            number = closing
        elif opening[1] == "script":
            raise _unclosed(cell, lines, number, end)
        number += 1


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")


def _is_foreign(cell: Cell) -> bool:
    """Whether the cell's text is for another program, by its cell magic."""
    words = cell.source[:4096].split(maxsplit=1) if cell.kind == "code" else []
    return bool(words) and words[0].startswith("%%") and words[0] not in _PYTHON_MAGICS


def _refuse_near_miss(cell: int, lines: list[str], number: int) -> None:
    """Raise if the line was meant to open a header, and other tools would not see it."""
    if number < len(lines) and _NEARLY_OPENING.fullmatch(lines[number]):
        problem = "The line nearly opens a header, but its spaces are not right:"
        hint = 'The line is exactly "# /// script", with one space each and none at its end.'
        raise _error(cell, number, lines[number], problem, hint)


def _unclosed(cell: int, lines: list[str], number: int, end: int) -> HeaderError:
    """The error for a block without an end; names the line that breaks it, if one does."""
    if end < len(lines) and any(line == _CLOSING for line in lines[end:]):
        problem = 'This line stands in a header and does not begin with "# ":'
        hint = 'Each line of a header begins with "# ", an empty one is "#".'
        return _error(cell, end, lines[end], problem, hint)
    problem = "The header that begins here has no end:"
    hint = 'Put a line "# ///" after its last line; each line between begins with "# ".'
    return _error(cell, number, lines[number], problem, hint)


def _duplicate(first: _Block, second: _Block) -> DuplicateHeader:
    places = [cell_line(block.cell, block.first + 1) for block in (first, second)]
    return DuplicateHeader(
        f"The notebook has two headers, in {places[0]} and in {places[1]}.",
        hint="Put all requirements into one of them and remove the other.",
        details={
            "cell": second.cell + 1,
            "line": second.first + 1,
            "text": "# /// script",
            "cells": [first.cell + 1, second.cell + 1],
        },
    )


def _error(cell: int, number: int, text: str, problem: str, hint: str) -> HeaderError:
    """A `HeaderError` for a 0-based line of a cell."""
    message = f"In {cell_line(cell, number + 1)}: {problem}"
    if text or problem.endswith(":"):
        message = f"{message} {shown(text)}."
    details = {"cell": cell + 1, "line": number + 1, "text": text}
    return HeaderError(message, hint=hint, details=details)
