"""What a zygote and its clients say to each other, over Unix sockets.

A message is JSON behind its length. Descriptors come along with the first byte of a message.
"""

import array
import json
import os
import socket
import struct
from typing import Any, Dict, List, Optional, Sequence, Tuple

LONGEST = 8 << 20
"""Bytes of a message. A process's variables and arguments have room for 6 MiB at most."""

MOST_DESCRIPTORS = 64

BACKLOG = 128

_LENGTH = struct.Struct("!I")
_CREDENTIALS = struct.Struct("3i")
_CHUNK = 1 << 16


def send(
    connection: socket.socket, message: Dict[str, Any], descriptors: Sequence[int] = ()
) -> None:
    """Send a message, and descriptors of this process; they stay open here.

    :raises OSError: if the other side has ended, or does not read (as the socket's time-out says).
    """
    body = json.dumps(message, separators=(",", ":")).encode()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    connection.sendmsg([_LENGTH.pack(len(body))], rights if descriptors else [])
    connection.sendall(body)


class Reader:
    """Takes messages from a connection, piece by piece as they come.

    ``descriptors`` are those that came with the message; the caller closes them.

    :param several: may more than one message come? Then each is read in two pieces at least, for
        the descriptors of the next one come with its first byte.
    """

    def __init__(self, *, several: bool = False) -> None:
        self._several = several
        self.descriptors: List[int] = []
        self._bytes = bytearray()

    def read(self, connection: socket.socket) -> Optional[Dict[str, Any]]:
        """Read what has arrived; the message, once it is complete.

        :raises EOFError: if the other side has closed the connection.
        :raises ValueError: if this is no message.
        :raises OSError: as the socket does.
        """
        room = socket.CMSG_SPACE(MOST_DESCRIPTORS * array.array("i").itemsize)
        most = min(self._missing(), _CHUNK) if self._several else _CHUNK
        data, rights, flags, _ = connection.recvmsg(most, room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, content in rights:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                received = array.array("i")
                received.frombytes(content[: len(content) - len(content) % received.itemsize])
                self.descriptors += received
        # Those that did not fit are lost, and it cannot be known which (unix(7)).
        if flags & socket.MSG_CTRUNC:
            raise ValueError("too many descriptors")
        if not data:
            raise EOFError
        self._bytes += data
        return self._message()

    def _missing(self) -> int:
        """Bytes to the end of the length, or of the message if that is known."""
        if len(self._bytes) < _LENGTH.size:
            return _LENGTH.size - len(self._bytes)
        (length,) = _LENGTH.unpack_from(self._bytes)
        if length > LONGEST:
            raise ValueError("too long a message")
        return int(_LENGTH.size + length - len(self._bytes))

    def _message(self) -> Optional[Dict[str, Any]]:
        if len(self._bytes) < _LENGTH.size or self._missing() > 0:
            return None
        end = len(self._bytes) + self._missing()
        body = bytes(self._bytes[_LENGTH.size : end])
        del self._bytes[:end]
        message = json.loads(body.decode())
        if not isinstance(message, dict):
            raise ValueError("not an object")
        return message

    def close(self) -> None:
        """Close the descriptors that came."""
        descriptors, self.descriptors = self.descriptors, []
        for descriptor in descriptors:
            os.close(descriptor)


def receive(connection: socket.socket) -> Dict[str, Any]:
    """Wait for a message without descriptors, as long as the socket's time-out says.

    :raises EOFError: see `Reader.read`, also for the other exceptions.
    """
    reader = Reader()
    try:
        while True:
            message = reader.read(connection)
            if message is not None:
                return message
    finally:
        reader.close()


def tell(connection: socket.socket, message: Dict[str, Any]) -> None:
    """Send a message to a process that may have ended."""
    try:
        send(connection, message)
    except OSError:
        pass


def listen(path: str) -> socket.socket:
    """Listen at a path, where no client finds a socket before it can be connected to."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Between `bind` and `listen` a client is refused, and would take the zygote for dead.
    fresh = "%s.%d" % (path, os.getpid())
    listener.bind(fresh)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    os.rename(fresh, path)
    return listener


def peer(connection: socket.socket) -> Tuple[int, int]:
    """Pid and user id of the process that made the other end (SO_PEERCRED, unix(7))."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(credentials)
    return pid, uid
