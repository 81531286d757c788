"""A process that has everything a kernel imports in memory, and forks kernels.

It has no threads, no ZeroMQ context and no notebook's packages. Requests come over a Unix socket in
a folder that only this user may enter; see `wire` and `ForkedKernel`. It ends by itself: when no
kernel was requested for a while, when its clients have ended, when memory is short, and when its
socket is not where it was. Kernels outlive it.
"""

import fcntl
import json
import os
import selectors
import signal
import socket
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

from .. import wire
from ..patched.environ_reads import Variables
from . import preimport
from .child_processes import ChildProcesses
from .forked_kernel import ForkedKernel
from .lifetime import Lifetime
from .memory import is_short
from .pool import SPARE, Plan, Pool, Slot
from .preforked import Parked, Spare

Life = Union[ForkedKernel, Parked, Spare]
"""What a child becomes."""

HALF_A_MESSAGE = 2.0
"""Seconds that a client may take to send its request."""


def main() -> None:
    """Run a zygote as the launcher's second argument says; returns when it, or a kernel, ends.

    Besides what `Zygote` needs the order names ``files``, its lock first, which it deletes when
    it ends.
    """
    order = json.loads(sys.argv[2])
    # Before the imports: of two that start together, one need not load everything in vain.
    lock = _take(order["files"][0])
    if lock is None or is_short():
        return
    reads, changes = preimport.load()
    problem = preimport.unfit()
    if problem:
        sys.exit("No kernels can be forked: %s." % problem)
    preimport.freeze()
    life = Zygote(order, reads).serve()
    if life is not None:
        life.live(changes)
        return
    for path in order["files"]:
        os.unlink(path)


