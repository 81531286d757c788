"""The zygotes that a test has started: to wait for, and to end."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import LIMIT

LEAVING = 1.0
"""Seconds that a zygote has to notice that a visitor has left."""


@dataclass(frozen=True)
class Zygotes:
    """All that listen in a folder."""

    folder: Path

    def pids(self) -> list[int]:
        """Those that serve now."""
        return [pid for path in self.folder.glob("*.sock") if (pid := _listener(path)) > 0]

    def wait(self, limit: float = LIMIT) -> int:
        """The pid of one that serves, once there is one."""
        end = time.monotonic() + limit
        while not (pids := self.pids()):
            assert time.monotonic() < end, self.said()
            time.sleep(0.01)
        return pids[0]

    def said(self) -> str:
        """What they have written to their standard error."""
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def end(self) -> None:
        """End all, also those that do not serve yet; returns when they are gone."""
        for path in self.folder.glob("*.lock"):
            for pid in _holders(path):
                kill(pid)


def children(pid: int) -> set[int]:
    """A process's children."""
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return set()


def is_parked(pid: int) -> bool:
    """Whether a zygote's child is a kernel that waits to be wanted."""
    return _waits(pid) and _threads(pid) > 1


def is_spare(pid: int) -> bool:
    """Whether a zygote's child waits to become any kernel, and has done nothing else."""
    return _waits(pid) and _threads(pid) == 1


def _waits(pid: int) -> bool:
    """Whether the main thread reads from a Unix socket, which a kernel's never does."""
    try:
        return Path(f"/proc/{pid}/wchan").read_text().startswith("unix_stream")
    except OSError:
        return False


def _threads(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return 0


def kill(pid: int, limit: float = LIMIT) -> None:
    """Kill a process; returns when it is gone, whoever its parent is."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = select.poll()
    ended.register(descriptor, select.POLLIN)
    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    assert ended.poll(1000 * limit)
    os.close(descriptor)


def _listener(path: Path) -> int:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return 0
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 4)
        _leave(connection)
    return int.from_bytes(credentials, "little")


def _leave(connection: socket.socket) -> None:
    """Leave, and return when the zygote has noticed: what it holds then is its own."""
    connection.settimeout(LEAVING)
    with suppress(OSError):  # it hangs, or has ended
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)


def _holders(path: Path) -> list[int]:
    """Processes that have a file open: a zygote holds its lock from its beginning."""
    return [int(folder.name) for folder in Path("/proc").iterdir() if _holds(folder, path)]


def _holds(folder: Path, path: Path) -> bool:
    if not folder.name.isdigit():
        return False
    try:
        return any(link.readlink() == path for link in (folder / "fd").iterdir())
    except OSError:  # the process, or what it had open, is gone meanwhile
        return False
