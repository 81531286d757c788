"""Write values as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from .yaml_tree import Node

_PLAIN = re.compile(r"[A-Za-z0-9](?:[^\s:#]|[ ](?![#])|:(?=\S)|#)*(?<![ :])")
_FLOW_SIGNS = frozenset(",[]{}")


def inline_yaml(value: str | bool | Sequence[str], *, flow: bool) -> str:
    """A scalar, or a list in flow style.

    :param flow: whether it is inside a list or object in flow style.
    """
    if isinstance(value, str | bool):
        return written_yaml(value, "", flow=flow)
    return f"[{', '.join(written_yaml(item, '', flow=True) for item in value)}]"


def written_yaml(value: str | bool, style: str, *, flow: bool) -> str:
    """A scalar, in plain style where that reads back as the same value.

    :param style: the quote to use, ``""`` for none.
    :param flow: whether it is inside a list or object in flow style.
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
    """Whether a plain scalar stays a string: other readers make numbers and dates of some."""
    return bool(re.match(r"[A-Za-z]", value)) and isinstance(
        Node("scalar", 0, 0, text=value).value(), str
    )
