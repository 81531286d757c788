"""Take the outputs out of a notebook's JSON before it is parsed: headers stand elsewhere.

Outputs make notebooks large: parsing 20 MB of them takes 50 ms, in which nothing else in the
process goes on. Jupyter writes JSON with an indent, and no string of JSON goes over the end of a
line, so an array ends at the first line that has its indent and a closing bracket.
"""

from __future__ import annotations

__all__ = ["without_outputs"]

_OUTPUTS = b'"outputs": [\n'
_CELL = b'"cell_type"'

BRACKETS = 5_000
"""So many closing brackets are looked at one by one, which is quick where they are rare."""


def without_outputs(content: bytes) -> bytes:
    """The JSON of a notebook with ``"outputs": []`` in its cells. Takes linear time.

    What is not written as Jupyter writes it is returned as it is.

    :param content: the bytes of a notebook file, which need be no JSON at all.
    """
    kept, begin, at = [], 0, 0
    while (at := content.find(_OUTPUTS, at)) >= 0:
        start = at + len(_OUTPUTS) - 1
        indent = content[content.rfind(b"\n", 0, at) + 1 : at]
        end = -1 if indent.strip(b" ") else _end_of_array(content, start, indent)
        # An indent that misleads would take cells away, with the headers in them.
        if end < 0 or content.find(_CELL, start, end) >= 0:
            return content
        kept.append(content[begin:start])
        begin = at = end
    return b"".join([*kept, content[begin:]]) if kept else content


def _end_of_array(content: bytes, start: int, indent: bytes) -> int:
    """Where the first line that has this indent and closes an array begins; -1 if none does."""
    close, at = b"\n" + indent, start
    for _ in range(BRACKETS):
        at = content.find(b"]", at + 1)
        if at < 0 or content.startswith(close, at - len(close)):
            return at - len(close) if at >= 0 else -1
    return content.find(close + b"]", at)
