"""What the command line prints: values and errors as JSON or for people."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from ..errors import ExecutionError, HeadstartError, UvError
from ..printable import printable

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")


def print_json(value: Any) -> None:
    """One JSON value on standard output: in ASCII, which every output can show."""
    print(json.dumps(value, indent=2).replace("\x7f", r"\u007f"))


def print_text(text: str) -> None:
    """Text for people on standard output; nothing in it commands the terminal."""
    print(printable(text), flush=True)


def print_error(error: HeadstartError, as_json: bool) -> None:
    """An error, on standard output as JSON or on standard error for people."""
    if as_json:
        print_json({"error": error.to_json()})
    else:
        print(error_block(error, colour=_has_colours(sys.stderr)), file=sys.stderr)


def print_note(text: str) -> None:
    """A remark for people, on standard error."""
    print(f"note: {printable(text)}", file=sys.stderr)


def error_block(error: HeadstartError, *, colour: bool = False) -> str:
    """An error for people: the message, the traceback or log where that helps, and the hint."""
    red, bold, plain = ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") if colour else ("", "", "")
    lines = [f"{red}error:{plain} {printable(error.message)}"]
    lines += [f"  {line}".rstrip() for line in _output_of(error, colour).strip().splitlines()]
    if error.hint:
        lines.append(f"{bold}hint:{plain} {printable(error.hint)}")
    return "\n".join(lines)


def _output_of(error: HeadstartError, colour: bool) -> str:
    """The traceback of a cell; the log of uv, if there is no diagnosis of it."""
    if isinstance(error, UvError):
        return printable(error.log or "")
    if isinstance(error, ExecutionError):
        traceback = error.traceback or ""
        # A cell's text is untrusted: of its escape sequences only colours reach the terminal.
        parts = _COLOUR.split(traceback) if colour else [_ANSI.sub("", traceback)]
        return "".join(part if _COLOUR.fullmatch(part) else printable(part) for part in parts)
    return ""


def date_of(seconds: float) -> str:
    """A time since the epoch, for people, in local time; ``""`` if it is unknown, which is 0."""
    moment = moment_of(seconds)
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def moment_of(seconds: float) -> datetime | None:
    """A time since the epoch; None if it is unknown."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def table(rows: Iterable[Sequence[str]], *, right: Iterable[int] = (), indent: str = "") -> str:
    """Rows of text in aligned columns; those with the positions ``right`` are flush right."""
    rows, flush = [[printable(cell) for cell in row] for row in rows], frozenset(right)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        indent
        + "  ".join(
            cell.rjust(width) if number in flush else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _has_colours(stream: TextIO) -> bool:
    # An empty NO_COLOR does not count (no-color.org).
    return stream.isatty() and not os.environ.get("NO_COLOR")
