"""A kernel's process that a zygote has forked: what `subprocess.Popen` is for a child."""

from __future__ import annotations

import os
import select
import signal
import socket
import time

from headstart_kernel import wire

__all__ = ["ForkedProcess"]

UNKNOWN = 1
"""The exit status of a process whose zygote ended before it: only its parent is told."""

GRACE = 1.0
"""Seconds after a process's end in which its zygote may tell how it ended."""


class ForkedProcess:
    """Alive or not, how it ended, and signals; safe against another process with its pid.

    :param descriptor: its pidfd, which is closed when the end is known.
    :param connection: to the zygote, which tells the exit status on it.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, descriptor: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._descriptor = descriptor
        self._connection: socket.socket | None = connection
        self._reader = wire.Reader()
        self._ended_at = 0.0
        connection.setblocking(False)

    def poll(self) -> int | None:
        """The exit status as `subprocess` has it, `UNKNOWN` if its zygote was killed; or None."""
        if self.returncode is None:
            self._listen()
        if self._descriptor >= 0 and self._has_ended():
            self._ended_at = self._ended_at or time.monotonic()
            if self._connection is None or time.monotonic() - self._ended_at > GRACE:
                self._finish(UNKNOWN)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; the exit status.

        :raises TimeoutError: after ``timeout`` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        pause = None if end is None else max(0.0, end - time.monotonic())
        if self.returncode is None and not self._has_ended(pause):
            raise TimeoutError(f"Process {self.pid} still runs.")
        while (status := self.poll()) is None:
            if self._connection is not None:
                # Not `select`, which knows none of the many descriptors of a busy server.
                readable = select.poll()
                readable.register(self._connection, select.POLLIN)
                readable.poll(1000 * GRACE)
        return status

    def send_signal(self, signum: int) -> None:
        """Signal the process, if it still runs."""
        if self.poll() is None:
            try:
                signal.pidfd_send_signal(self._descriptor, signum)
            except ProcessLookupError:
                pass

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        self._close()

    def _has_ended(self, timeout: float | None = 0.0) -> bool:
        ready = select.poll()
        ready.register(self._descriptor, select.POLLIN)
        return bool(ready.poll(None if timeout is None else 1000 * timeout))

    def _listen(self) -> None:
        """Take what the zygote has told."""
        if self._connection is None:
            return
        try:
            message = self._reader.read(self._connection)
        except BlockingIOError:
            return
        except (EOFError, OSError, ValueError):
            self._connection.close()
            self._connection = None
            return
        if message is not None:
            self._finish(int(message.get("status", UNKNOWN)))

    def _finish(self, status: int) -> None:
        self.returncode = status
        self._close()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
