"""Put an edited header back where it stands, and leave all other lines as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import HeaderError
from ..notebook.model import FoundHeader, HeaderPlace, Notebook
from .rewrite import replace_lines

__all__ = ["HeaderEdit", "with_text"]


@dataclass(frozen=True, slots=True)
class HeaderEdit:
    """A change to a notebook, for whoever holds it open.

    In a cell, or in the front matter of one: ``source`` is the new source of the cell with the
    0-based index ``cell``. In the metadata: ``fields`` is the new value under ``headstart``; None
    if the key is not to be made. In a text notebook: ``text`` is that of the whole file.
    """

    place: HeaderPlace
    cell: int | None = None
    source: str | None = None
    fields: Mapping[str, Any] | None = field(default=None, hash=False)
    text: str | None = None


def with_text(notebook: Notebook, found: FoundHeader, text: str) -> HeaderEdit:
    """The edit that gives a header, which does not stand in metadata, another text.

    :param notebook: in which it was found.
    :param text: TOML or YAML, as `FoundHeader.text` is.
    :raises HeaderError: if the header stands in the notebook's metadata.
    """
    if found.cell is not None:
        before = next(cell.source for cell in notebook.cells if cell.position == found.cell)
        return HeaderEdit(found.place, cell=found.cell, source=replace_lines(before, found, text))
    if notebook.text is None:
        raise HeaderError("The header stands in the notebook's metadata, which has no text.")
    return HeaderEdit(found.place, text=replace_lines(notebook.text, found, text))
