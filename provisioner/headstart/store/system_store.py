"""The user's store with a system store below it, which an administrator fills and we only read."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.store.manifest import Environment, EnvironmentKind
from ..errors import StoreError
from .leases import LeasedEnvironment
from .store import Store

if TYPE_CHECKING:
    from .trash import Notice

logger = logging.getLogger(__name__)


class StoreOnSystem(Store):
    """Looks into the system store first, and does everything else in the user's own.

    Environments and layers of both may be used together. A system store that cannot be used is
    left alone, with a line in the log.

    :param root: the user's own store.
    :param system: folder of the system store; it may be missing.
    :param notice: as in `Store`.
    """

    def __init__(self, root: Path, system: Path, *, notice: Notice = lambda _text: None) -> None:
        super().__init__(root, notice=notice)
        # Any user may hold a lock on what all may read, for as long as they like: no start waits.
        self.system = Store(system, waits=False)

    def find(self, kind: EnvironmentKind, key: str) -> LeasedEnvironment | None:
        """See `Store.find`."""
        try:
            leased = self.system.find(kind, key)
        except StoreError as error:
            logger.warning("The system store is not used: %s", error)
            leased = None
        return leased or super().find(kind, key)

    def look(self, kind: EnvironmentKind, key: str) -> Environment | None:
        """See `Store.look`."""
        try:
            environment = self.system.look(kind, key)
        except StoreError:
            environment = None
        return environment or super().look(kind, key)

    def recall_lock(self, digest: str) -> str | None:
        """See `Store.recall_lock`."""
        try:
            text = self.system.recall_lock(digest)
        except StoreError:  # `find` logs it
            text = None
        return super().recall_lock(digest) if text is None else text


def open_store(root: Path, system: Path | None, *, notice: Notice = lambda _text: None) -> Store:
    """The store to use. Touches no file."""
    if system is None or system == root:
        return Store(root, notice=notice)
    return StoreOnSystem(root, system, notice=notice)
