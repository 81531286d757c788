"""The digest that a record in a notebook carries of itself, to tell whether anybody changed it.

It shows what went wrong by accident: a merge, an edit by hand, half a file. Whoever changes a
record on purpose can write a new digest as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["DIGEST", "is_intact", "with_digest"]

DIGEST = "digest"
"""The field in which it stands."""


def with_digest(fields: Mapping[str, Any], text: str = "") -> dict[str, Any]:
    """The fields with their digest, which is of a text too."""
    return {**fields, DIGEST: _digest(fields, text)}


def is_intact(fields: Mapping[str, Any], text: str = "") -> bool | None:
    """Whether the fields are as `with_digest` gave them; None if they have no digest.

    Fields of later versions count as well.
    """
    recorded = fields.get(DIGEST)
    if not recorded:
        return None
    rest = {name: value for name, value in fields.items() if name != DIGEST}
    return bool(recorded == _digest(rest, text))


def _digest(fields: Mapping[str, Any], text: str) -> str:
    serialised = json.dumps([fields, text], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(serialised.encode("utf-8")).hexdigest()
