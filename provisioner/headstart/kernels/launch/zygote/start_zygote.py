"""Start a zygote, after the kernel that could have used it and without delaying that."""

from __future__ import annotations

import atexit
import errno
import json
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..process_launcher import Process

__all__ = ["start_zygote", "start_zygote_after"]

logger = logging.getLogger(__name__)

LINGER = 10.0
"""Seconds that a zygote waits for more kernels when all its clients have ended. Notebooks that are
run headless, one process after the other, share it."""

MOST = 8
"""Zygotes of one user at a time."""

ATTEMPTS = 3
"""How often this process starts a zygote of one context that fails."""

NO_FAILURE = (0, -signal.SIGTERM, -signal.SIGKILL)
"""Exit statuses of zygotes that ended by themselves, or were told to."""

QUIET = 0.05
"""Seconds in which a kernel uses no processor: it has started, or has ended."""

LONGEST = 5.0
"""Seconds that are waited for that."""

_started: dict[Path, list[subprocess.Popen[bytes]]] = {}
_lock = threading.Lock()


def start_zygote_after(
    process: Process, path: Path, command: list[str], environ: Mapping[str, str], idle: float
) -> None:
    """Start the zygote that is to listen at ``path`` once a kernel has started; does not wait.

    :param process: the kernel's.
    :param command: the kernel's argv, whose Python and launcher it gets.
    :param environ: the kernel's variables.
    :param idle: seconds without a kernel after which it ends.
    """
    _start_when_quiet(process.pid, path, command, environ, idle)


def start_zygote(path: Path, command: list[str], environ: Mapping[str, str], idle: float) -> None:
    """The same before any kernel, once this process has a moment to spare; does not wait."""
    _start_when_quiet(os.getpid(), path, command, environ, idle)


def _start_when_quiet(
    pid: int, path: Path, command: list[str], environ: Mapping[str, str], idle: float
) -> None:
    def work() -> None:
        _wait_until_quiet(pid)
        zygote = None
        with _lock:
            started = _started.setdefault(path, [])
            if not _may_start(started):
                return
            try:
                if _has_room(path):
                    zygote = _start(path, command[:2], environ, idle)
                    started.append(zygote)
            except OSError as error:
                logger.debug("Headstart: a zygote could not be started: %r", error)
        if zygote is not None:
            zygote.wait()  # else it would stay in the table of processes, ended

    with suppress(RuntimeError):  # the process ends, and has no new threads
        threading.Thread(target=work, name="headstart-zygote", daemon=True).start()


def _may_start(started: list[subprocess.Popen[bytes]]) -> bool:
    """Whether none of these zygotes runs, and few have failed; the others are forgotten."""
    started[:] = [zygote for zygote in started if zygote.poll() not in NO_FAILURE]
    return len(started) < ATTEMPTS and all(zygote.returncode is not None for zygote in started)


def _start(
    path: Path, command: list[str], environ: Mapping[str, str], idle: float
) -> subprocess.Popen[bytes]:
    own_pidfd = os.pidfd_open(os.getpid())
    try:
        order = {
            "socket": str(path),
            "files": [str(path.with_suffix(suffix)) for suffix in (".lock", ".log")],
            "idle": idle,
            "linger": min(idle, LINGER),
            "client": [os.getpid(), own_pidfd],
        }
        with path.with_suffix(".log").open("wb") as log:
            return subprocess.Popen(
                [*command, "--zygote", json.dumps(order)],
                env=environ,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[own_pidfd],
                start_new_session=True,
            )
    finally:
        os.close(own_pidfd)


def _has_room(own: Path) -> bool:
    """Whether there may be one more, and it has no zygote yet; clears up after killed ones."""
    alive = []
    # Of this host alone: in a home on the network, the sockets of others refuse all connections.
    for path in own.parent.glob(f"{own.name.partition('-')[0]}-*.sock"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)
            if probe.connect_ex(str(path)) != errno.ECONNREFUSED:
                alive.append(path)
                continue
        for suffix in (".sock", ".lock", ".log"):
            path.with_suffix(suffix).unlink(missing_ok=True)
    return own not in alive and len(alive) < MOST


def _wait_until_quiet(pid: int) -> None:
    """Return when a process has not used the processor for a moment."""
    end, before = time.monotonic() + LONGEST, -1
    while time.monotonic() < end and (now := _ticks(pid)) != before:
        before = now
        time.sleep(QUIET)


def _ticks(pid: int) -> int:
    """Processor time that a process has used, in 10 ms; -1 if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return int(fields[11]) + int(fields[12])


@atexit.register
def _leave() -> None:
    """Zygotes outlive this process for a while, of which `subprocess` would warn."""
    for zygote in (zygote for started in _started.values() for zygote in started):
        zygote.returncode = zygote.poll() or 0
