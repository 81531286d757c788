"""Read untrusted TOML: in bounded time, with one kind of error."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MAX_KEY_PARTS = 64
"""Parts of a dotted key. tomllib takes quadratic time over them: 6.5 s for 20,000."""

_QUOTE = re.compile("[\"']")
_DOT_AFTER_BARE = re.compile(r"[A-Za-z0-9_-][ \t]*\.")
_AT_LINE = r" \(at line (\d+), column \d+\)$"


class TomlProblem(Exception):
    """Why a text is not TOML. ``line`` is 1-based, 0 if it is unknown."""

    def __init__(self, reason: str, line: int = 0):
        super().__init__(reason)
        self.reason = reason
        self.line = line


def load_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document.

    :raises TomlProblem: if it is not TOML, or beyond the limits (nesting, parts of a key, digits).
    """
    # Before tomllib: this bounds the time that it takes.
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > 2 * MAX_KEY_PARTS and _longest_key(line) > MAX_KEY_PARTS:
            raise TomlProblem(f"A key has more than {MAX_KEY_PARTS} parts", number)
    try:
        text.encode("utf-8")  # tomllib accepts half of a surrogate pair
        return tomllib.loads(text)
    except RecursionError:
        raise TomlProblem("Its values are nested too deeply") from None
    except UnicodeEncodeError as error:
        line_number = text.count("\n", 0, error.start) + 1
        raise TomlProblem("Half of a surrogate pair is not a character", line_number) from None
    except ValueError as error:  # not only TOMLDecodeError: huge integers raise a plain one
        raise _problem(text, str(error)) from None


def _longest_key(line: str) -> int:
    """An upper bound for the parts of a dotted key in the line.

    Outside of quotes, the dots of a key follow a bare part, or are between two quoted ones. Text in
    strings may be counted too, which only matters for very long lines.
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
    # tomllib has no attributes for the line before Python 3.14: it is read from the message.
    at = re.search(_AT_LINE, message)
    if at:
        return TomlProblem(_discreet(message[: at.start()]), int(at[1]))
    if message.endswith(" (at end of document)"):
        return TomlProblem("It ends too early", max(1, text.count("\n")))
    return TomlProblem("A number or a date in it is out of range")


def _discreet(message: str) -> str:
    """A message of tomllib without quotations: the text may be a secret file that is not TOML."""
    if re.search("twice|namespace|Duplicate", message):
        return "A name is defined a second time"
    if re.search("character ['\"]", message):
        return "A character is not allowed there"
    return "It is not TOML" if re.search(r"['\"]\w", message) else message
