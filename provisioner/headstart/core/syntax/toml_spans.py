"""The spans of keys, values and items in a TOML text.

For texts that `load_toml` has accepted: errors are not detected here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .lists import Item, next_line

__all__ = [
    "Path",
    "Statement",
    "Table",
    "array_items",
    "inline_items",
    "key_parts",
    "parts",
    "statements",
]

_PART = r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
_KEY = re.compile(rf"(?:{_PART})(?:[ \t]*\.[ \t]*(?:{_PART}))*")
_KEY_PART = re.compile(_PART)
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_TABLE = re.compile(rf"(\[\[?)[ \t]*({_KEY.pattern})[ \t]*\]\]?")
# A multi-line string may end with up to two quotes of its own before the three: "{3,5}".
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{},\n]"
    r"|[^\s\"'#\[\]{},]+"
    r"|[ \t\r]+",
    re.DOTALL,
)
_SPACE = " \t\r\n#"

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The line ``[path]`` of a table: from ``start`` to ``end``, the start of the next line."""

    path: Path
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A key and its value.

    ``path`` is the full one, ``table`` that of the table it is in, ``written`` the key's text. It
    begins at ``start``, its value is at ``value`` to ``value_end``; at ``end`` the next line
    begins.
    """

    path: Path
    table: Path
    written: str
    start: int
    value: int
    value_end: int
    end: int

    def prefix(self, length: int) -> str:
        """The first parts of its key, with the dot after them, as they are written."""
        ends = [part.end() for part in _KEY_PART.finditer(self.written)]
        return f"{self.written[: ends[length - 1]]}." if length else ""


def statements(text: str) -> Iterator[Statement]:
    """The keys and values of a document, outside of inline tables."""
    return (part for part in parts(text) if isinstance(part, Statement))


def parts(text: str) -> Iterator[Statement | Table]:
    """The keys and values of a document, and the lines of its tables."""
    table: Path = ()
    at = _end(_BLANK, text, 0)
    while at < len(text):
        if head := _TABLE.match(text, at):
            table, end = _path(head[2]), next_line(text, head.end())
            yield Table(table, at, end)
        elif key := _KEY.match(text, at):
            value = _end(_EQUALS, text, key.end())
            value_end = _value_end(text, value)
            end = next_line(text, value_end)
            yield Statement((*table, *_path(key[0])), table, key[0], at, value, value_end, end)
        else:
            return
        at = _end(_BLANK, text, end)


def array_items(text: str, start: int) -> list[Item]:
    """The items of the array that begins at ``start``."""
    items = inline_items(text, start)
    return [replace(item, value=tomllib.loads(f"x = {item.value}")["x"]) for item in items]


def inline_items(text: str, start: int = 0) -> list[Item]:
    """The items of an array, or the members of an inline table, each as it is written."""
    items: list[Item] = []
    depth, begin, end = 0, -1, -1
    for token in _TOKEN.finditer(text, start):
        mark = token[0]
        closes = mark in "]}" and depth == 1
        if depth == 1 and (mark == "," or closes):
            if begin >= 0:
                items.append(Item(begin, end, text[begin:end], -1 if closes else token.start()))
            begin = -1
        elif depth >= 1 and mark[0] not in _SPACE:
            begin, end = (token.start() if begin < 0 else begin), token.end()
        depth += (mark in "[{") - (mark in "]}")
        if depth == 0:
            break
    return items


def key_parts(member: str) -> tuple[Path, int]:
    """The key of a member of an inline table, and where its value begins."""
    key = _KEY.match(member)
    end = key.end() if key else 0
    return _path(member[:end]), _end(_EQUALS, member, end)


def _value_end(text: str, start: int) -> int:
    """Where the value that begins at ``start`` ends."""
    depth, end = 0, start
    for token in _TOKEN.finditer(text, start):
        mark = token[0]
        if depth == 0 and (mark == "\n" or mark[0] == "#"):
            break
        if mark[0] not in _SPACE:
            end = token.end()
        depth += (mark in "[{") - (mark in "]}")
    return end


def _path(key: str) -> Path:
    return tuple(
        next(iter(tomllib.loads(f"{part} = 0"))) if part[0] in "\"'" else part
        for part in _KEY_PART.findall(key)
    )


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
