"""The lines of a code cell that are data: in a string, or in a shell command's here-document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

__all__ = ["hidden_lines"]

# A shell command or a line magic: quotes mean nothing there, and a backslash continues the line.
# Possessive quantifiers ("*+") never backtrack: the time is linear, whatever the cell contains.
_SHELL = r"\n(?:[\w.,\[\] \t]++=)?[ \t]*+(?:!(?!=)|%[A-Za-z%])"
_DOUBLE = r'"""[^"\\]*+(?:(?:\\.?|"(?!""))[^"\\]*+)*+(?:""")?|"[^"\\\n]*+(?:\\.?[^"\\\n]*+)*+"?'
_SINGLE = _DOUBLE.replace('"', "'")
_TOKEN = re.compile(
    rf"(?:[^\"'#\n]++|#[^\n]*+|(?!{_SHELL})\n)*+"
    rf"(?:(?P<shell>{_SHELL}(?:[^\\\n]|\\.?)*+)|(?P<string>{_DOUBLE}|{_SINGLE}))",
    re.DOTALL,
)
_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1")


def hidden_lines(lines: Sequence[str], until: int) -> set[int]:
    """The 0-based numbers of the lines that begin in a string or a here-document.

    For cells of Python, with IPython's magics and shell commands. Takes linear time.

    :param until: the last line of interest, 0-based; the rest of a long cell is not scanned.
    """
    text = "\n".join(["", *lines])
    hidden: set[int] = set()
    starts = list(accumulate(len(line) + 1 for line in lines))
    last = {line.strip(): number for number, line in enumerate(lines)}
    at, number = 0, -1
    while number < until and (token := _TOKEN.match(text, at)):
        kind = token.lastgroup or ""
        number += text.count("\n", at, token.start(kind))
        first = number + 1
        number += token[kind].count("\n")
        at = token.end()
        if kind == "string":
            hidden.update(range(first, number + 1))
            continue
        here = _HERE_DOCUMENT.search(token[kind])
        if here and last.get(here[2], -1) > number:
            first = number + 1
            number = next(n for n in range(first, len(lines)) if lines[n].strip() == here[2])
            hidden.update(range(first, number + 1))
            at = starts[number]
    return hidden