class Zygote:
    """Waits for requests and forks.

    :param order: ``socket``, the path to listen at, and what `Lifetime` needs.
    :param reads: variables that were read, with their values, see `preimport.load`.
    """

    def __init__(self, order: Dict[str, Any], reads: Variables) -> None:
        self._reads = reads
        self._waiting: Dict[socket.socket, Tuple[wire.Reader, float]] = {}
        self._told_to_end = False
        self._selector = selectors.DefaultSelector()
        self._pool = Pool(self._selector.unregister)
        self._handlers = {
            signal.SIGCHLD: signal.signal(signal.SIGCHLD, _nothing),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._end),
        }
        self._listener = wire.listen(order["socket"])
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._lifetime = Lifetime(order, self._selector)
        self._children = ChildProcesses(self._selector, self._lifetime.note_use)
        wake, waker = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        self._selector.register(wake, selectors.EVENT_READ, self._children.reap)

    def serve(self) -> Optional[Life]:
        """Serve until it is time to end. In a forked child, what that is to become."""
        while not self._told_to_end and not self._is_over():
            for key, _ in self._selector.select(self._pause()):
                life = self._act(key)
                if life is not None:
                    return life
            life = self._fork_ahead()
            if life is not None:
                return life
            self._give_up_on_the_slow()
            if self._pool.connections and is_short():
                self._pool.clear()
        self._lifetime.end()
        return None

    def _pause(self) -> float:
        """Seconds to wait for something to happen."""
        pause = HALF_A_MESSAGE if self._waiting else self._lifetime.pause
        return min(pause, self._pool.pause())

    def _act(self, key: selectors.SelectorKey) -> Optional[Life]:
        """Do what is to be done with a descriptor that is ready."""
        present = self._selector.get_map().get(key.fd)
        if present is None or present.fileobj is not key.fileobj:
            return None  # what was ready before it has closed it
        life: Optional[Life] = key.data(key.fileobj)
        return life

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # the client was quicker in leaving
            return
        # Whatever the modes of its folder: another user's request would run as this user.
        if wire.peer(connection)[1] != os.geteuid():
            connection.close()
            return
        connection.setblocking(False)
        self._waiting[connection] = (wire.Reader(), time.monotonic() + HALF_A_MESSAGE)
        self._selector.register(connection, selectors.EVENT_READ, self._read)

    def _read(self, connection: socket.socket) -> Optional[Life]:
        reader, _ = self._waiting[connection]
        try:
            request = reader.read(connection)
        except BlockingIOError:
            return None
        except (EOFError, OSError, ValueError):
            self._drop(connection)
            return None
        if request is None:
            return None
        try:
            life = self._fork(request, reader.descriptors, connection)
        except (KeyError, IndexError, TypeError, OSError) as error:
            wire.tell(connection, {"refused": "%s: %s" % (type(error).__name__, error)})
            self._drop(connection)
            return None
        if life is None:
            try:
                self._pool.plan(request, reader.descriptors)
            except OSError:  # then nothing is forked ahead
                pass
            # The kernel has them now; here they would keep its leases alive.
            reader.close()
        return life

    def _fork(
        self, request: Dict[str, Any], descriptors: List[int], connection: socket.socket
    ) -> Optional[Life]:
        problem = preimport.unfit() or self._difference(request["env"])
        if problem:
            raise OSError(problem)
        client = descriptors[request["descriptors"]["client"]]
        self._lifetime.remember_client(wire.peer(connection)[0], client)
        pid = self._pool.give(request, descriptors)
        if pid is None:
            pid, life = self._child(lambda: ForkedKernel(request, descriptors))
            if life is not None:
                return life
        del self._waiting[connection]
        self._selector.unregister(connection)
        self._children.add(pid, connection)
        return None

    def _fork_ahead(self) -> Optional[Life]:
        """Fork what is due for requests to come."""
        plan = self._pool.due()
        if plan is None:
            return None
        life = None
        try:
            life = None if is_short() else self._carry_out(plan)
        except OSError:  # kernels are forked as ever
            pass
        if life is None:
            for lease in plan.leases:
                os.close(lease)
        return life

    def _carry_out(self, plan: Plan) -> Optional[Life]:
        ours, theirs = socket.socketpair()
        pid, life = self._child(lambda: _ahead(plan, theirs))
        if life is not None:
            ours.close()
            return life
        theirs.close()
        self._children.add(pid)
        self._pool.add(Slot(plan.key, pid, ours, plan.request.get("preload", 0)))
        self._selector.register(ours, selectors.EVENT_READ, self._pool.hear)
        return None

    def _child(self, make: Callable[[], Life]) -> Tuple[int, Optional[Life]]:
        """Fork; the child's pid. In the child, 0 and what it is to become."""
        # No signal for the zygote is to reach a child that still has its handlers.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            pid = os.fork()
            return pid, (self._become(make) if pid == 0 else None)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _difference(self, environ: Dict[str, str]) -> str:
        """Which variable a kernel cannot have as it wants it, or ``""``."""
        for name, value in self._reads.items():
            if environ.get(name) != value:
                return "%s was read when the zygote started, and has another value" % name
        return ""

    def _become(self, make: Callable[[], Life]) -> Life:
        """In a child: have nothing of the zygote's; objects would close what has its number."""
        try:
            signal.set_wakeup_fd(-1)
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            clients = (*self._waiting, *self._children.connections)
            for connection in (self._listener, *clients, *self._pool.connections):
                connection.close()
            self._selector.close()
            return make()
        except BaseException:  # noqa: BLE001  (there must not be two zygotes)
            os._exit(1)

    def _end(self, *_: Any) -> None:
        self._told_to_end = True

    def _is_over(self) -> bool:
        if self._waiting or self._children.connections:
            return False
        return self._lifetime.is_over()

    def _give_up_on_the_slow(self) -> None:
        for connection, (_, limit) in list(self._waiting.items()):
            if time.monotonic() > limit:
                self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        """Forget a connection that no kernel came of."""
        reader, _ = self._waiting.pop(connection)
        reader.close()
        self._selector.unregister(connection)
        connection.close()


def _ahead(plan: Plan, zygote: socket.socket) -> Life:
    """What a child becomes by a plan."""
    if plan.key == SPARE:
        return Spare(zygote)
    return Parked(plan.request, zygote, plan.leases, list(plan.key[1:]))


def _nothing(*_: Any) -> None:
    """Handle a signal of which the wake-up descriptor tells."""


def _take(path: str) -> Optional[int]:
    """Be the only zygote of this context; None if there is one."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
