"""Let a kernel and its clients talk over Unix sockets, on sockets that listen before it starts.

Relies on: jupyter_client >= 8.6: ``transport``, ``ip`` and ``cache_ports`` of a kernel manager may
be changed until it writes its connection file, and name sockets ``IP-PORT``.
Why: Unix sockets need no ports, so that no two kernels race for one, and no other user of the
machine can listen in. TCP stays where a path is too long, of about 100 characters, and where a user
has set the address that kernels bind.
Without it: kernels talk over TCP; where a socket cannot be had the kernel binds its own.
Noticed by: tests/kernels/jupyter/test_transport.py
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...settings import Transport
from ..private_directory import private_folder

logger = logging.getLogger(__name__)

LONGEST_PREFIX = 90
"""Characters of a socket's path without its port; the shortest limit is macOS's 104."""

YOUNG = 60.0
"""Seconds in which a new socket is left alone."""

PORTS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")

NOT_INHERITED = frozenset({"hb_port"})
"""ipykernel's heartbeat binds its socket by itself, where it cannot be given one."""

BACKLOG = 100
"""Clients that may wait to be let in; ZeroMQ's own number."""


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
    folder = private_folder(longest=LONGEST_PREFIX - len("/hs-00000000"))
    if folder is None:
        logger.warning(
            "Headstart: there is no private folder for a kernel's sockets, neither Jupyter's "
            "runtime folder nor one in %s: it listens on TCP ports.",
            tempfile.gettempdir(),
        )
        return
    remove_dead_sockets(folder)
    manager.transport = "ipc"
    manager.cache_ports = False
    manager.ip = str(folder / f"hs-{os.urandom(4).hex()}")


def remove_dead_sockets(folder: Path) -> None:
    """Remove the sockets that no kernel listens on any more, for their client was killed."""
    for path in folder.glob("hs-????????-*"):
        with contextlib.suppress(OSError):
            # A young socket may be between its binding and its listening.
            if time.time() - path.lstat().st_mtime > YOUNG and not _is_alive(path):
                path.unlink()


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(str(path)) != errno.ECONNREFUSED


@contextlib.contextmanager
def listening(manager: Any) -> Iterator[dict[int, int]]:
    """Sockets on which a kernel that is about to start is to listen; they listen already.

    A client that connects before its kernel has bound waits for ZeroMQ to try again, 100 ms and
    more; and of two kernels that were told the same port, one would never answer. The kernel
    inherits the sockets. Here they are closed in the end.

    :param manager: the KernelManager, which knows the kernel's ports.
    :return: their descriptors by their ports. Empty where the kernel has to bind them by itself:
        it is not known how to listen at this address, or another process has the port.
    """
    with contextlib.ExitStack() as opened:
        listeners: dict[int, int] = {}
        try:
            for name in PORTS:
                port = getattr(manager, name)
                if name not in NOT_INHERITED and (bound := _bound(manager, port)) is not None:
                    listeners[port] = opened.enter_context(bound).fileno()
        except OSError:
            opened.close()
            listeners = {}
        yield listeners


def _bound(manager: Any, port: int) -> socket.socket | None:
    """A socket as ZeroMQ makes it, which listens at a port; None if it is not known how.

    :raises OSError: if it cannot be had.
    """
    if os.name == "nt" or port <= 0:
        return None
    with contextlib.ExitStack() as failing:
        if manager.transport == "ipc":
            path = Path(f"{manager.ip}-{port}")
            # What a killed kernel has left behind.
            path.unlink(missing_ok=True)
            listener = failing.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(str(path))
        elif _is_ipv4(manager.ip):
            listener = failing.enter_context(socket.socket(socket.AF_INET))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((manager.ip, port))
        else:
            return None
        listener.setblocking(False)
        listener.listen(BACKLOG)
        failing.pop_all()
    return listener


def _is_ipv4(address: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, address)
    except OSError:
        return False
    return True
