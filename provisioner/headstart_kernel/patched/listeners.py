"""Let a kernel take sockets that listen already, in place of binding its own.

Relies on: ipykernel >= 6.29: the private ``IPKernelApp._try_bind_socket``; ZeroMQ >= 4.2: the
option ``USE_FD``.
Why: clients connect while the kernel is on its way, and need not try again; no two kernels bind
one port.
Without it: the listening sockets are closed, and the kernel binds its own; clients that have
connected by then connect again.
Noticed by: tests/kernels/jupyter/test_early_listeners.py
"""

import os
from typing import Any, Dict

__all__ = ["use_listeners"]

BIND = "_try_bind_socket"
"""ipykernel's method."""


def use_listeners(app: Any, listeners: Dict[str, int]) -> None:
    """Let an application take sockets that listen already in place of binding its own.

    :param listeners: their descriptors by their ports, see `Launch`.
    """
    bind = getattr(app, BIND, None)
    if bind is None:
        for listener in listeners.values():
            # Clients that have connected to it would never get an answer; closed, they try again.
            os.close(listener)
        return

    def take(socket: Any, port: int) -> Any:
        listener = listeners.get(str(port))
        if listener is not None:
            import zmq  # not at the top: this module is loaded before ipykernel is

            socket.setsockopt(zmq.USE_FD, listener)
        return bind(socket, port)

    setattr(app, BIND, take)
