"""Let a forked kernel follow its client, which is not its parent, and say when it can be reached.

Relies on: ipykernel >= 6.29: ``parent_handle``, ``interrupt`` and ``poller`` of `IPKernelApp`;
``init_io`` is the method that follows after the sockets are bound.
Why: the class took the first two from variables when the zygote imported it; the parent that
ipykernel watches is the zygote.
Without it: without ``init_io`` the client is never told, and starts a kernel by itself; without a
poller a forked kernel outlives a killed client.
Noticed by: tests/kernels/launch/zygote/test_forked_kernels.py
"""

import os
import select
import threading
from typing import Any, Callable

__all__ = ["follow_client"]


def follow_client(app: Any, client: int, when_bound: Callable[[], object]) -> None:
    """Have an application that is not initialised end with its client.

    :param client: a descriptor that becomes readable when the client has ended.
    :param when_bound: called when the sockets are bound.
    """
    app.parent_handle = int(os.environ.get("JPY_PARENT_PID") or 0)
    app.interrupt = int(os.environ.get("JPY_INTERRUPT_EVENT") or 0)
    init_io = app.init_io

    def init_io_once_bound() -> None:
        del app.init_io
        if app.poller is not None:
            app.poller = _ClientPoller(client)
        when_bound()
        init_io()

    app.init_io = init_io_once_bound


class _ClientPoller(threading.Thread):
    """Ends the kernel with its client, as ipykernel's own does with its parent."""

    def __init__(self, client: int) -> None:
        super().__init__(daemon=True)
        self._client = client

    def run(self) -> None:
        ended = select.poll()
        ended.register(self._client, select.POLLIN)
        while not ended.poll():
            pass
        from traitlets.log import get_logger  # for most kernels this never comes

        get_logger().warning("Parent appears to have exited, shutting down.")
        os._exit(1)
