"""The link between a kernel that started before its environment, and the session that builds it.

One end of a socket pair, of which the kernel inherits the other; bound to no event loop. What is
said on it: `headstart_kernel.waiting`.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from headstart_kernel import wire

__all__ = ["KernelLink"]

logger = logging.getLogger(__name__)


class _Outgoing(NamedTuple):
    """A message that is to be sent, with descriptors of its own.

    ``passing``: another one of the kind takes its place.
    """

    message: dict[str, Any]
    descriptors: tuple[int, ...] = ()
    passing: bool = False


class KernelLink:
    """This side of a link. Safe between threads, none of which waits for the kernel.

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
        # A kernel that is stopped reads nothing for as long as it is.
        self._outgoing: deque[_Outgoing] = deque()
        self._changed = threading.Condition()
        self._sends = False
        self._is_closed = False
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

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a message; does not wait until the kernel reads it.

        May be called before the kernel has started: it reads the message when it has.

        :param descriptors: of this process, for the kernel; they stay open here.
        """
        copies: list[int] = []
        try:
            copies += map(os.dup, descriptors)
        except OSError:  # there are too many: a kernel that hears of the end waits for nothing
            logger.exception("Headstart: a kernel cannot be given its environment.")
            self._shut()
        self._put(_Outgoing(message, tuple(copies)))

    def tell(self, message: dict[str, Any]) -> None:
        """The same for one that counts only until the next one is told."""
        self._put(_Outgoing(message, passing=True))

    def _put(self, outgoing: _Outgoing) -> None:
        with self._changed:
            if self._is_closed:
                _close(outgoing)
                return
            if outgoing.passing and self._outgoing and self._outgoing[-1].passing:
                self._outgoing.pop()
            self._outgoing.append(outgoing)
            self._changed.notify()
            if not self._sends:
                self._sends = True
                threading.Thread(target=self._send, name="headstart-link-send", daemon=True).start()

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._outgoing or self._is_closed)
                if self._is_closed:
                    return
                outgoing = self._outgoing.popleft()
            try:
                wire.send(self._ours, outgoing.message, outgoing.descriptors)
            except (OSError, ValueError):
                # Half a message may have been sent: nothing that follows would be understood.
                self._shut()
            finally:
                _close(outgoing)

    def close(self) -> None:
        """End it; ``ended`` is not called for that."""
        self._ended = _ignore
        self._theirs.close()
        self._shut()
        if not self._listens:  # else the thread does it, which is told by the end
            self._ours.close()

    def _shut(self) -> None:
        """Nothing is sent any more, and the thread that listens sees that this is the end."""
        with self._changed:
            self._is_closed = True
            for outgoing in self._outgoing:
                _close(outgoing)
            self._outgoing.clear()
            self._changed.notify()
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        reader = wire.Reader(several=True)
        while True:
            try:
                message = reader.read(self._ours)
            except (EOFError, OSError, ValueError):
                break
            if message is not None:
                self._take(message)
        reader.close()
        self._shut()
        self._ours.close()
        self._ended(self)

    def _take(self, message: dict[str, Any]) -> None:
        try:
            self._hear(self, message)
        except Exception:
            # Whatever one message leads to, the next one is heard.
            logger.exception("Headstart: a kernel's message could not be handled.")


def _close(outgoing: _Outgoing) -> None:
    for descriptor in outgoing.descriptors:
        os.close(descriptor)


def _ignore(_link: KernelLink) -> None:
    """Nothing is to be done about the end."""
