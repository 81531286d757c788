"""The lines of a notebook in which a PEP 723 block may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...errors import HeaderError
from ..messages import place_line, shown
from ..redact import redact_value


class Region(NamedTuple):
    """Lines in which a block may stand.

    ``cell`` is the 0-based index of their cell, None in a text notebook; ``first`` the 0-based
    line, in the cell or in the file, at which they begin. In a region that is not ``commented``
    the comment signs have been taken off already. What stands in a string or a here-document of
    ``code`` is no block.
    """

    lines: Sequence[str]
    cell: int | None = None
    first: int = 0
    commented: bool = True
    code: bool = False


def cell_of(region: Region) -> dict[str, object]:
    """The details of an error that say in which cell the region is."""
    return {} if region.cell is None else {"cell": region.cell + 1}


def error_at(region: Region, number: int, text: str, problem: str, hint: str) -> HeaderError:
    """A `HeaderError` for a 0-based line of a region."""
    line = region.first + number + 1
    message = f"In {place_line(region.cell, line)}: {problem}"
    if text or problem.endswith(":"):
        message = f"{message} {shown(text)}."
    details = {**cell_of(region), "line": line, "text": redact_value(text)}
    return HeaderError(message, hint=hint, details=details)
