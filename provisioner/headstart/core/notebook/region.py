"""Ranges of lines of a notebook that may contain a PEP 723 block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...error_facts import SourceLocation
from ...errors import HeaderError
from ..messages import shown
from ..redact import redact_value


class Region(NamedTuple):
    """Lines that may contain a block.

    ``cell`` is the 0-based index of their cell, None in a text notebook; ``first`` the 0-based
    line, in the cell or in the file, at which they begin. In a region that is not ``commented``
    the comment signs are removed already. In ``code``, lines of a string or a here-document are no
    block.
    """

    lines: Sequence[str]
    cell: int | None = None
    first: int = 0
    commented: bool = True
    code: bool = False

    def at(self, number: int, text: str = "") -> SourceLocation:
        """The location of a line.

        :param number: 0-based, in the region.
        :param text: the text of the line.
        """
        return SourceLocation(
            self.cell, self.first + number + 1, redact_value(text) if text else ""
        )

    def error(self, number: int, text: str, problem: str, hint: str) -> HeaderError:
        """The error of a line. It quotes ``text``, unless it is empty and ``problem`` has no colon.

        :param number: 0-based, in the region.
        """
        if text or problem.endswith(":"):
            problem = f"{problem} {shown(text)}."
        return HeaderError.at(self.at(number, text), problem, hint)
