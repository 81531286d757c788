"""Kernels that are forked from a zygote: a process that has all that a kernel imports in memory.

Whatever is in doubt, a kernel is started as a process of its own, which is always right. The first
kernel of a context starts like this, and its zygote after it. See `headstart_kernel.zygote.zygote`.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Any

from headstart_kernel import wire
from headstart_kernel.launch_request import FAILURE

from ....settings import Settings
from ...private_directory import private_folder
from ..process_launcher import Process, ProcessLauncher
from .fingerprint import context_digest, host
from .fork_request import Request, as_request
from .forked_process import ForkedProcess
from .start_zygote import start_zygote, start_zygote_after

__all__ = ["ZygoteLauncher", "end_zygotes", "zygote_folder", "zygote_launcher"]

logger = logging.getLogger(__name__)

ANSWER = 5.0
"""Seconds that a zygote and its child may take until the child says who it is."""

BOUND = 30.0
"""Seconds that a kernel may take after that until its sockets are bound."""

MOST_FILES = 1_000
"""Connection files of kernels that are remembered, to know a restart."""

_proven: set[int] = set()
"""Zygotes of which a kernel that was initialised ahead has become one: others of it will, too."""

LONGEST_PATH = 100
"""Characters of a socket's path; Linux has room for 108."""


def zygote_launcher(settings: Settings) -> ZygoteLauncher | None:
    """Forks kernels as the settings say; None if they, or the system, rule it out."""
    if settings.zygote == "off" or not _is_possible():
        return None
    return _made(settings.zygote_idle, settings.parked, settings.preload_memory)


def _is_possible() -> bool:
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


@cache
def _made(idle: float, parked: bool, preload: int) -> ZygoteLauncher:
    return ZygoteLauncher(idle, parked, preload)


class ZygoteLauncher:
    """Forks kernels from a zygote where there is one; else starts them, and a zygote after them.

    :param idle: seconds without a kernel after which a zygote ends.
    :param parked: may the kernel be one that was initialised ahead?
    :param preload: bytes for kernels that have imported a notebook's modules ahead; 0 for none.
    """

    def __init__(self, idle: float, parked: bool = False, preload: int = 0) -> None:
        self._idle = idle
        self._ahead = {"parked": parked, "preload": preload}
        self._files: dict[str, None] = {}
        self._plain = ProcessLauncher()

    def launch(self, command: list[str], descriptors: Sequence[int], **options: Any) -> Process:
        """Start a kernel; see `Launcher`. Clients can connect to a forked one then."""
        path = self._socket(command, options)
        if path is None:
            return self._plain.launch(command, descriptors, **options)
        forked = _fork(path, command, descriptors, options, self._may_be_ahead(command))
        if forked is not None:
            return forked
        process = self._plain.launch(command, descriptors, **options)
        start_zygote_after(process, path, command, options["env"], self._idle)
        return process

    def warm_up(self, command: list[str], environ: dict[str, str]) -> None:
        """Start the zygote that a kernel would be forked from, if there is none; does not wait.

        :param command: the beginning of the kernel's argv, its Python and its launcher.
        :param environ: the kernel's variables.
        """
        path = self._socket(command, {"env": environ})
        if path is not None:
            start_zygote(path, command, environ, self._idle)

    def _may_be_ahead(self, command: list[str]) -> dict[str, object]:
        """How the kernel may be made ahead. A restarted one, which keeps its file, is not."""
        file = command[-1]
        if file in self._files:
            return {}
        self._files[file] = None
        if len(self._files) > MOST_FILES:
            del self._files[next(iter(self._files))]
        return dict(self._ahead)

    def _socket(self, command: list[str], options: dict[str, Any]) -> Path | None:
        """Where the zygote for a kernel listens, if one may be used."""
        environ = options.get("env")
        if environ is None or FAILURE in environ or not _are_absolute(environ):
            return None
        folder = zygote_folder()
        if folder is None:
            return None
        with suppress(OSError):
            return folder / f"{host()}-{context_digest(command, environ)}.sock"
        return None


