"""Format text from a notebook, and sizes, for messages."""

from __future__ import annotations

from .redact import redact_value

SHOWN = 80
"""Most characters of a notebook's text in a message."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def shown(text: str) -> str:
    """``text`` in quotes, fit for a message: one line, short, printable, without secrets."""
    text = redact_value(text)  # before it is cut, or half of a URL might not be recognised
    if len(text) > SHOWN:
        text = text[: SHOWN - 1] + "…"
    quote = "'" if '"' in text else '"'
    return quote + "".join(map(_printable, text)) + quote


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def kind_of(value: object) -> str:
    """What a TOML or JSON value is, in words. Without its content, which may be huge."""
    if isinstance(value, bool):  # before the types: a bool is an int in Python
        return "true" if value else "false"
    names: tuple[tuple[type, str], ...] = (
        (str, "a string"),
        (int, "a whole number"),
        (float, "a number"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "another kind of value")


def size_of(size: int) -> str:
    """Bytes, for people: ``12.3 MB``. Powers of 1000, as disks are sold and files are listed."""
    value = float(size)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.1f} {unit}"
