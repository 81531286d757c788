"""Where the store is: its layout, as the file system there needs it.

On a local disk flock is enough. On a network file system it may let two hosts in at the same
time (seen on sshfs), or not work at all. So where that may be, each host keeps leases of its own,
and what another host has used within `leases.QUIET` counts as used.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from .disk.filesystem import FileSystem, host_name, look_at_file_system
from .disk.trees import read_text, replace_text, sealed, unsealed
from .layout import Layout

logger = logging.getLogger(__name__)


class HostLayout:
    """The folder of a store. Nothing on disk is read before a method is called.

    :param public: what is made there can be read by others.
    """

    def __init__(self, root: Path, *, public: bool = False) -> None:
        self._plain = Layout(root, public=public)
        self._adapted: Layout | None = None

    @property
    def layout(self) -> Layout:
        """The paths of everything in the store."""
        if self._adapted is None:
            self._adapted = _recall_layout(self._plain)
        # To look at the file system writes a probe: only `make` may do that.
        return self._adapted or self._plain

    def make(self) -> None:
        """Make the store's folders, as far as they are missing.

        :raises StoreError: if others can write the store.
        """
        self.layout.make()
        if self._adapted is None:
            self._adapted = adapt(self._plain)
            self._adapted.make()


def adapt(layout: Layout) -> Layout:
    """The layout as the file system needs it, which is examined once; the result is stored.

    Logs a warning if several hosts may write it, or locks do not work.
    """
    cached = _recall_layout(layout)
    if cached is not None:
        return cached
    file_system = look_at_file_system(layout.version)
    if file_system.plain:
        _write(layout.file_system, file_system)
        return layout
    # A file for each host, as each has its own number of the device.
    layout.hosts.mkdir(mode=0o700, exist_ok=True)
    _write(layout.hosts / host_name(), file_system)
    logger.warning(
        "The store %s is on a file system (%s) %s. Headstart keeps apart what each host uses; "
        "what is not used for 30 days may be pruned on any of them.",
        layout.root,
        file_system.type or "unknown",
        "that several hosts can write" if file_system.locks else "where locks do not work",
    )
    return layout._replace(host=host_name(), locks=file_system.locks)


def _recall_layout(layout: Layout) -> Layout | None:
    """As `adapt`; None if the file system was not examined yet."""
    host = host_name()
    for stamp in (layout.file_system, layout.hosts / host):
        file_system = _read(stamp)
        # A store that was copied to another disk brings its stamps along.
        if file_system is not None and file_system.device == os.stat(layout.version).st_dev:
            return (
                layout if file_system.plain else layout._replace(host=host, locks=file_system.locks)
            )
    return None


def _read(stamp: Path) -> FileSystem | None:
    try:
        return FileSystem(**json.loads(unsealed(stamp.name, read_text(stamp)) or "null"))
    except (OSError, ValueError, TypeError):
        return None


def _write(stamp: Path, file_system: FileSystem) -> None:
    replace_text(stamp, sealed(stamp.name, json.dumps(file_system._asdict())), synced=True)
