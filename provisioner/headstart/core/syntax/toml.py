"""Reading TOML that a stranger wrote: bounded time, and one kind of error."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MAX_KEY_PARTS = 64
"""Parts that a dotted key may have. tomllib takes quadratic time over them: 20,000 take 6.5 s."""

_QUOTE = re.compile("[\"']")
_DOT_AFTER_BARE = re.compile(r"[A-Za-z0-9_-][ \t]*\.")
_AT_LINE = r" \(at line (\d+), column \d+\)$"


class TomlProblem(Exception):
    """Why a text is not TOML. ``line`` is 1-based, 0 if it is not known."""

    def __init__(self, reason: str, line: int = 0):
        super().__init__(reason)
        self.reason = reason
        self.line = line


def load_toml(text: str) -> dict[str, Any]:
    """The document that ``text`` holds.

    :raises TomlProblem: if it is not TOML, or is TOML that nobody writes.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > 2 * MAX_KEY_PARTS and _longest_key(line) > MAX_KEY_PARTS:
            raise TomlProblem(f"A key has more than {MAX_KEY_PARTS} parts", number)
    try:
        text.encode("utf-8")
        return tomllib.loads(text)
    except RecursionError:
        raise TomlProblem("Its values are nested too deeply") from None
    except UnicodeEncodeError as error:
        line_number = text.count("\n", 0, error.start) + 1
        raise TomlProblem("Half of a surrogate pair is not a character", line_number) from None
    except ValueError as error:
        raise _problem(text, str(error)) from None


def _longest_key(line: str) -> int:
    """An upper bound for the parts of a dotted key in the line.

    Between the quotes of a line, the dots of a key stand behind a bare part, or between two
    quoted ones; text in strings may be counted too, which only matters for very long lines.
    """
    longest = between = 0
    for segment in _QUOTE.split(line):
        stripped = segment.strip()
        dots = len(_DOT_AFTER_BARE.findall(segment)) + stripped.startswith(".")
        longest = max(longest, dots)
        if stripped.startswith(".") and stripped.endswith("."):
            between += dots
    return max(longest, between + 2)


def _problem(text: str, message: str) -> TomlProblem:
    at = re.search(_AT_LINE, message)
    if at:
        return TomlProblem(_discreet(message[: at.start()]), int(at[1]))
    if message.endswith(" (at end of document)"):
        return TomlProblem("It ends too early", max(1, text.count("\n")))
    return TomlProblem("A number or a date in it is out of range")


def _discreet(message: str) -> str:
    """What tomllib says, without what it quotes: the text may be a file that is no TOML at all."""
    if re.search("twice|namespace|Duplicate", message):
        return "A name stands there a second time"
    if re.search("character ['\"]", message):
        return "A character stands there that may not"
    return "It is not TOML" if re.search(r"['\"]\w", message) else message