def _are_absolute(environ: dict[str, str]) -> bool:
    """Whether no path depends on the folder that a process is started in; a zygote's is the root.

    An empty entry is the working directory.
    """
    values = (environ.get(name) for name in ("PYTHONPATH", "LD_LIBRARY_PATH", "LD_PRELOAD"))
    return all(
        entry.startswith("/") for value in values if value for entry in value.split(os.pathsep)
    )


def zygote_folder() -> Path | None:
    """A folder that only this user may enter, for the sockets of zygotes; made if need be."""
    return private_folder("zygotes", longest=LONGEST_PATH - len(f"/{'0' * 25}.sock.4194304"))


def _fork(
    path: Path,
    command: list[str],
    descriptors: Sequence[int],
    options: dict[str, Any],
    ahead: dict[str, object],
) -> ForkedProcess | None:
    """A kernel of the zygote that listens there; None if there is none, or it fails."""
    if not path.exists():
        return None
    try:
        with as_request(command, descriptors, options) as request:
            request.message.update(ahead)
            return _ask(path, request)
    except (EOFError, OSError, ValueError, KeyError) as error:
        logger.debug("Headstart: no kernel from the zygote %s: %r", path, error)
        return None


def _ask(path: Path, request: Request) -> ForkedProcess:
    """Ask for a kernel and wait until it has bound its sockets.

    :raises OSError: if there is none to be had, also EOFError, ValueError and KeyError.
    """
    with ExitStack() as failing:
        connection = failing.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        connection.settimeout(ANSWER)
        connection.connect(str(path))
        zygote, user = wire.peer(connection)
        if user != os.geteuid():
            raise PermissionError("The zygote is another user's.")
        wire.send(connection, request.message, request.descriptors)
        request.sent()
        request.line.settimeout(ANSWER)
        try:
            reply = wire.receive(request.line)
        except TimeoutError:
            _end_hanging(zygote, path)
            raise
        pid = int(reply["pid"])
        pidfd = os.pidfd_open(pid)
        failing.callback(os.close, pidfd)
        is_proven = not reply["ahead"] or zygote in _proven
        _let_live(request.line, pidfd, can_connect=request.listens and is_proven)
        failing.pop_all()
    if reply["ahead"]:
        _proven.add(zygote)
    return ForkedProcess(pid, pidfd, connection)


def _let_live(line: socket.socket, pidfd: int, *, can_connect: bool) -> None:
    """Let a child become a kernel; returns when clients can connect to it.

    The child waits for this. It is alive by then, so that the pidfd is its own.

    :param can_connect: clients can connect already, and nothing can fail but what could fail in any
        kernel.
    :raises OSError: if it has ended, also EOFError, ValueError and KeyError.
    """
    try:
        if can_connect:
            _check_alive(line)
            wire.send(line, {"go": True})
            return
        wire.send(line, {"go": True})
        line.settimeout(BOUND)
        wire.receive(line)["bound"]
    except TimeoutError:
        return  # it runs, and may bind them yet
    except BaseException:
        # There must not be two kernels, the one that takes its place being the second.
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        ended = select.poll()
        ended.register(pidfd, select.POLLIN)
        ended.poll(1000 * ANSWER)
        raise


def _check_alive(line: socket.socket) -> None:
    """Make sure that a child has its side of the line open, and still waits.

    :raises EOFError: if it has ended. KeyError: if it has given up.
    """
    readable = select.poll()
    readable.register(line, select.POLLIN)
    if readable.poll(0):
        wire.receive(line)["go"]


def _end_hanging(pid: int, path: Path) -> None:
    """Kill a zygote that does not answer: its successor will. Its kernels go on."""
    with suppress(OSError):
        pidfd = os.pidfd_open(pid)
        try:
            # Only if the pid is still that zygote's, and not another process's by now.
            if str(path).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        finally:
            os.close(pidfd)


def end_zygotes(folder: Path) -> list[int]:
    """Tell the zygotes that listen in a folder to end; their pids. Kernels outlive them."""
    pids = []
    for path in folder.glob("*.sock"):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER)
            connection.connect(str(path))
            pid, _ = wire.peer(connection)
            os.kill(pid, signal.SIGTERM)
            pids.append(pid)
    return pids
