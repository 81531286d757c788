"""Tell an interrupt that is meant for a waiting cell from all others.

Relies on: ipykernel >= 6.29: ``pre_handler_hook`` and ``post_handler_hook`` of a kernel, by which
it takes SIGINT for the length of a request, and ``saved_sigint_handler``; ``shutdown_request``
among its ``shell_handlers`` and ``control_handlers``.
Why: between requests ipykernel ignores SIGINT, and it takes the one that comes while another
request is handled for an interrupt of that.
Without it: a waiting cell cannot be interrupted, or a request behind the scenes is.
Noticed by: tests/headstart_kernel/waiting/test_waiting_kernel.py
"""

import signal
import threading
from typing import Any, Callable, Dict

__all__ = ["Interrupts"]

HOOKS = ("pre_handler_hook", "post_handler_hook")
SHUTDOWN = "shutdown_request"
SAVED = "saved_sigint_handler"
"""ipykernel's names."""


class Interrupts:
    """Has SIGINT from the main thread until it is given back.

    ``is_stopping`` is whether the kernel was told to end: each end begins with an interrupt.

    :param is_waiting: does a cell wait?
    :param interrupt: called in the handler of the signal if one does.
    """

    def __init__(
        self, kernel: Any, is_waiting: Callable[[], bool], interrupt: Callable[[], object]
    ) -> None:
        self.is_stopping = False
        self._kernel = kernel
        self._is_waiting = is_waiting
        self._interrupt = interrupt
        self._is_handling = False
        self._before = signal.signal(signal.SIGINT, self._handle)
        for name, hook in zip(HOOKS, (self._begin, self._end)):
            setattr(kernel, name, hook)
        for handlers in (kernel.shell_handlers, kernel.control_handlers):
            self._note_shutdown(handlers)

    def ignore(self) -> None:
        """Interrupt nothing in the request that is handled now: it is not the user's."""
        self._is_handling = False

    def give_back(self) -> None:
        """Have SIGINT as in any kernel. While a request is handled, in the main thread."""
        for name in HOOKS:
            delattr(self._kernel, name)
        signal.signal(signal.SIGINT, self._before)
        setattr(self._kernel, SAVED, self._before)

    def _handle(self, number: int, frame: Any) -> None:
        if self._is_waiting():
            self._interrupt()
        elif self._is_handling:
            signal.default_int_handler(number, frame)

    def _begin(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._is_handling = True

    def _end(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._is_handling = False

    def _note_shutdown(self, handlers: Dict[str, Any]) -> None:
        handle = handlers.get(SHUTDOWN)
        if handle is None:
            return

        def shutdown_request(*arguments: Any) -> Any:
            self.is_stopping = True
            return handle(*arguments)

        handlers[SHUTDOWN] = shutdown_request
