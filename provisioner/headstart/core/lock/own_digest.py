"""The digest that a record in a notebook has of itself, to tell whether it was changed.

It shows accidents: a merge, an edit by hand, half a file. It is no protection: who changes a record
on purpose can write a new digest as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["DIGEST", "is_intact", "with_digest"]

DIGEST = "digest"
"""The field that has it."""


def with_digest(fields: Mapping[str, Any], text: str = "") -> dict[str, Any]:
    """The fields with their digest, which covers a text too."""
    return {**fields, DIGEST: _digest(fields, text)}


def is_intact(fields: Mapping[str, Any], text: str = "") -> bool | None:
    """Whether the fields are as `with_digest` gave them; None if they have no digest."""
    recorded = fields.get(DIGEST)
    if not recorded:
        return None
    # With fields that only later versions know: else each would call the other's records changed.
    rest = {name: value for name, value in fields.items() if name != DIGEST}
    return bool(recorded == _digest(rest, text))


def _digest(fields: Mapping[str, Any], text: str) -> str:
    serialised = json.dumps([fields, text], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(serialised.encode("utf-8")).hexdigest()
