"""Leave long strings out of a notebook's JSON before it is parsed: most of a large one is plots.

Parsing 20 MB takes 30 to 75 ms, in which nothing else in the process goes on. Each long string is
replaced by a number, token by token, so what is parsed has the shape of the whole: the same
members, of which the last of a name counts, and the same items, in the same order. If no such
number stands where a header may stand, all that stands there is as it is in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["skimmed"]

_LONG = 4096
"""Bytes of a string from which on it is left out, and of a line from which on it is looked at."""

_MARK = 7_205_759_403_792_793
"""The number that stands for a string. One that is in the file is taken for such a string: all of
the file is parsed then."""

_STRINGS = 20_000
"""So many strings in long lines are looked at, which takes some milliseconds."""

_ESCAPED = 16
"""A string with more quotes in it, and the rest of its line, is parsed as it is: it is HTML."""

_BACKSLASH = ord("\\")


def skimmed(content: bytes, long: int = _LONG) -> dict[str, Any] | None:
    """The JSON of a notebook, with other values for long strings outside of what holds a header.

    None if it has to be parsed as a whole. Takes linear time. What stands in the strings that are
    left out is not looked at: a file that is no JSON there only, and that Jupyter does not open
    therefore, is parsed.

    :param content: the bytes of a notebook file, which need be no JSON at all.
    :param long: bytes of a string from which on it is left out.
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
    """Whether nothing was left out of the metadata, and of the kinds and sources of the cells."""
    cells = document.get("cells")
    if not isinstance(cells, list) or _has_mark(document.get("metadata")):
        return False
    heeded = ("cell_type", "source", "input")
    objects = (cell for cell in cells if isinstance(cell, dict))
    return not any(_has_mark(cell.get(name)) for cell in objects for name in heeded)


def _has_mark(value: object) -> bool:
    """Whether the number stands in a value, however deep."""
    stack = [value]
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
    """Where the long strings of JSON begin and end, quotes included.

    No string of JSON goes over the end of a line: outside of one each line begins. Short lines
    are passed over many at a time, without a look at each.
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
    """Where the quote stands that closes a string; -1 if it is not found soon."""
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
