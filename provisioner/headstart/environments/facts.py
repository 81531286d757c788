"""Small facts that are kept in the store, so that a warm start need not find them out again."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..errors import DiskFull, StoreError
from ..store.store import Store

__all__ = ["digest_of", "recall", "remember"]


def digest_of(*parts: Any) -> str:
    """SHA-256 over JSON values, as 64 hex digits."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def recall(store: Store, digest: str) -> dict[str, Any] | None:
    """The JSON object that was remembered for a digest, or None."""
    try:
        value = json.loads(store.recall_lock(digest) or "null")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def remember(store: Store, digest: str, value: dict[str, Any]) -> None:
    """Remember a JSON object, if the store can be written: it only saves time."""
    try:
        store.remember_lock(digest, json.dumps(value))
    except (StoreError, DiskFull):
        pass
