"""Edit the text of a notebook (``.ipynb``) and keep every byte that need not change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from ...errors import NotebookError
from ..syntax.patch_json import JsonText
from ..syntax.values import REMOVE

__all__ = ["insert_cell", "patch_source", "set_metadata"]


Step = str | int


def patch_source(text: str, cell: int, source: str) -> str:
    """The text of a notebook (``.ipynb``) in which a cell has another source.

    :param cell: its 0-based position, as in `Cell.position`.
    :raises NotebookError: if the text is not a notebook, or has no such cell.
    """
    opened = JsonText.of(text)
    for path in _cell_paths(opened.document):
        if cell == 0:
            old = _at(opened.document, path)
            name = "input" if "input" in old and "source" not in old else "source"
            as_lines = not isinstance(old.get(name, []), str)
            lines = source.splitlines(keepends=True) if as_lines else source
            return opened.patched(_with(opened.document, (*path, name), lines))
        cell -= 1
    raise NotebookError("The notebook has no such cell.")


def insert_cell(text: str, at: int, cell: Mapping[str, Any]) -> str:
    """The text of a notebook with one more cell.

    :param at: the 0-based position that the cell gets.
    :param cell: in nbformat 4; it gets an id where nbformat requires one (4.5 and later).
    :raises NotebookError: if the text is not a notebook of nbformat 4.
    """
    opened = JsonText.of(text)
    cells = opened.document.get("cells")
    if not isinstance(cells, list):
        raise NotebookError(
            "The notebook has no list of cells.",
            hint="Open it in Jupyter and save it: that brings it to today's format.",
        )
    minor = opened.document.get("nbformat_minor")
    if isinstance(minor, int) and minor >= 5:
        cell = {**cell, "id": _free_id(text)}
    # Sorted, as nbformat writes keys: the next save by Jupyter changes nothing.
    new = [*cells[:at], dict(sorted(cell.items())), *cells[at:]]
    return opened.patched({**opened.document, "cells": new})


def _free_id(text: str) -> str:
    """An id that no cell has; not a random one, for the core is pure."""
    names = (f"header-{number}" if number else "header" for number in count())
    return next(name for name in names if f'"{name}"' not in text)


def set_metadata(text: str, path: tuple[str, ...], value: object) -> str:
    """The text of a notebook with another value in its metadata.

    :param path: keys below ``metadata``; objects that are missing are made.
    :param value: a value of JSON; or `REMOVE`, which removes the key, and the objects above it
        that this leaves empty.
    :raises NotebookError: if the text is not a notebook.
    """
    opened = JsonText.of(text)
    metadata = _with(opened.document.get("metadata"), path, value)
    if metadata is REMOVE:
        if "metadata" not in opened.document:
            return text
        metadata = {}
    return opened.patched({**opened.document, "metadata": metadata})


def _at(value: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        value = value[step]
    return value if isinstance(value, dict) else {}


def _with(old: Any, path: tuple[Step, ...], value: object) -> Any:
    """A copy with another value at a path; REMOVE if it is left empty.

    All else is shared with ``old``, by which `JsonText.patched` sees that it is unchanged.
    """
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [*old[:step], _with(old[step], rest, value), *old[step + 1 :]]
    new = dict(old) if isinstance(old, dict) else {}
    inner = _with(new.get(step), rest, value)
    if inner is not REMOVE:
        return {**new, step: inner}
    new.pop(step, None)
    return new or REMOVE


def _cell_paths(document: Mapping[str, Any]) -> Iterator[tuple[Step, ...]]:
    """The paths of the cells, in the order of `notebook_of`."""
    if isinstance(document.get("cells"), list):
        yield from (("cells", number) for number in range(len(document["cells"])))
        return
    sheets = document.get("worksheets")
    for number, sheet in enumerate(sheets if isinstance(sheets, list) else ()):
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        for position in range(len(cells) if isinstance(cells, list) else 0):
            yield "worksheets", number, "cells", position
