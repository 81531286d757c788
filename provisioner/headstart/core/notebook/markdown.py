"""Find the code and raw cells of Markdown notebooks: jupytext's own, R Markdown, MyST, Quarto."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .region import Region

__all__ = ["code_regions"]

_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(.*)")
_MYST_CELL = re.compile(r"\{(?:code|raw)-cell\}")
_PYTHON_CELL = re.compile(r"\{?(?:i?python3?|py)\b(?!-)")
_RAW_BEGINS = re.compile(r"<!--[ \t]*#raw\b.*")
_RAW_ENDS = re.compile(r"<!--[ \t]*#endraw[ \t]*-->[ \t]*")


def code_regions(lines: Sequence[str]) -> Iterator[Region]:
    """The code and raw cells of a Markdown notebook."""
    fences = [_FENCE.match(line) for line in lines]
    is_myst = any(fence and _MYST_CELL.match(fence[2]) for fence in fences)
    number = 0
    while number < len(lines):
        fence, start = fences[number], number + 1
        if fence is not None:
            number = _end_of_fence(fence[1], fences, start)
            if _is_cell(fence[2], is_myst):
                is_code = "raw-cell" not in fence[2]
                yield Region(lines[start:number], first=start, code=is_code)
        elif not is_myst and _RAW_BEGINS.fullmatch(lines[number]):
            ends = (n for n in range(start, len(lines)) if _RAW_ENDS.fullmatch(lines[n]))
            number = next(ends, len(lines))
            yield Region(lines[start:number], first=start)
        number += 1


def _end_of_fence(opening: str, fences: Sequence[re.Match[str] | None], start: int) -> int:
    """The line of the closing fence: the same sign, as often or more, with nothing after it."""
    for number in range(start, len(fences)):
        fence = fences[number]
        if fence and not fence[2].strip() and fence[1].startswith(opening):
            return number
    return len(fences)


def _is_cell(info: str, is_myst: bool) -> bool:
    # Where there are MyST cells, a plain fence is an example in the text.
    if is_myst:
        return _MYST_CELL.match(info) is not None
    # jupytext marks code in a Markdown cell by .noeval.
    return _PYTHON_CELL.match(info) is not None and ".noeval" not in info
