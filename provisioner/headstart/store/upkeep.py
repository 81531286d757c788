"""The store's upkeep: its contents, its users, what is kept, and removal."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.store.manifest import EnvironmentKind
from . import trash
from .disk.file_locks import FileLock, try_lock
from .disk.os_errors import explained
from .disk.trees import delete_tree, names_in, replace_text
from .gc import removal, users
from .gc.users import NotebookUse, User
from .host_layout import HostLayout
from .layout import NAME, Layout

if TYPE_CHECKING:
    from ..core.store.accounting import Share
    from ..core.store.retention import Item
    from .gc.inventory import Inventory


class Upkeep:
    """All work on a store but to look up, build and verify environments.

    Raises as `Store` does. A store that does not exist is empty.

    :param root: the store's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._host_layout = HostLayout(root)

    # -- contents ------------------------------------------------------------------------------

    def inventory(self, unread_since: float = 0.0) -> Inventory:
        """All that could be removed; see `take_inventory`. Takes 17 s for a million files."""
        # Here and below: a kernel start only records its user, and must not pay for more.
        from .gc.inventory import Inventory, take_inventory

        with self._looking() as layout:
            if layout is None:
                return Inventory((), (), 0)
            return take_inventory(layout, unread_since, _kept(layout))

    def shares(self) -> list[Share]:
        """Who holds how much. Takes 17 s for a million files."""
        from .gc.disk_usage import measure

        with self._looking() as layout:
            return measure(layout) if layout else []

    def leftovers(self) -> list[str]:
        """What `Store.remove_leftovers` would remove."""
        with self._looking() as layout:
            return list(removal.remove_leftovers(layout, act=False)) if layout else []

    # -- users ---------------------------------------------------------------------------------

    def record_user(self, user: User) -> None:
        """Remember a kernel that was started, and the notebook that it was started for."""
        with self._making() as layout:
            users.record_user(layout, user)

    def forget_user(self, user: User) -> None:
        """The kernel has ended."""
        with self._looking() as layout:
            if layout:
                users.forget_user(layout, user)

    def note_notebook(self, key: str, notebook: str) -> None:
        """Remember that a notebook asked for an environment."""
        with self._making() as layout:
            users.note_notebook(layout, key, notebook)

    def users(self) -> list[User]:
        """The kernels that run; records of dead ones are removed."""
        with self._looking() as layout:
            return list(users.list_users(layout)) if layout else []

    def notebooks(self, key: str) -> list[NotebookUse]:
        """The notebooks that asked for an environment, the last one first."""
        with self._looking() as layout:
            return users.list_notebooks(layout, key) if layout else []

    # -- environments that are kept ------------------------------------------------------------

    def keep(self, key: str) -> None:
        """Keep an environment or a layer from being pruned, until `unkeep`."""
        with self._making() as layout:
            layout.kept.mkdir(mode=0o700, exist_ok=True)
            if not os.path.lexists(layout.kept_mark(key)):
                layout.kept_mark(key).touch(mode=0o600)

    def unkeep(self, key: str) -> None:
        """Treat an environment as any other again."""
        with self._looking() as layout:
            if layout:
                delete_tree(layout.kept_mark(key))

    def kept(self) -> frozenset[str]:
        """The keys that are kept; there need not be an environment."""
        with self._looking() as layout:
            return _kept(layout) if layout else frozenset()

    # -- removal -------------------------------------------------------------------------------

    def remove(self, item: Item) -> bool:
        """Remove an item unless it is in use by now; True if it does not exist any more.

        What uv's cache holds is uv's to remove; it stays.
        """
        from ..core.store.retention import ItemKind

        with self._making() as layout:
            match item.kind:
                case ItemKind.DOWNLOAD:
                    return False
                case ItemKind.LOCK:
                    delete_tree(layout.remembered(item.key))
                case ItemKind.WHEEL:
                    # Renamed first: a build that links from it finds all of it, or nothing.
                    discarded = trash.discard(layout, layout.wheels / item.key)
                    if discarded is not None:
                        delete_tree(discarded)
                case kind:
                    return removal.remove(layout, EnvironmentKind(kind.value), item.key)
            return True

    def tidy(self) -> None:
        """Forget kernels that are dead, and the notebooks of environments that were removed."""
        with self._looking() as layout:
            if layout:
                users.remove_dead_users(layout)
                users.forget_notebooks(layout)

    def is_due(self, interval: float) -> bool:
        """Whether the store was not pruned for that many seconds."""
        with self._looking() as layout:
            if layout is None:
                return False
            try:
                stat_result = os.stat(layout.pruned, follow_symlinks=False)
                # `abs`: a clock that was set back must not put off the next pruning.
                return abs(time.time() - stat_result.st_mtime) >= interval
            except FileNotFoundError:
                return True

    def take_turn(self) -> FileLock | None:
        """The lock for pruning the store; None while another process prunes."""
        with self._making() as layout:
            lock = try_lock(layout.version / "prune.lock")
            if lock is not None:
                # Before the work: else a prune that fails would be tried again after each build.
                _touch(layout.pruned)
            return lock

    def note_pruned(self, outcome: str) -> None:
        """Write the outcome of pruning into the file ``pruned``, for people to read."""
        with self._making() as layout:
            replace_text(layout.pruned, outcome + "\n")

    @contextmanager
    def _looking(self) -> Iterator[Layout | None]:
        with explained(self.root):
            layout = self._host_layout.layout
            yield layout if layout.present() else None

    @contextmanager
    def _making(self) -> Iterator[Layout]:
        with explained(self.root):
            self._host_layout.make()
            yield self._host_layout.layout


def _kept(layout: Layout) -> frozenset[str]:
    return frozenset(filter(NAME.fullmatch, names_in(layout.kept)))


def _touch(path: Path) -> None:
    """Set the modification time of a file to now; the file is made if it is missing."""
    try:
        os.utime(path, follow_symlinks=False)
    except FileNotFoundError:
        replace_text(path, "")
