"""Hold requests of the shell channel back, in front of a kernel's own dispatch.

Relies on: ipykernel >= 6.29: `Kernel.start` gives its callback to ``on_recv`` of the kernel's
``shell_stream``, with frames that are not copied; ``shell_handlers`` by message type; the private
``_publish_status`` and ``_send_abort_reply``; since 7.4 its shell thread looks for the comm of a
message by ``comm_manager.get_comm``. jupyter_client >= 8.6: a message whose content is not read
does not count as received.
Why: a cell that waits inside of the kernel keeps it from answering anything else, or lets comm
messages overtake it; held here, all other requests pass, and the order stays.
Without it: where the callback is given in another way no cell waits: it runs without its packages.
Noticed by: tests/headstart_kernel/waiting/test_waiting_kernel.py
"""

import asyncio
import threading
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set

from ..shell_request import COMMS, Request

__all__ = ["ShellHold"]

ON_RECV = "on_recv"
GET_COMM = "get_comm"
"""Methods of ZeroMQ's stream, and of ipykernel's manager of comms."""

STATUS = "_publish_status"
ABORT = "_send_abort_reply"
"""ipykernel's methods."""

BETWEEN = "headstart_between_requests"
"""The type of a message of our own, by which ipykernel calls us as it handles any request."""

EXECUTE = "execute_request"
CONTENT = frozenset({EXECUTE, *COMMS})
"""Types of messages whose content is looked at."""


