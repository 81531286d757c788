"""When a zygote ends by itself."""

import os
import selectors
import time
from typing import Any, Dict

from .memory import is_short

TICK = 5.0
"""Seconds between two looks at whether it is time."""


class Lifetime:
    """Ends after an idle time, with the last client, when memory is short, and when it is lost.

    :param order: ``socket``, where clients find the zygote; ``idle`` and ``linger``, seconds
        without a kernel after which it ends while it has clients, and when all of them have ended;
        ``client``, the pid of the first and a descriptor that becomes readable when it has ended.
    :param selector: that of the zygote; it calls what is registered with it.
    """

    def __init__(self, order: Dict[str, Any], selector: selectors.BaseSelector) -> None:
        self._path = order["socket"]
        self._inode = os.stat(self._path).st_ino
        self._idle, self._linger = order["idle"], order["linger"]
        self._selector = selector
        self._clients: Dict[int, int] = {}
        self.note_use()
        pid, descriptor = order["client"]
        self.remember_client(pid, descriptor)
        os.close(descriptor)

    @property
    def pause(self) -> float:
        """Seconds until it is time to look again."""
        return float(min(TICK, self._idle, self._linger))

    def note_use(self) -> None:
        """Begin to count again: a kernel, or a client, has come or left."""
        self._used = time.monotonic()

    def remember_client(self, pid: int, descriptor: int) -> None:
        """Stay as long as a client does.

        :param descriptor: becomes readable when the client has ended; stays the caller's.
        """
        self.note_use()
        if pid not in self._clients:
            self._clients[pid] = own = os.dup(descriptor)
            self._selector.register(own, selectors.EVENT_READ, self._client_ended)

    def is_over(self) -> bool:
        """Whether it is time, unless a kernel that its client waits for keeps the zygote."""
        limit = self._idle if self._clients else self._linger
        return time.monotonic() - self._used > limit or not self._is_found() or is_short()

    def end(self) -> None:
        """Remove the socket, so that clients find this zygote no longer."""
        if self._is_found():
            os.unlink(self._path)

    def _client_ended(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)
        os.close(descriptor)
        self._clients = {pid: other for pid, other in self._clients.items() if other != descriptor}
        self.note_use()

    def _is_found(self) -> bool:
        """Whether clients that look for a zygote find this one."""
        try:
            return os.stat(self._path).st_ino == self._inode
        except OSError:
            return False
