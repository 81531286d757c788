"""The places of a notebook in which a header may stand, as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from ...error_facts import SourceLocation
from ..redact import redact_value

METADATA_KEY = "headstart"
"""Key of the notebook's metadata, or of its front matter, under which a header may stand."""

DEPENDENCIES = "dependencies"
"""Field of a header that says what to install."""

MAX_HEADER_BYTES = 64 * 1024
"""A header is not longer than this, in bytes of UTF-8."""

BESIDE_HEADER = frozenset({"lock", "receipt"})
"""Keys beside a header in the metadata that are none of it: alone they make no header."""


class HeaderPlace(StrEnum):
    """Where in a notebook a header stands.

    ``BESIDE``: nowhere in it; a ``requirements.txt`` in its folder stands for one.
    """

    BESIDE = "beside"
    CELL = "cell"
    FRONT_MATTER = "front-matter"
    METADATA = "metadata"
    TEXT = "text"


_WITHOUT_LINES = {
    HeaderPlace.BESIDE: "the notebook's folder",
    HeaderPlace.METADATA: "the notebook's metadata",
}


class Cell(NamedTuple):
    """One cell: its 0-based position, its kind (``code``, ``raw``, ``markdown``), its source."""

    position: int
    kind: str
    source: str


class Notebook(NamedTuple):
    """What a header can be read from.

    ``path`` is for messages; ``text`` is that of the whole file, of a text notebook, which has no
    cells here: whether it is a script or Markdown, the suffix of ``path`` says.
    """

    cells: tuple[Cell, ...] = ()
    metadata: Mapping[str, Any] = MappingProxyType({})
    path: str = ""
    text: str | None = None


class FoundHeader(NamedTuple):
    """A header as it stands in the notebook, not yet read.

    ``cell`` is the 0-based index of its cell, None if it stands in none.

    A PEP 723 block, in a cell or in the text of a text notebook: ``text`` is its TOML with the
    comment signs taken off, every line ended by a newline; ``line`` is the 1-based line, in the
    cell or in the file, at which ``text`` begins; ``prefix`` is what stands there before each line
    of it: ``""`` in a cell of which jupytext has made the comment a text, else ``"# "``.

    In the metadata: ``fields`` is the object under ``headstart``; a list or a string there counts
    as its dependencies. In front matter: ``fields`` too, and ``text`` is all of its YAML.
    ``key`` is where the object stands. ``warnings`` name the headers that this one hides.
    """

    place: HeaderPlace
    text: str = ""
    fields: Mapping[str, Any] | None = None
    cell: int | None = None
    line: int = 0
    warnings: tuple[str, ...] = ()
    prefix: str = "# "
    key: tuple[str, ...] = (METADATA_KEY,)

    def at(self, line: int, text: str = "") -> SourceLocation:
        """A location in the header.

        :param line: 1-based, in the cell or in the text notebook; not looked at if it has none.
        :param text: what the line or the field has there.
        """
        return SourceLocation(
            self.cell,
            line if self.line else None,
            redact_value(text) if text else "",
            _WITHOUT_LINES.get(self.place, ""),
        )
