"""What is kept in the store, so that a warm start need not find it out again: facts and locks."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from ..core.lock.pylock import Lock, parse_lock
from ..errors import DiskFull, LockError, StoreError
from ..store.store import Store

__all__ = ["digest_of", "recall", "recall_lock", "remember"]


def digest_of(*parts: Any) -> str:
    """SHA-256 over JSON values, as 64 hex digits."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def recall(store: Store, digest: str) -> dict[str, Any] | None:
    """The JSON object that was remembered for a digest, or None."""
    # Locks and facts share a folder of the store: both are texts under a digest, checked alike.
    try:
        value = json.loads(store.recall_lock(digest) or "null")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def recall_lock(store: Store, digest: str) -> Lock | None:
    """The lock that was remembered for a digest, or None."""
    text = store.recall_lock(digest)
    try:
        return _parsed(text) if text is not None else None
    except LockError:
        return None


@lru_cache(maxsize=32)
def _parsed(text: str) -> Lock:
    # A lock of a hundred packages takes 5 ms to parse; a server starts it again and again.
    return parse_lock(text)


def remember(store: Store, digest: str, value: dict[str, Any]) -> None:
    """Remember a JSON object, if the store can be written: it only saves time."""
    try:
        store.remember_lock(digest, json.dumps(value))
    except (StoreError, DiskFull):
        pass
