"""What kind of file system the store is on, and how hosts share one that several can see.

On a local disk flock is all there is to it. On a network file system it may let two hosts in at
once (seen on sshfs), or not work at all. So where that may be, each host keeps leases of its own,
and what another host has used within `leases.QUIET` counts as used.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
from pathlib import Path
from typing import NamedTuple

from ..layout import Layout, random_name
from .file_locks import NO_LOCKS
from .trees import read_text, replace_text, sealed, unsealed

logger = logging.getLogger(__name__)

SHARED = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "fuse", "gfs2", "glusterfs", "gpfs", "lustre", "nfs"}
    | {"nfs4", "ocfs2", "orangefs", "smb3", "smbfs", "virtiofs"}
)
"""Types of file systems that another host, or the host of this machine, may write too."""

LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.bindfs", "fuse.mergerfs"})

_MOUNT = r"(?:\S+ ){4}(?P<place>\S+) .* - (?P<type>\S+) "


class FileSystem(NamedTuple):
    """What the store is on.

    ``type`` is as in ``/proc/self/mountinfo``, ``""`` if unknown; ``locks`` says whether flock
    keeps a second process out; ``device`` is ``st_dev``, which differs between hosts.
    """

    type: str
    locks: bool
    device: int

    @property
    def shared(self) -> bool:
        """Whether several hosts may use it at the same time."""
        fuse = self.type.startswith("fuse.") and self.type not in LOCAL_FUSE
        return fuse or self.type in SHARED

    @property
    def plain(self) -> bool:
        """Whether locks are all there is to it."""
        return self.locks and not self.shared


def adapted(layout: Layout) -> Layout | None:
    """The layout as the file system needs it; None if nobody has looked at that yet."""
    host = host_name()
    for stamp in (layout.file_system, layout.hosts / host):
        found = _read(stamp)
        if found is not None and found.device == _device(layout):
            return layout if found.plain else layout._replace(host=host, locks=found.locks)
    return None


def look_at_file_system(layout: Layout) -> Layout:
    """Find out what the store is on, and remember it; says so if that is worth knowing."""
    known = adapted(layout)
    if known is not None:
        return known
    found = FileSystem(mounted_type(layout.version), locks_work(layout.version), _device(layout))
    if found.plain:
        _write(layout.file_system, found)
        return layout
    layout.hosts.mkdir(mode=0o700, exist_ok=True)
    _write(layout.hosts / host_name(), found)
    logger.warning(
        "The store %s is on a file system (%s) %s. Headstart keeps apart what each host uses; "
        "what is not used for 30 days may be pruned on any of them.",
        layout.root,
        found.type or "unknown",
        "that several hosts can write" if found.locks else "where locks do not work",
    )
    return layout._replace(host=host_name(), locks=found.locks)


def host_name() -> str:
    """This host's name, fit for a file's."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", os.uname().nodename).lstrip(".") or "unnamed"


def locks_work(folder: Path) -> bool:
    """Whether a lock that one has keeps another out, in a folder that can be written."""
    probe = folder / f"probe.{random_name()}"
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    first, second = os.open(probe, flags, 0o600), os.open(probe, flags, 0o600)
    try:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    finally:
        os.close(first)
        os.close(second)
        os.unlink(probe)
    return False


def mounted_type(path: Path) -> str:
    """The type of the file system that a path is on; ``""`` where the system does not say."""
    try:
        table = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    return type_in(table, os.path.realpath(path))


def type_in(table: str, path: str) -> str:
    """The type of what is mounted nearest above a path, by the table of mounts (proc(5))."""
    nearest, found = -1, ""
    for match in filter(None, map(re.compile(_MOUNT).match, table.splitlines())):
        place = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), match["place"])
        within = path == place or path.startswith(place.rstrip("/") + "/")
        # The last of several at one place hides those before.
        if within and len(place) >= nearest:
            nearest, found = len(place), match["type"]
    return found


def _device(layout: Layout) -> int:
    return os.stat(layout.version).st_dev


def _read(stamp: Path) -> FileSystem | None:
    try:
        return FileSystem(**json.loads(unsealed(stamp.name, read_text(stamp)) or "null"))
    except (OSError, ValueError, TypeError):
        return None


def _write(stamp: Path, found: FileSystem) -> None:
    replace_text(stamp, sealed(stamp.name, json.dumps(found._asdict())), synced=True)
