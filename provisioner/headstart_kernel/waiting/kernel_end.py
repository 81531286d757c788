"""The kernel's end of the link: a thread that listens, and messages that never hang."""

import select
import socket
import threading
from typing import Any, Callable, Dict, List

from .. import wire

PATIENCE = 10.0
"""Seconds that the other side may take to receive a message, or the rest of one that it sends."""

Hear = Callable[[Dict[str, Any], List[int]], object]
"""Called in the link's thread with a message and the descriptors that came with it."""


class KernelEnd:
    """A link to the process that makes this kernel's environment.

    :param descriptor: of a Unix stream socket.
    :param hear: called with each message.
    :param ended: called once, in the same thread, when nothing more will come.
    :param patience: see `PATIENCE`.
    """

    def __init__(
        self,
        descriptor: int,
        hear: Hear,
        ended: Callable[[], object],
        patience: float = PATIENCE,
    ) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.settimeout(patience)
        self._hear = hear
        self._ended = ended
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._listen, name="headstart-link", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def send(self, message: Dict[str, Any]) -> None:
        """Send a message, from any thread. One that cannot be sent ends the link."""
        with self._sending:
            try:
                wire.send(self._socket, message)
            except (OSError, ValueError):
                self._shut()

    def _shut(self) -> None:
        """Have the other side, and the thread that listens, see that this is the end."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _listen(self) -> None:
        reader = wire.Reader(several=True)
        readable = select.poll()
        readable.register(self._socket, select.POLLIN)
        try:
            while True:
                readable.poll()
                message = reader.read(self._socket)
                if message is not None:
                    descriptors, reader.descriptors = reader.descriptors, []
                    self._hear(message, descriptors)
        except (EOFError, OSError, ValueError):
            reader.close()
            self._shut()
            self._ended()
