"""Parse the JSON of a large notebook step by step, so that other threads run in between.

`json.loads` holds the GIL until it returns: 60 ms and more for a large notebook, in which a server
answers no request. Here each cell, and each of its outputs, is a call of its own, which takes no
longer in all.
"""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import Any

__all__ = ["parse_in_steps"]

_DEPTH = 4
"""The document, its cells, a cell, its outputs: what these contain is parsed in one call."""

_SPACE = re.compile(r"[ \t\n\r]*")
_BRACKETS = {"{": "}", "[": "]"}


def parse_in_steps(text: str) -> Any:
    """The value that `json.loads` returns for a text.

    :raises ValueError: if it is not JSON.
    :raises RecursionError: if it is nested too deeply.
    """
    value, end = _Steps(text).value(_skip(text, 0), _DEPTH)
    if end != len(text):
        raise ValueError(f"extra data after its end, at character {end}")
    return value


class _Steps:
    """Values of a text; each method takes the offset of one and returns that of the next token."""

    def __init__(self, text: str):
        self._text = text
        self._decode = JSONDecoder().raw_decode

    def value(self, start: int, depth: int) -> tuple[Any, int]:
        """A value, and where the next token is."""
        opening = self._text[start : start + 1]
        if depth and opening in _BRACKETS:
            return self._container(start, opening, depth)
        value, end = self._decode(self._text, start)
        return value, _skip(self._text, end)

    def _container(self, start: int, opening: str, depth: int) -> tuple[Any, int]:
        text, closing = self._text, _BRACKETS[opening]
        members: dict[str, Any] = {}
        items: list[Any] = []
        at = _skip(text, start + 1)
        if text[at : at + 1] == closing:
            return (members if opening == "{" else items), _skip(text, at + 1)
        while True:
            name = None
            if opening == "{":
                name, at = self.value(at, 0)
                if not isinstance(name, str):
                    raise ValueError(f"a name is missing at character {at}")
                at = _skip(text, self._expect(at, ":"))
            value, at = self.value(at, depth - 1)
            if name is None:
                items.append(value)
            else:
                members[name] = value  # of a duplicate name the last one counts, as in json.loads
            if text[at : at + 1] == closing:
                return (members if opening == "{" else items), _skip(text, at + 1)
            at = _skip(text, self._expect(at, ","))

    def _expect(self, at: int, token: str) -> int:
        if self._text[at : at + 1] != token:
            raise ValueError(f"{token!r} is missing at character {at}")
        return at + 1


def _skip(text: str, at: int) -> int:
    """The offset after the white space at an offset."""
    match = _SPACE.match(text, at)
    return match.end() if match else at
