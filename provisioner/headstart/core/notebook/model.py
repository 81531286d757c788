"""Values of a notebook, and of the header in it: cells, metadata, text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from ...error_facts import SourceLocation
from ..redact import redact_value

METADATA_KEY = "headstart"
"""Key of a header in the notebook's metadata or front matter."""

DEPENDENCIES = "dependencies"
"""Field of a header that lists what to install."""

MAX_HEADER_BYTES = 64 * 1024
"""Most bytes of a header, in UTF-8."""

NON_HEADER_KEYS = frozenset({"lock", "receipt"})
"""Keys that Headstart keeps next to the fields of a header: without others they are no header."""


class HeaderPlace(StrEnum):
    """Where in a notebook its header is.

    ``REQUIREMENTS_TXT``: the notebook has none, and a ``requirements.txt`` in its folder is used.
    """

    REQUIREMENTS_TXT = "beside"
    CELL = "cell"
    FRONT_MATTER = "front-matter"
    METADATA = "metadata"
    TEXT = "text"


_WITHOUT_LINES = {
    HeaderPlace.REQUIREMENTS_TXT: "the notebook's folder",
    HeaderPlace.METADATA: "the notebook's metadata",
}


# Named tuples, for every kernel start imports this: making the class of a frozen dataclass takes
# 0.35 ms, that of a named tuple 0.1.
class Cell(NamedTuple):
    """One cell: its 0-based position, its kind (``code``, ``raw``, ``markdown``), its source."""

    position: int
    kind: str
    source: str


class Notebook(NamedTuple):
    """The parts of a notebook that may contain a header.

    ``path`` is for messages, and its suffix tells scripts from Markdown. ``text`` is the whole file
    of a text notebook, which has no ``cells``; None of any other.
    """

    cells: tuple[Cell, ...] = ()
    metadata: Mapping[str, Any] = MappingProxyType({})
    path: str = ""
    text: str | None = None


class FoundHeader(NamedTuple):
    """A header as it is written in the notebook, before it is parsed.

    ``cell`` is the 0-based index of its cell, None if it is not in a cell.

    A PEP 723 block, in a cell or in the text of a text notebook: ``text`` is its TOML without the
    comment signs, every line ended by a newline; ``line`` is the 1-based line, in the cell or in
    the file, at which ``text`` begins; ``prefix`` precedes each line there: ``""`` in a Markdown
    or raw cell that jupytext made of the comment, else ``"# "``.

    In the metadata: ``fields`` is the object under ``headstart``; a list or a string there counts
    as its dependencies. In front matter: ``fields`` too, and ``text`` is all of its YAML.
    ``key`` is the path of the object. ``warnings`` name the headers that this one hides.
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

        :param line: 1-based, in the cell or in the text notebook; ignored in the metadata.
        :param text: the text of the line or the field.
        """
        return SourceLocation(
            self.cell,
            line if self.line else None,
            redact_value(text) if text else "",
            _WITHOUT_LINES.get(self.place, ""),
        )
