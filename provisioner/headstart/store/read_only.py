"""Read-only access to stores: nothing in them is changed, not even what is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..core.store.manifest import Environment, EnvironmentKind
from ..errors import StoreError
from .store import Store
from .verify.compare import Problem

__all__ = ["ReadStore", "stores_of"]


class ReadStore(Store):
    """Reads other stores, and changes nothing in them.

    What has to be remembered meanwhile goes into a folder of its own; nothing can be leased here.

    :param scratch: that folder.
    :param stores: in the order of precedence.
    """

    def __init__(self, scratch: Path, stores: Sequence[Store]) -> None:
        super().__init__(scratch)
        self._stores = stores

    def look(self, kind: EnvironmentKind, key: str) -> Environment | None:
        """See `Store.look`."""
        for store in self._stores:
            environment = store.look(kind, key)
            if environment is not None:
                return environment
        return None

    def examine(self, kind: EnvironmentKind, key: str) -> list[Problem] | None:
        """See `Store.examine`. One that is in order counts before one that is not."""
        results = [store.examine(kind, key) for store in self._stores]
        existing = [problems for problems in results if problems is not None]
        return min(existing, key=len, default=None)

    def recall_lock(self, digest: str) -> str | None:
        """See `Store.recall_lock`."""
        for store in self._stores:
            with suppress(StoreError):
                if (text := store.read_lock(digest)) is not None:
                    return text
        return super().recall_lock(digest)

    def wheel_metadata(self, name: str, sha256: str) -> str | None:
        """See `Store.wheel_metadata`."""
        texts = (store.wheel_metadata(name, sha256) for store in self._stores)
        return next((text for text in texts if text is not None), None)


def stores_of(root: Path, system: Path | None) -> list[Store]:
    """The stores that a kernel uses, in their order of precedence. Touches no file."""
    return [Store(path) for path in dict.fromkeys(filter(None, (system, root)))]
