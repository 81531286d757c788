"""The processes that a zygote has forked: whose they are, and how they end."""

import os
import selectors
import socket
from typing import Callable, Dict, List, Optional

from .. import wire


class ChildProcesses:
    """All of them. A client that wanted one is told how it has ended.

    :param selector: tells when a client leaves.
    :param note_use: called when a child has ended, or a client has left.
    """

    def __init__(self, selector: selectors.BaseSelector, note_use: Callable[[], object]) -> None:
        self._selector = selector
        self._note_use = note_use
        self._clients: Dict[int, Optional[socket.socket]] = {}

    @property
    def connections(self) -> List[socket.socket]:
        """Those to the clients that are to be told."""
        return [connection for connection in self._clients.values() if connection is not None]

    def add(self, pid: int, client: Optional[socket.socket] = None) -> None:
        """Have another one; ``client`` is to be told how it ends."""
        self._clients[pid] = client
        if client is not None:
            self._selector.register(client, selectors.EVENT_READ, self._leave)

    def reap(self, wake: int) -> None:
        """Tell the clients of those that have ended how they did.

        :param wake: a descriptor that was written to when one ended; it does not block.
        """
        while True:
            try:
                os.read(wake, 4096)
            except BlockingIOError:
                break
        # Each is asked: several that end together may cause one signal only (signal(7)).
        for pid, client in list(self._clients.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended == 0:
                continue
            self._note_use()
            if client is not None:
                wire.tell(client, {"status": _exit_status(status)})
                self._selector.unregister(client)
                client.close()
            del self._clients[pid]

    def _leave(self, client: socket.socket) -> None:
        """Forget a client that has left: it need not be told how its kernel ends."""
        for pid, other in self._clients.items():
            if other is client:
                self._clients[pid] = None
        self._selector.unregister(client)
        client.close()
        self._note_use()


def _exit_status(status: int) -> int:
    """As `subprocess` has it, from what `os.waitpid` says."""
    if os.WIFSIGNALED(status):
        return -os.WTERMSIG(status)
    return os.WEXITSTATUS(status)
