"""The link between a kernel that started before its environment, and the session that builds it.

One end of a socket pair, of which the kernel inherits the other; bound to no event loop. What is
said on it: `headstart_kernel.waiting`.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from headstart_kernel import wire

__all__ = ["KernelLink"]

logger = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a kernel may take to read what it is sent; one that is stopped reads nothing."""


class KernelLink:
    """This side of a link. Safe between threads.

    :param hear: called in the link's thread with each message of the kernel.
    :param ended: called there when the kernel has ended, or has closed its side.
    """

    def __init__(
        self,
        hear: Callable[[KernelLink, dict[str, Any]], None],
        ended: Callable[[KernelLink], None],
    ) -> None:
        self._hear = hear
        self._ended = ended
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(PATIENCE)
        self._sending = threading.Lock()
        self._listens = False

    @property
    def descriptor(self) -> int:
        """The kernel's end, a descriptor of this process that the kernel inherits."""
        return self._theirs.fileno()

    def open(self) -> None:
        """The kernel has its end: close that here, and listen from now on."""
        self._theirs.close()
        self._listens = True
        threading.Thread(target=self._listen, name="headstart-link", daemon=True).start()

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> bool:
        """Send a message; whether the kernel can still get it.

        May be called before the kernel has started: it reads the message when it has.

        :param descriptors: of this process, for the kernel; they stay open here.
        """
        with self._sending:
            try:
                wire.send(self._ours, message, descriptors)
            except (OSError, ValueError):
                # Half a message may have been sent: nothing that follows would be understood.
                self._shut()
                return False
        return True

    def close(self) -> None:
        """End it; ``ended`` is not called for that."""
        self._ended = _ignore
        self._theirs.close()
        self._shut()
        if not self._listens:  # else the thread does it, which is told by the end
            self._ours.close()

    def _shut(self) -> None:
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        reader = wire.Reader(several=True)
        while True:
            try:
                message = reader.read(self._ours)
            except TimeoutError:
                continue
            except (EOFError, OSError, ValueError):
                break
            if message is not None:
                self._take(message)
        reader.close()
        self._ours.close()
        self._ended(self)

    def _take(self, message: dict[str, Any]) -> None:
        try:
            self._hear(self, message)
        except Exception:
            # Whatever one message leads to, the next one is heard.
            logger.exception("Headstart: a kernel's message could not be handled.")


def _ignore(_link: KernelLink) -> None:
    """Nothing is to be done about the end."""
