"""Find lines that people read as the first or last line of a header, and PEP 723 does not.

Only in notebooks without a block, or with one that has no end: a start with a block pays nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ...errors import HeaderError
from .code_lines import hidden_lines
from .region import Region

__all__ = ["nearly_closing", "nearly_opened"]

_LONGEST = 80
"""Characters of the longest such line."""

_WITHIN = 50
"""Lines below the first one that are searched for a field of a header."""

_OPENING = re.compile(r"#{0,3} ?/{2,4} ?script(?:[ :/]*| ?#.*)")
_CLOSING = re.compile(r"#{0,3} ?/{2,4}")
_FIELD = re.compile(r"[#\s]*+(?:(?:dependencies|requires-python)\s*=|\[+\s*tool\s*\.)")


def nearly_opened(region: Region) -> HeaderError | None:
    """The error of a line that was meant to begin a header.

    Only if fields of a header follow: ``# /// Script`` in prose must not stop a notebook.
    """
    numbers = [n for n, line in enumerate(region.lines) if _OPENING.fullmatch(_as_seen(line))]
    hidden = hidden_lines(region.lines, numbers[-1]) if numbers else frozenset[int]()
    for number in numbers:
        below = region.lines[number + 1 : number + 1 + _WITHIN]
        until = next((n for n, line in enumerate(below) if not line.strip()), len(below))
        if number not in hidden and any(map(_FIELD.match, below[:until])):
            line = region.lines[number]
            problem = f"The line looks like the beginning of a header, and is none: {_why(line)}:"
            hint = 'It must be exactly "# /// script", with nothing before and nothing after it.'
            return region.error(number, line, problem, hint)
    return None


def nearly_closing(lines: Sequence[str], first: int, until: int) -> int:
    """The number of the first line in ``lines[first:until]`` that was meant to end a header.

    -1 if there is none.
    """
    numbers = range(first, min(until, len(lines)))
    return next((n for n in numbers if _CLOSING.fullmatch(_as_seen(lines[n]))), -1)


def _as_seen(line: str) -> str:
    """A line as people see it: compatible characters as the plain one, invisible ones removed."""
    if len(line) > _LONGEST or not ("/" in line or "\uff0f" in line):
        return ""
    if not line.isascii():
        line = unicodedata.normalize("NFKC", line)
        # Cf: zero-width spaces, soft hyphens and marks of direction.
        line = "".join(sign for sign in line if unicodedata.category(sign) != "Cf")
    return " ".join(line.split()).lower()


def _why(line: str) -> str:
    """What is wrong with a line that was meant to be ``# /// script``."""
    odd = next((sign for sign in line if not " " <= sign <= "~" and sign != "\t"), "")
    if odd:
        return f"it has the character U+{ord(odd):04X}"
    if line[:1].isspace():
        return "it is indented"
    if "#" in line.lstrip("#"):
        return "a comment follows it"
    return "it has capital letters" if line.lower() != line else "its signs are not right"
