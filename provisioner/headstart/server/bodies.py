"""Parse and check the request bodies that the front end sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ..core.notebook.find import METADATA_KEY, Cell, Notebook
from ..core.refresh import RefreshMode
from ..errors import RequestError
from ..kernels.notebook.unsaved import Revision

MAX_BODY = 8 * 1024 * 1024
"""Bytes of a request: a header has at most 64 KiB, and a lock in the metadata 4 MiB."""

MAX_CELLS = 10_000
"""Cells of a notebook whose header can be edited."""

MAX_REVISION = 2**53 - 1
"""The largest integer that JavaScript counts to without gaps, 2**53 - 1."""

MAX_PAGE = 100
"""Characters of a page's name."""

_JUPYTEXT = "jupytext"
"""Metadata key that describes the text file of which the cells were made."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EditedHeader:
    """The cells and metadata that define a header, as they are in an editor."""

    path: str
    notebook: Notebook


def read_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object in a request's body.

    :raises RequestError: if there is none, or it is too long.
    """
    if len(body) > MAX_BODY:
        raise RequestError(
            f"The request has {len(body)} bytes; at most {MAX_BODY} are read.",
            hint="Make the cell that holds the header shorter.",
        )
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):  # too deeply nested
        value = None
    if not isinstance(value, dict):
        raise RequestError("The body of the request is not a JSON object.")
    return value


def read_path(body: Mapping[str, Any]) -> str:
    """The notebook's API path.

    :raises RequestError: if it is missing.
    """
    return checked_path(_get(body, "path", str))


def checked_path(path: str) -> str:
    """An API path without slashes around it.

    :raises RequestError: if it is empty or leads out of the server's root.
    """
    path = path.strip("/")
    if not path or "\0" in path or ".." in path.split("/"):
        raise RequestError("The path of a notebook is expected.", details={"field": "path"})
    return path


def read_edited_header(body: Mapping[str, Any]) -> EditedHeader:
    """The header as the editor shows it.

    :raises RequestError: if a field is missing or of another kind than it has to be.
    """
    path = read_path(body)
    sent = [_cell(number, cell) for number, cell in enumerate(_get(body, "cells", list))]
    metadata = {METADATA_KEY: body.get("metadata"), _JUPYTEXT: body.get("jupytext")}
    return EditedHeader(
        path=path,
        notebook=Notebook(
            cells=_cells_by_position(sent),
            metadata={name: value for name, value in metadata.items() if value is not None},
            path=path,
        ),
    )


def read_revision(body: Mapping[str, Any]) -> Revision:
    """Which page sent the request, and the request's number there.

    :raises RequestError: if one is missing, or is no name and no count that a page can have.
    """
    page, number = _get(body, "page", str), _count(body, "revision")
    if not 0 < len(page) <= MAX_PAGE:
        problem = f'"page" of the request has 1 to {MAX_PAGE} characters.'
        raise RequestError(problem, details={"field": "page"})
    if number > MAX_REVISION:
        problem = f'"revision" of the request is at most {MAX_REVISION}.'
        raise RequestError(problem, details={"field": "revision"})
    return Revision(page, number)


def read_refresh(body: Mapping[str, Any]) -> RefreshMode:
    """The refresh mode that is requested.

    :raises RequestError: if it is missing or unknown.
    """
    try:
        return RefreshMode(_get(body, "refresh", str))
    except ValueError:
        raise RequestError(
            '"refresh" can be "cached" or "ephemeral".', details={"field": "refresh"}
        ) from None


def read_kernel_id(body: Mapping[str, Any]) -> str:
    """The kernel's id; ``""`` if the front end sends none.

    :raises RequestError: if it is no text.
    """
    return "" if body.get("kernel_id") is None else _get(body, "kernel_id", str)


def _cells_by_position(sent: list[Cell]) -> tuple[Cell, ...]:
    """The notebook's cells up to the last one that was sent; the others are empty."""
    cells = {cell.position: cell for cell in sent}
    count = max(cells, default=-1) + 1
    # Before the empty cells are made: one number in a request could ask for any amount of memory.
    if count > MAX_CELLS:
        raise RequestError(f"The header is in cell {count}; at most {MAX_CELLS} cells are read.")
    return tuple(cells.get(index) or Cell(index, "", "") for index in range(count))


def _cell(number: int, value: object) -> Cell:
    if not isinstance(value, dict):
        raise RequestError(f"Item {number} of the cells is not an object.")
    return Cell(
        position=_count(value, "index"),
        kind=_get(value, "cell_type", str),
        source=_get(value, "source", str),
    )


def _get(fields: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = fields.get(name)
    if not isinstance(value, kind):
        problem = "missing" if value is None else f"of type {type(value).__name__}"
        raise RequestError(
            f'"{name}" of the request is {problem}; it has to be of type {kind.__name__}.',
            details={"field": name},
        )
    return value


def _count(fields: Mapping[str, Any], name: str) -> int:
    value = _get(fields, name, int)
    # In Python True is an int as well.
    if isinstance(value, bool) or value < 0:
        raise RequestError(f'"{name}" of the request is not a count.', details={"field": name})
    return value
