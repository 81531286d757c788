"""Let a kernel and its clients talk over Unix sockets where that is possible.

Unix sockets need no ports, so that no two kernels race for one, and nobody else on the machine
can listen in. A path has room for about 100 characters, and a user who has said which address a
kernel binds has meant it: both keep TCP.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir

from ..settings import Transport

LONGEST_PREFIX = 90
"""Characters of a socket's path without its port; the shortest limit is macOS's 104."""

YOUNG = 60.0
"""Seconds."""

PORTS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")


def prefer_ipc(manager: Any, transport: Transport) -> None:
    """Switch a kernel manager that has not started yet to Unix sockets, where that is possible.

    :param manager: the KernelManager; its ``transport``, ``ip`` and ``cache_ports`` may change.
    :param transport: the setting: ``auto``, ``ipc`` or ``tcp``.
    """
    if transport == "tcp" or os.name == "nt" or manager.transport != "tcp":
        return
    if transport == "auto" and manager.ip not in {"127.0.0.1", "localhost", ""}:
        return
    if any(getattr(manager, port) for port in PORTS):
        return
    folder = _socket_folder()
    if folder is not None:
        remove_dead_sockets(folder)
        manager.transport = "ipc"
        manager.cache_ports = False
        manager.ip = str(folder / f"hs-{secrets.token_hex(4)}")


def remove_dead_sockets(folder: Path) -> None:
    """Remove the sockets of kernels whose client was killed, and nobody listens on any more."""
    for path in folder.glob("hs-????????-*"):
        with contextlib.suppress(OSError):
            # A young socket may be between its binding and its listening.
            if time.time() - path.lstat().st_mtime > YOUNG and not _is_alive(path):
                path.unlink()


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(str(path)) != errno.ECONNREFUSED


def _socket_folder() -> Path | None:
    """A folder for sockets that only this user may enter and whose path is short enough."""
    for folder in (
        Path(jupyter_runtime_dir()),
        Path(tempfile.gettempdir()) / f"headstart-{os.getuid()}",
    ):
        if len(str(folder)) + len("/hs-00000000") > LONGEST_PREFIX:
            continue
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
                if found.st_mode & 0o022:
                    folder.chmod(0o700)
                return folder
    return None


def sockets(manager: Any) -> list[Path]:
    """The sockets that a kernel will bind; empty where it talks over TCP."""
    if manager is None or manager.transport != "ipc":
        return []
    return [Path(f"{manager.ip}-{getattr(manager, port)}") for port in PORTS]


async def wait_until_bound(paths: list[Path], process: Any, limit: float = 30.0) -> None:
    """Return when a kernel has bound its sockets, or has ended, or after ``limit`` seconds.

    A client that connects before its kernel has bound waits for ZeroMQ to try again, 100 ms and
    more: waiting here, a few milliseconds at a time, makes the first answer come sooner.
    """
    end = time.monotonic() + limit
    while process.poll() is None and time.monotonic() < end:
        if all(path.exists() for path in paths):
            return
        await asyncio.sleep(0.003)
