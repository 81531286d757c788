"""Small disks of our own: files that are mounted, filled, and have their power cut. For root."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import LIMIT, until

PREFIX = "hs-disk-"
SHUTDOWN = 0x8004587D
"""``FS_IOC_SHUTDOWN`` of ext4 and xfs (linux/fs.h: ``_IOR('X', 125, __u32)``)."""

NO_LOG_FLUSH = 2
"""As when the power goes: what is not on disk yet never gets there, the journal included."""

MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-F"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
}
SIZE = 320 << 20
"""Bytes; mkfs.xfs makes nothing smaller than 300 MiB. The file takes what is written into it."""


class Disk:
    """A file system in a file, mounted at `place`."""

    def __init__(self, folder: Path, file_system: str) -> None:
        self.image, self.place = folder / "image", folder / "disk"
        self.place.mkdir()
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        _run(*MAKE[file_system], str(self.image))

    def mount(self) -> None:
        """Mount it; what its journal holds is done first."""
        _run("mount", "-o", "loop", str(self.image), str(self.place))

    def unmount(self) -> None:
        """Unmount it; waits for children of dead processes, which may still have files there."""
        until(lambda: _succeeds("umount", str(self.place)))

    def cut(self) -> None:
        """Cut its power: from now on nothing gets there, and nothing can be read."""
        descriptor = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, NO_LOG_FLUSH.to_bytes(4, "little"))
        finally:
            os.close(descriptor)


@contextmanager
def mounted(file_system: str) -> Iterator[Disk]:
    """A new disk, mounted; it is unmounted and removed at the end, whatever happens."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        disk = Disk(folder, file_system)
        disk.mount()
        yield disk
    finally:
        _give_up(folder)


@contextmanager
def memory_disk(size: int) -> Iterator[Path]:
    """A disk in memory (tmpfs) with room for that many bytes."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        place = folder / "disk"
        place.mkdir()
        _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place))
        yield place
    finally:
        _give_up(folder)


def resize(place: Path, size: int) -> None:
    """Give a disk in memory another size in bytes."""
    _run("mount", "-o", f"remount,size={size}", str(place))


def sweep() -> None:
    """Unmount and remove disks of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            _give_up(folder)


def missing(file_system: str) -> str:
    """Why there can be no such disk here, or ``""``."""
    if os.geteuid() != 0:
        return "Only root can mount a disk."
    program = MAKE[file_system][0]
    return "" if shutil.which(program) else f"{program} is not installed."


def _give_up(folder: Path) -> None:
    place = folder / "disk"
    while os.path.ismount(place):
        # A lazy unmount also where somebody still has a file open there.
        _run("umount", "--lazy", str(place))
    shutil.rmtree(folder, ignore_errors=True)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, timeout=LIMIT).returncode == 0


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
