"""The store: what the rest of Headstart sees of it.

What builds and removes is imported where it is used: most kernel starts only look up an
environment that exists.

The protocol, and why it is like this: an environment appears under its key only after all its
bytes and its manifest are on disk; a process that uses it holds a shared lock on its lease file,
and a removal needs the exclusive one. Correctness rests on one rename; locks only save work. An
ephemeral environment is never looked up, only used by the process that built it: it may not be on
disk.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.store.manifest import Environment, EnvironmentKind, Manifest
from ..errors import EnvironmentDamaged
from .disk.file_locks import FileLock, try_lock, wait_for_lock
from .disk.os_errors import READ_ONLY, explained
from .disk.trees import read_marked, read_text, replace_text, sealed, sync_folder, unsealed
from .host_layout import HostLayout
from .layout import Layout, random_name
from .leases import PATIENCE, Lease, LeasedEnvironment, mark_used, take_builders_lease, take_lease
from .manifests import PASSING, Touched, inspect

if TYPE_CHECKING:
    from .consents import Consents
    from .gc.inventory import StoreEntry
    from .parts.part_store import Parts
    from .publish import Filled
    from .trash import Notice
    from .verify.compare import Digests, Problem

logger = logging.getLogger(__name__)

Fill = Callable[[Path], "Manifest | Filled"]
"""Makes an environment at a path that does not exist yet, and says what it is."""


def _ignore(_seconds: float) -> None:
    pass


def _never() -> bool:
    return False


class Store:
    """One folder that holds environments, kernel layers and remembered locks.

    Nothing is written, and nothing on disk is read, before a method is called. Every method
    raises `StoreError` if the store cannot be used and `DiskFull` if there is no room left. Safe
    to use from several threads and any number of processes.

    :param root: the store's folder; it may be missing.
    :param public: what is put into it can be read by other users.
    :param waits: may `find` wait while another process removes what it looks for?
    :param notice: told in one line that an environment is damaged and has to be built again.
    """

    def __init__(
        self,
        root: Path,
        *,
        public: bool = False,
        waits: bool = True,
        notice: Notice = lambda _text: None,
    ) -> None:
        self.root = root
        self._waits = waits
        self.public = public
        self._host_layout = HostLayout(root, public=public)
        self._notice = notice

    @property
    def layout(self) -> Layout:
        """The paths of everything in the store, for the rest of this package."""
        return self._host_layout.layout

    @property
    def parts(self) -> Parts:
        """What environments are put together from: see `parts`."""
        from .parts.part_store import Parts

        return Parts(self._host_layout, self._notice)

    @property
    def consents(self) -> Consents:
        """What the user has agreed to: see `consents`."""
        from .consents import Consents

        return Consents(self._host_layout)

    @property
    def uv_cache(self) -> Path:
        """The folder of uv's cache; it may be missing."""
        return self.layout.uv_cache

    def pycache(self, kind: EnvironmentKind, key: str) -> Path:
        """Where a kernel's Python writes the bytecode that this environment lacks."""
        return self.layout.pycache(kind, key)

    def prepare(self) -> None:
        """Make the store's folders, for a caller that is about to write below them."""
        with explained(self.root):
            self._host_layout.make()

    def find(self, kind: EnvironmentKind, key: str) -> LeasedEnvironment | None:
        """The environment with that key, with a lease, if it exists and is in order.

        A damaged one is discarded, with a line in the log, so that it is built again.
        """
        with explained(self.root), ExitStack() as stack:
            if not self.layout.present():
                return None
            lease = self._usable_lease(kind, key)
            if lease is None:
                return None
            stack.callback(lease.close)
            # Before the look: a removal on another host reads this mark after its rename.
            mark_used(lease)
            environment = self._inspect_or_discard(kind, key)
            if environment is None:
                return None
            stack.pop_all()
            return LeasedEnvironment(environment, lease)

    def look(self, kind: EnvironmentKind, key: str) -> Environment | None:
        """The environment with that key, if it exists and is in order. Changes nothing.

        Without a lease it may be removed at any moment: this is for callers that only report.

        :raises EnvironmentDamaged: if it exists and the quick check finds something wrong.
        """
        with explained(self.root):
            if not self.layout.present():
                return None
            try:
                return inspect(self.layout.prefix(kind, key), kind, key)
            except Touched as touched:
                from .verify.verify_entry import is_as_built

                if not is_as_built(touched.environment):
                    raise
                return touched.environment

    def examine(self, kind: EnvironmentKind, key: str) -> list[Problem] | None:
        """As `verify`, and changes nothing: what is wrong with it, or None if it does not exist."""
        from .verify.compare import Digests
        from .verify.examine import examine

        with explained(self.root):
            present = self.layout.present()
            return examine(self.layout, kind, key, Digests()) if present else None

    def wheel_metadata(self, name: str, sha256: str) -> str | None:
        """The METADATA of a wheel that was installed before; None if the store does not have it.

        :param name: of the distribution, normalised.
        """
        from .parts.wheel_metadata import wheel_metadata

        with explained(self.root):
            present = self.layout.present()
            return wheel_metadata(self.layout, name, sha256) if present else None

    def build(
        self,
        kind: EnvironmentKind,
        key: str,
        fill: Fill,
        *,
        waiting: Callable[[float], None] = _ignore,
        cancelled: Callable[[], bool] = _never,
    ) -> LeasedEnvironment:
        """The environment with that key, with a lease, built here or by another process.

        :param fill: makes the environment. The manifest's ``key``, ``kind``, ``files``, ``size``
            and ``site_packages_mtime`` are set by the store. What it raises is raised; then
            nothing is left behind.
        :param waiting: told the seconds that another builder was waited for, about every second.
        :param cancelled: asked while another builder is waited for.
        :raises BuildCancelled: if ``cancelled`` said so.
        :raises EnvironmentDamaged: if files of a package are missing in what ``fill`` made.
        """
        from .gc.removal import look_again, published

        with explained(self.root), ExitStack() as stack:
            self._host_layout.make()
            # Before the build: else a prune could remove the environment once it is published.
            lease = take_builders_lease(self.layout, key)
            stack.callback(lease.close)
            mark_used(lease)  # before the look, as in `find`
            # Else many waiting processes would take the lock in turn, only to find it built.
            existing = partial(published, self.layout.prefix(kind, key), kind, key)
            turn = wait_for_lock(self.layout.build_lock(key), waiting, cancelled, existing)
            if isinstance(turn, FileLock):
                # Again, under the lock: its last holder has mostly built the environment.
                with turn:
                    environment = look_again(self.layout, kind, key, self._notice)
                    if environment is None:
                        environment = self._build(kind, key, fill)
            else:
                environment = turn
            stack.pop_all()
            return LeasedEnvironment(environment, lease)

    def build_ephemeral(self, fill: Fill) -> LeasedEnvironment:
        """A new environment for one kernel, with a lease. `fill` and errors are as in `build`.

        It is removed by `release_ephemeral`, or by `remove_leftovers` once the lease has ended. If
        the build fails, its lease file is removed too: the name is never used again.
        """
        kind, name = EnvironmentKind.EPHEMERAL, random_name()
        with explained(self.root), ExitStack() as stack:
            self._host_layout.make()
            # Called after the lease is closed, without which nothing can be removed.
            stack.callback(self._forget_ephemeral, name)
            lease = take_lease(self.layout.lease(name), create=True)
            stack.callback(lease.close)
            environment = self._build(kind, name, fill)
            stack.pop_all()
            return LeasedEnvironment(environment, lease)

    def remove(self, kind: EnvironmentKind, key: str) -> bool:
        """Remove an environment unless its lease is held; True if it does not exist any more."""
        from .gc.removal import remove

        with explained(self.root):
            if not self.layout.present():
                return True
            self._host_layout.make()
            return remove(self.layout, kind, key)

    def release_ephemeral(self, name: str) -> bool:
        """Remove an ephemeral environment; as `remove`.

        Close the caller's own lease first. Deleting may take seconds.
        """
        return self.remove(EnvironmentKind.EPHEMERAL, name)

    def remove_leftovers(self) -> list[str]:
        """Remove builds of dead processes, ephemeral environments without a lease, and trash.

        What was removed is returned, relative to the store. May take long.
        """
        from .gc.removal import remove_leftovers

        with explained(self.root):
            if not self.layout.present():
                return []
            self._host_layout.make()
            return list(remove_leftovers(self.layout))

    def entries(self) -> list[StoreEntry]:
        """Every environment of the store, by kind and key."""
        from .gc.inventory import list_entries

        with explained(self.root):
            return list(list_entries(self.layout)) if self.layout.present() else []

    def recall_lock(self, digest: str) -> str | None:
        """The lock that was remembered for that digest, or None.

        One that is not as it was written is discarded, with a line in the log.
        """
        with explained(self.root):
            if not self.layout.present():
                return None
            path = self.layout.remembered(digest)
            try:
                text = unsealed(digest, read_marked(path))
            except FileNotFoundError:
                return None
            except UnicodeDecodeError:
                text = None
            except OSError as error:
                # A busy machine is no reason to discard a lock that is right.
                if error.errno in PASSING:
                    raise
                text = None
            if text is None:
                self._discard_remembered(path)
            return text

    def read_lock(self, digest: str) -> str | None:
        """As `recall_lock`, and changes nothing: what is damaged stays, and no time is updated."""
        with explained(self.root), suppress(OSError, UnicodeDecodeError):
            if self.layout.present():
                return unsealed(digest, read_text(self.layout.remembered(digest)))
        return None

    def remember_lock(self, digest: str, text: str) -> None:
        """Remember a lock for that digest, in place of what was remembered before.

        Readers see the old text or the new one, whole, after a power cut too.
        """
        from .building import build_folder

        with explained(self.root):
            self._host_layout.make()
            target = self.layout.remembered(digest)
            with build_folder(self.layout, "lock") as folder:
                content = sealed(digest, text)
                replace_text(target, content, mode=0o644, synced=True, staging=folder)
                sync_folder(target.parent)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty private folder on the store's file system, removed at the end."""
        from .building import build_folder

        with ExitStack() as stack:
            # Only around our own calls: an error of the caller's block is not the store's.
            with explained(self.root):
                self._host_layout.make()
                folder = stack.enter_context(build_folder(self.layout, "scratch")) / "scratch"
                folder.mkdir(mode=0o700)
            yield folder

    def verify(
        self, kind: EnvironmentKind, key: str, digests: Digests | None = None
    ) -> list[Problem]:
        """The full check: every file of an environment, at about 1 GB/s.

        A damaged environment is not used any more, and built again when it is needed.

        :param digests: of files that were read already; hardlinked ones are read once.
        :return: what is wrong with it; nothing if it is in order, or does not exist.
        """
        from .verify.compare import Digests
        from .verify.verify_entry import verify_environment

        with explained(self.root):
            lease = self._existing_lease(kind, key) if self.layout.present() else None
            if lease is None:
                return []
            return verify_environment(
                self.layout, self.parts, kind, key, lease, digests or Digests()
            )

    def _build(self, kind: EnvironmentKind, key: str, fill: Fill) -> Environment:
        from .building import build_folder
        from .publish import Filled, publish

        with build_folder(self.layout, key) as folder:
            prefix = folder / "prefix"
            filled = fill(prefix)
            if isinstance(filled, Manifest):
                filled = Filled(filled)
            return publish(self.layout, prefix, filled, kind, key)

    def _forget_ephemeral(self, name: str) -> None:
        from .gc.removal import remove

        with suppress(OSError):  # then the next prune does it
            remove(self.layout, EnvironmentKind.EPHEMERAL, name)

    def _usable_lease(self, kind: EnvironmentKind, key: str) -> Lease | None:
        """As `_existing_lease`; of a system store, none that is due for removal or is locked."""
        try:
            if self._waits or not self.layout.removal_notice(key).exists():
                return self._existing_lease(kind, key)
            reason = "it is about to be removed"
        except BlockingIOError:
            reason = f"another process has locked {self.layout.lease(key)}"
        logger.warning("The %s %s of the system store is not used: %s.", kind, key[:12], reason)
        return None

    def _existing_lease(self, kind: EnvironmentKind, key: str) -> Lease | None:
        """A lease on an environment that seems to exist; makes no file for one that does not.

        :raises BlockingIOError: if other users can enter this store, and one has locked it.
        """
        # Without a wait first: mostly the lease is free, and `is_open` costs a stat.
        try:
            return self._take_existing(kind, key, 0.0)
        except BlockingIOError:
            if not self._waits:
                raise
        patience = PATIENCE if self.layout.is_open else math.inf
        return self._take_existing(kind, key, patience)

    def _take_existing(self, kind: EnvironmentKind, key: str, patience: float) -> Lease | None:
        path, prefix = self.layout.lease(key), self.layout.prefix(kind, key)
        try:
            return take_lease(path, create=False, patience=patience)
        except FileNotFoundError:
            if not prefix.is_dir():
                return None
        # A store that was copied without its lease files. Where it cannot be written, the folder
        # itself is locked instead: flock needs no file of its own.
        try:
            self._host_layout.make()
            return take_lease(path, create=True, patience=patience)
        except OSError as error:
            if error.errno not in READ_ONLY:
                raise
            return take_lease(prefix, create=False, patience=patience)

    def _inspect_or_discard(self, kind: EnvironmentKind, key: str) -> Environment | None:
        try:
            return inspect(self.layout.prefix(kind, key), kind, key)
        except EnvironmentDamaged as damage:
            try:
                return self._discard_damaged(kind, key)
            except OSError as error:
                if error.errno not in READ_ONLY:
                    raise
                reason = damage.message.rstrip(".")
                logger.warning("The %s %s is not used: %s.", kind, key[:12], reason)
                return None

    def _discard_remembered(self, path: Path) -> None:
        """Discard a damaged remembered lock, if the store can be written."""
        from .trash import discard

        line = f"What was remembered as {path.name[:12]} is damaged, and is found out again."
        logger.warning("%s", line)
        self._notice(line)
        try:
            self._host_layout.make()
            discard(self.layout, path)
        except OSError as error:
            if error.errno not in READ_ONLY:
                raise

    def _discard_damaged(self, kind: EnvironmentKind, key: str) -> Environment | None:
        """Discard a damaged environment, unless another process builds it again already."""
        from .gc.removal import look_again

        lock = try_lock(self.layout.build_lock(key))
        if lock is None:
            return None
        with lock:
            return look_again(self.layout, kind, key, self._notice)
