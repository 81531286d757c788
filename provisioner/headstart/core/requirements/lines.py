"""Split a text into requirements: a string of the metadata, or a requirements file.

Most headers have a list, and do not need this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .tokens import NAME, OPERATOR, Written

__all__ = ["ITEM", "logical_lines", "split_requirements", "written_on"]

MAX_ON_LINE = 300
"""Requirements on one line: as many as a field of a header may have."""

_BOUND = rf"\s*{OPERATOR}\s*[^\s,;()\[\]]+"
ITEM = re.compile(
    rf"{NAME}(?:\s*\[[^\[\]]*\])?"
    rf"(?:\s*@\s*\S+|\s*\([^()]*\)|{_BOUND}(?:\s*,{_BOUND})*)?(?=[\s,]|$)"
)
_VERSION_ALONE = re.compile(r"v?\d+(?:\.[\w*]+)*")
_CHUNK = re.compile(r"[^\s,]+")
_SEPARATOR = re.compile(r"[\s,]*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HASH_OPTION = re.compile(r"(?:^|\s)--hash(?:=|[ \t]+)")
_HASH_ITEM = re.compile(r"--hash(?:=|[ \t]+)([^\s,]*)")


def split_requirements(text: str) -> Iterator[Written]:
    """Requirements of a string in which spaces, commas or line breaks separate them.

    A comma inside a version range or between extras is not a separator, nor are spaces around
    operators. A marker (after ``;``) extends to the end of its line, or to its hashes. ``#`` begins
    a comment; a backslash at its end continues a line in the next.
    """
    for number, line in logical_lines(text):
        head, semicolon, marker = line.partition(";")
        items = _items(head)
        if semicolon:
            last, hashes = items.pop() if items else ("", [])
            marker, *marker_hashes = _HASH_OPTION.split(marker)
            items.append((f"{last};{marker}", [*hashes, *marker_hashes]))
        for item, hashes in items:
            yield Written(number, item.strip(), tuple(map(str.strip, hashes)))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a requirements file that are not empty, without comments.

    Yields the 1-based number of each; of lines joined by backslashes, that of the first.
    """
    first, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not line and not parts:
            continue
        content = _COMMENT.sub("", line) if "#" in line else line
        first = first if parts else number
        parts.append(content.removesuffix("\\"))
        if not content.endswith("\\"):
            yield from _joined(first, parts)
            parts = []
    yield from _joined(first, parts)


def _joined(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    line = "".join(parts).strip()
    if line:
        yield number, line


def written_on(number: int, line: str) -> Written:
    """The requirement on a line of a requirements file, which has exactly one."""
    text, *hashes = _HASH_OPTION.split(line)
    return Written(number, text.strip(), tuple(map(str.strip, hashes)))


def _items(text: str) -> list[tuple[str, list[str]]]:
    """The requirements of a line without a marker, each with its hashes.

    Stops after one more than the limit, which is enough to refuse the line.
    """
    items: list[tuple[str, list[str]]] = []
    position = _SEPARATOR.match(text).end()  # type: ignore[union-attr]  # it matches nothing too
    while position < len(text) and len(items) <= MAX_ON_LINE:
        option = _HASH_ITEM.match(text, position) if items else None
        match = option or ITEM.match(text, position) or _CHUNK.match(text, position)
        if match is None:
            break
        if option:
            items[-1][1].append(option[1])
        elif items and _VERSION_ALONE.fullmatch(match[0]) and re.fullmatch(NAME, items[-1][0]):
            # "numpy 2.0" is one package without an operator, not two: the error says so.
            items[-1] = (f"{items[-1][0]} {match[0]}", [])
        else:
            items.append((match[0], []))
        position = _SEPARATOR.match(text, match.end()).end()  # type: ignore[union-attr]  # as above
    return items
