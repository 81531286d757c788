"""Hints for a text that is not a requirement."""

from __future__ import annotations

import re

from ..messages import shown
from .lines import ITEM, split_requirements
from .tokens import EXAMPLES, NAME, OPERATOR

__all__ = ["hint_for"]

_COMMA = 'Write a comma between two bounds: "pandas>=2,<3".'


def hint_for(text: str) -> tuple[str, str]:
    """What to write instead of a text that is not a requirement.

    :return: a hint that quotes the text, and one that does not, for files that may contain secrets.
    """
    if re.match(OPERATOR, text):
        return _COMMA, _COMMA
    single = re.match(rf"({NAME})\s*=\s*([A-Za-z0-9][\w.*]*)\s*$", text)
    spaced = re.match(rf"({NAME})\s+v?(\d[\w.*]*)\s*$", text)
    for match in filter(None, (single, spaced)):
        hint = f'For exactly that version write "{match[1]}=={match[2]}".'
        return hint, 'For exactly one version write "package==version".'
    bounds = re.findall(rf"{OPERATOR}\s*[A-Za-z0-9][\w.*]*", text)
    name = re.match(NAME, text)
    if name and len(bounds) > 1 and ";" not in text:
        return f'Write a comma between the bounds: "{name[0]}{",".join(bounds)}".', _COMMA
    if re.search(r"\s--?[A-Za-z]", text):
        options = "Of options only --hash is read, in a requirements file or a string like one."
        return options, options
    words = [item.text for item in split_requirements(text)]
    if 1 < len(words) <= 5 and ";" not in text and all(map(ITEM.fullmatch, words)):
        each = "Name each package in an item of its own"
        if "@" in text:  # a password before it would be split, and not be redacted
            return f"{each}.", f"{each}."
        return f"{each}: {', '.join(map(shown, words))}.", f"{each}."
    return EXAMPLES, EXAMPLES
