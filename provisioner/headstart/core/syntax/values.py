"""What can be written into a text in place of an old value."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

__all__ = ["REMOVE", "Remove", "Value"]


class Remove(Enum):
    """The type of `REMOVE`."""

    REMOVE = "remove"


REMOVE: Final = Remove.REMOVE
"""In place of a value: the key is removed. No value of TOML, YAML or JSON is mistaken for it."""

Value = str | bool | Sequence[str]
