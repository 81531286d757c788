"""Write values as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from .yaml_tree import Node

_PLAIN = re.compile(r"[A-Za-z0-9](?:[^\s:#]|[ ](?![#])|:(?=\S)|#)*(?<![ :])")
_FLOW_SIGNS = frozenset(",[]{}")


def inline_yaml(value: str | bool | Sequence[str], *, flow: bool) -> str:
    """A scalar, or a list between brackets.

    :param flow: does it stand between brackets itself?
    """
    if isinstance(value, str | bool):
        return written_yaml(value, "", flow=flow)
    return f"[{', '.join(written_yaml(item, '', flow=True) for item in value)}]"


def written_yaml(value: str | bool, style: str, *, flow: bool) -> str:
    """A scalar, as plain text where that says the same.

    :param style: the quote that it shall have, ``""`` for none.
    :param flow: does it stand between brackets?
    """
    if isinstance(value, bool):
        return str(value).lower()
    if style == "'" and value.isprintable():
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    is_plain = _PLAIN.fullmatch(value) and value.isprintable() and not style
    if is_plain and not (flow and _FLOW_SIGNS & set(value)) and _reads_as_text(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _reads_as_text(value: str) -> bool:
    """Whether YAML leaves plain text as it is: other readers make numbers and dates of some."""
    return bool(re.match(r"[A-Za-z]", value)) and isinstance(
        Node("scalar", 0, 0, text=value).value(), str
    )
