"""The file system of a folder: whether other hosts may write it, and whether locks work there."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from typing import NamedTuple

from .file_locks import NO_LOCKS

SHARED = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "fuse", "gfs2", "glusterfs", "gpfs", "lustre", "nfs"}
    | {"nfs4", "ocfs2", "orangefs", "smb3", "smbfs", "virtiofs"}
)
"""Types of file systems that another host, or the host of this machine, may write too."""

LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.bindfs", "fuse.mergerfs"})

_MOUNT = r"(?:\S+ ){4}(?P<mount_point>\S+) .* - (?P<type>\S+) "


class FileSystem(NamedTuple):
    """The file system of a folder.

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
        """Whether locks protect everything: they work, and no other host takes part."""
        return self.locks and not self.shared


def look_at_file_system(folder: Path) -> FileSystem:
    """Examine the file system of a folder, which must be writable."""
    return FileSystem(mounted_type(folder), locks_work(folder), os.stat(folder).st_dev)


def host_name() -> str:
    """This host's name, fit for a file's."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", os.uname().nodename).lstrip(".") or "unnamed"


def locks_work(folder: Path) -> bool:
    """Whether a lock excludes a second one, in a folder that can be written."""
    probe = folder / f"probe.{os.urandom(16).hex()}"
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    # flock's locks belong to open files, so two of one process exclude each other too.
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
        # Mount points are bytes, which need not be UTF-8.
        table = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    return type_in(table, os.path.realpath(path))


def type_in(table: str, path: str) -> str:
    """The type of what is mounted nearest above a path, by the table of mounts (proc(5))."""
    longest, file_system = -1, ""
    for match in filter(None, map(re.compile(_MOUNT).match, table.splitlines())):
        # The kernel writes spaces and backslashes in octal.
        top = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), match["mount_point"])
        within = path == top or path.startswith(top.rstrip("/") + "/")
        # The last of several mounts at one path hides those before.
        if within and len(top) >= longest:
            longest, file_system = len(top), match["type"]
    return file_system
