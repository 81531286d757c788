"""What is in a store, for whoever only looks: nothing in it is changed, whatever is found."""

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
    """Looks into other stores, and changes nothing in them.

    What has to be remembered meanwhile goes into a folder of its own; nothing can be leased here.

    :param scratch: that folder.
    :param stores: the first that has something counts.
    """

    def __init__(self, scratch: Path, stores: Sequence[Store]) -> None:
        super().__init__(scratch)
        self._stores = stores

    def look(self, kind: EnvironmentKind, key: str) -> Environment | None:
        """See `Store.look`."""
        for store in self._stores:
            found = store.look(kind, key)
            if found is not None:
                return found
        return None

    def examine(self, kind: EnvironmentKind, key: str) -> list[Problem] | None:
        """See `Store.examine`. One that is in order counts before one that is not."""
        found = [store.examine(kind, key) for store in self._stores]
        there = [problems for problems in found if problems is not None]
        return min(there, key=len, default=None)

    def recall_lock(self, digest: str) -> str | None:
        """See `Store.recall_lock`."""
        for store in self._stores:
            with suppress(StoreError):
                if (text := store.read_lock(digest)) is not None:
                    return text
        return super().recall_lock(digest)

    def wheel_metadata(self, name: str, sha256: str) -> str | None:
        """See `Store.wheel_metadata`."""
        found = (store.wheel_metadata(name, sha256) for store in self._stores)
        return next((text for text in found if text is not None), None)


def stores_of(root: Path, system: Path | None) -> list[Store]:
    """The stores that a kernel looks into, in their order. Touches no file."""
    return [Store(path) for path in dict.fromkeys(filter(None, (system, root)))]
