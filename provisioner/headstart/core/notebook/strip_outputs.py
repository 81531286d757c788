"""Leave long strings out of a notebook's JSON before it is parsed: most of a large one is plots.

Parsing 20 MB takes 30 to 75 ms, in which no other thread runs. Each long string is replaced by a
number, token by token, so that the result has the shape of the whole: the same members, of which
the last of a name counts, and the same items, in the same order. If no such number is in the
metadata, or in the kind or source of a cell, these are exactly as in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["skimmed"]

_LONG = 4096
"""Bytes of the shortest string that is left out, and of the shortest line that is scanned."""

_MARK = 7_205_759_403_792_793
"""The number that replaces a string. If the file itself contains it where a header may be, all of
the file is parsed."""

_STRINGS = 20_000
"""Most strings in long lines that are scanned, which takes some milliseconds."""

_ESCAPED = 16
"""Most quotes in a string: one with more, which is HTML, and the rest of its line are kept."""

_BACKSLASH = ord("\\")


def skimmed(content: bytes, long: int = _LONG) -> dict[str, Any] | None:
    """The JSON of a notebook, with numbers for long strings outside of what may contain a header.

    None if it has to be parsed as a whole. Takes linear time. The strings that are left out are not
    parsed: a file that is invalid JSON only there, which Jupyter does not open, is accepted.

    :param content: the bytes of a notebook file, which may be no JSON at all.
    :param long: bytes of the shortest string that is left out.
    """
    kept, begin = [], 0
    for start, end in _long_strings(content, long):
        kept += [content[begin:start], b"%d" % _MARK]
        begin = end
    if not kept:
        return None
    try:
        document = json.loads(b"".join([*kept, content[begin:]]).decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and _is_whole(document) else None


def _is_whole(document: dict[str, Any]) -> bool:
    """Whether the metadata, and the kinds and sources of the cells, are complete."""
    cells = document.get("cells")
    if not isinstance(cells, list) or _has_mark(document.get("metadata")):
        return False
    read = ("cell_type", "source", "input")
    objects = (cell for cell in cells if isinstance(cell, dict))
    return not any(_has_mark(cell.get(name)) for cell in objects for name in read)


def _has_mark(value: object) -> bool:
    """Whether a value contains the number, at any depth."""
    stack = [value]  # a stack, for the nesting may be deeper than Python's recursion limit
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
        elif value == _MARK:
            return True
    return False


def _long_strings(content: bytes, long: int) -> Iterator[tuple[int, int]]:
    """The spans of the long strings of JSON, quotes included.

    A JSON string ends in its line, so each line begins outside of one. Short lines are skipped many
    at a time: ``rfind`` over ``long`` bytes, not one ``find`` for each.
    """
    start, strings = 0, 0
    while start < len(content):
        last = content.rfind(b"\n", start, start + long)
        if last >= 0:
            start = last + 1
            continue
        end = content.find(b"\n", start + long)
        end = end if end >= 0 else len(content)
        while (opening := content.find(b'"', start, end)) >= 0:
            closing, strings = _end_of_string(content, opening, end), strings + 1
            if strings > _STRINGS:
                return
            if closing < 0:
                break
            start = closing + 1
            if start - opening >= long:
                yield opening, start
        start = end + 1


def _end_of_string(content: bytes, opening: int, end: int) -> int:
    """The offset of the quote that closes a string; -1 after too many escaped quotes."""
    before = opening
    for _ in range(_ESCAPED + 1):
        at = content.find(b'"', before + 1, end)
        if at < 0 or content[at - 1] != _BACKSLASH:
            return at
        between = content[before + 1 : at]
        if (len(between) - len(between.rstrip(b"\\"))) % 2 == 0:
            return at
        before = at
    return -1
