"""Make text of strangers safe to show: without characters that control a terminal or a page."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["printable", "printable_json"]

# Characters that move the cursor, colour, type or ring (C0, C1, DEL); that reverse or hide text
# (bidirectional controls, zero-width characters, tags); that no output can encode (surrogates).
# Two zero-width characters join emoji and letters of some scripts: next to ASCII they only hide.
# Compiled where it is used: every kernel start imports this module, and few show anything.
_COMMANDS = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
    "|\r(?!\n)|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)


def printable(text: str) -> str:
    r"""The text, with each such character written as in Python: ``\x1b``, ``\u202e``.

    Line ends and tabs stay, as do letters of all scripts and emoji.
    """
    return re.sub(_COMMANDS, _written, text)


def printable_json(value: Any) -> Any:
    """A JSON value with all its texts made `printable`, except names of fields: they are ours."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: printable_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable_json(item) for item in value]
    return value


def _written(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode("ascii")
