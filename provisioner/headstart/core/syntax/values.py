"""The values that an edit of a text can write."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

__all__ = ["REMOVE", "Remove", "Value"]


class Remove(Enum):
    """The type of `REMOVE`."""

    REMOVE = "remove"


REMOVE: Final = Remove.REMOVE
"""Instead of a value: remove the key. Not None, which is JSON's null."""

Value = str | bool | Sequence[str]