class ShellHold:
    """Is between a kernel's shell channel and what the kernel does with it.

    All calls are made in the thread of the shell channel, but for `soon`, `later` and
    `before_start`; see there.

    :param kernel: an `IPythonKernel` that is not started.
    :param keep: called with each request that may have to wait; whether it does.
    """

    def __init__(self, kernel: Any, keep: Callable[[Request], bool]) -> None:
        self._kernel = kernel
        self._keep = keep
        self._receive: Optional[Callable[[Any], Any]] = None
        self._work: Optional[Callable[[], object]] = None
        self._execute: Callable[..., Any] = kernel.shell_handlers[EXECUTE]
        self._aborted: Set[str] = set()
        """Ids of cells that the kernel has still to answer so."""
        self._tasks: Set[Any] = set()
        # One at a time: busy, sent again for a cell whose idle has just been sent, would be the
        # last word.
        self._status = threading.RLock()
        self._waiting: Optional[Request] = None
        self._publish_status = getattr(kernel, STATUS)

    def before_start(self, when_started: Callable[[], object]) -> None:
        """Be put before the kernel's callback when it is given. In the main thread.

        :param when_started: called then.
        """
        stream, kernel = self._kernel.shell_stream, self._kernel

        def on_recv(callback: Callable[[Any], Any], copy: bool = True) -> None:
            delattr(stream, ON_RECV)
            self._receive, self._copy = callback, copy
            stream.on_recv(self._look, copy=copy)
            when_started()

        setattr(stream, ON_RECV, on_recv)
        setattr(kernel, STATUS, self._publish_and_be_busy)
        kernel.shell_handlers[BETWEEN] = self._between
        kernel.shell_handlers[EXECUTE] = self._execute_or_abort
        self._know_no_comm(getattr(kernel, "comm_manager", None))

    @property
    def waiting(self) -> Optional[Request]:
        """The cell for which the kernel is busy while it waits. May be asked in any thread."""
        return self._waiting

    def wait_for(self, request: Optional[Request]) -> None:
        """Say that the kernel is busy for a cell, and do so again whenever another one has ended.

        :param request: None if no cell waits any more.
        """
        with self._status:
            if request is not None and request is not self._waiting:
                self._publish_status("busy", "shell", parent=request.message)
            self._waiting = request

    def pass_on(self, request: Request) -> None:
        """Let the kernel handle a request, after those that were passed on before."""
        self._pass(request.frames)

    def abort(self, request: Request) -> None:
        """Answer that a cell was not run, for another one has failed; after that one's answer."""
        self._aborted.add(request.msg_id)
        self._pass(request.frames)

    def publish(self, kind: str, content: Dict[str, Any], request: Request) -> None:
        """Publish a message with a request as its parent."""
        session, socket = self._kernel.session, self._kernel.iopub_socket
        session.send(socket, kind, content, parent=request.message)

    def call_between_requests(self, work: Callable[[], object]) -> None:
        """Call a function in the main thread, where and as a request that came now is handled.

        What it does to contexts (`decimal`, NumPy's print options) holds for cells then.
        """
        self._work = work
        import zmq  # as everywhere in this room: not before it is noted which variables are read

        session = self._kernel.session
        parts = session.serialize(session.msg(BETWEEN), ident=b"headstart")
        self._pass(parts if self._copy else [zmq.Frame(part) for part in parts])

    def let_go(self) -> None:
        """Hold nothing back from now on, and be in the way of nothing."""
        setattr(self._kernel, STATUS, self._publish_status)
        if not self._aborted:
            self._kernel.shell_handlers[EXECUTE] = self._execute
        self._kernel.shell_stream.on_recv(self._receive, copy=self._copy)

    def soon(self, work: Callable[[], object]) -> None:
        """Call a function in the thread of the shell channel. In any thread."""
        self._kernel.shell_stream.io_loop.add_callback(work)

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """The same, after a while. Also in a handler of signals."""
        loop = self._kernel.shell_stream.io_loop
        # Wakes the loop up also if it is the one that the signal has interrupted.
        loop.asyncio_loop.call_soon_threadsafe(loop.call_later, seconds, work)

    def _look(self, frames: List[Any]) -> None:
        request = self._parse(frames)
        if request is None or not self._keep(request):
            self._pass(frames)

    def _parse(self, frames: List[Any]) -> Optional[Request]:
        """The request in a message; None if it is one that never waits, or none at all."""
        session = self._kernel.session
        try:
            identities, parts = session.feed_identities(frames, copy=self._copy)
            message = session.deserialize(parts, content=False, copy=self._copy)
            if message["header"]["msg_type"] not in CONTENT:
                return None
            message["content"] = content = session.unpack(message["content"])
        except Exception:  # noqa: BLE001  (the kernel says what is wrong with it)
            return None
        if not isinstance(content, dict):
            return None
        return Request(frames, identities, message)

    def _pass(self, frames: List[Any]) -> None:
        assert self._receive is not None
        done = self._receive(frames)
        if isinstance(done, Awaitable):
            task = asyncio.ensure_future(done)
            # The loop itself would let it be collected.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _publish_and_be_busy(self, status: str, *arguments: Any, **options: Any) -> None:
        with self._status:
            self._publish_status(status, *arguments, **options)
            if status == "idle" and self._waiting is not None:
                self._publish_status("busy", "shell", parent=self._waiting.message)

    def _execute_or_abort(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> Any:
        """Handle a cell's request as the kernel does, in the thread in which it does."""
        msg_id = parent["header"]["msg_id"]
        if msg_id not in self._aborted:
            return self._execute(stream, ident, parent)
        self._aborted.discard(msg_id)
        getattr(self._kernel, ABORT)(stream, parent, ident)
        return None

    def _between(self, *_request: Any) -> None:
        work, self._work = self._work, None
        if work is not None:
            work()

    def _know_no_comm(self, manager: Any) -> None:
        """Let the shell's thread meet comms that are still to be opened without a warning.

        It asks only for where to send the message; the warning would be printed in a cell.
        """
        get, shell = getattr(manager, GET_COMM, None), self._kernel.shell_stream
        thread = getattr(self._kernel, "shell_channel_thread", None)
        if get is None or thread is None or shell is None:
            return

        def get_comm(comm_id: Any) -> Any:
            is_early = threading.current_thread() is thread and comm_id not in manager.comms
            return None if is_early else get(comm_id)

        setattr(manager, GET_COMM, get_comm)
