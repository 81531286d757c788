"""A kernel without an environment: it holds the user's cells until it has one.

It tells the other end of its link what the user runs, shows in the first cell how far the
environment is, attaches it, and lets the cells run in their order. All of that happens in the
thread of the shell channel, but for what has to be done between requests.
"""

import os
import threading
from typing import Any, Awaitable, Dict, List, Optional, Tuple

from ..failed import TITLE, refuse, render
from ..headerless import has_header
from ..magics import register
from ..patched.cell_gate import gate_cells
from ..patched.interrupts import Interrupts
from ..patched.postponed_steps import run_postponed
from ..patched.shell_hold import ShellHold
from ..shell_request import Request
from .kernel_end import KernelEnd
from .late_attach import Refused, attach_late
from .progress_display import ProgressDisplay
from .waiting_cells import WaitingCells

Failure = Dict[str, Any]
"""An error as JSON: ``code``, ``message``, ``hint``, ``details``."""

CANCELLED = "cancelled"
RESTART_NEEDED = "restart-needed"
"""Codes of errors that a cell tells in its own way."""

INTERRUPTED: Failure = {
    "code": CANCELLED,
    "message": "The preparation of the environment was cancelled.",
}

NEEDS_RESTART = "The kernel has to be restarted to have this notebook's environment."
"""The first line of such an error."""

GO_ON = "Run the cell again to go on."

LOST: Failure = {
    "code": RESTART_NEEDED,
    "message": "The connection to the server, which makes this notebook's environment, is lost.",
}

BEFORE_A_SHUTDOWN = 0.2
"""Seconds after an interrupt in which the request to end may follow that it belongs to."""


def wait_for_environment(app: Any, link: int) -> None:
    """Have a kernel wait for its environment.

    :param app: an application that is initialised, without the steps of `postponed_steps`, and not
        started.
    :param link: the descriptor of the socket to what makes the environment.
    """
    WaitingKernel(app, link).prepare()


class WaitingKernel:
    """The state of such a kernel. See `wait_for_environment`."""

    def __init__(self, app: Any, link: int) -> None:
        self._app = app
        self._cells = WaitingCells()
        self._failures: Dict[str, Failure] = {}
        self._is_attaching = self._is_attached = self._is_lost = False
        self._leases: List[int] = []
        self._given: Optional[Tuple[Dict[str, Any], List[int]]] = None
        """What is to be attached as soon as the main thread can, with its leases."""
        self._giving = threading.Lock()
        self._has_environment = False
        self._runs = 0
        """Cells that the other end was told of."""
        self._shell = ShellHold(app.kernel, self._keep)
        self._display = ProgressDisplay(self._shell.publish)
        self._link = KernelEnd(
            link,
            lambda message, descriptors: self._shell.soon(lambda: self._act(message, descriptors)),
            lambda: self._shell.soon(self._lose),
        )

    def prepare(self) -> None:
        """Put all in place. In the main thread, before the kernel starts."""
        kernel = self._app.kernel
        self._shell.before_start(self._link.start)
        self._interrupts = Interrupts(
            kernel,
            lambda: self._shell.waiting is not None,
            self._interrupt,
        )
        gate_cells(kernel, self._judge)

    def _keep(self, request: Request) -> bool:
        """Whether a request has to wait."""
        if self._is_attached:
            return False
        if self._is_lost and request.is_cell:
            self._failures[request.msg_id] = LOST
            return False
        if not self._cells.keep(request):
            return False
        if request.is_cell:
            if self._shell.waiting is None:
                self._shell.wait_for(request)
            self._runs += 1
            self._link.send(
                {
                    "type": "run",
                    "msg_id": request.msg_id,
                    "cell_id": request.cell_id,
                    "code": request.code if has_header(request.code) else "",
                }
            )
            self._tell_waiting()
        return True

    def _act(self, message: Dict[str, Any], descriptors: List[int]) -> None:
        """Do what the other end says; what it may say in another version is ignored."""
        kind = message.get("type")
        if kind == "attach" and not self._is_attached:
            self._is_attaching = True
            # In place of one that was cancelled, if that has not begun yet.
            with self._giving:
                before, self._given = self._given, (message, descriptors)
            _close(before[1] if before is not None else [])
            self._shell.call_between_requests(self._attach)
            return
        _close(descriptors)
        if kind == "progress":
            self._show(message.get("progress") or {}, bool(message.get("quiet")))
        elif kind == "fail":
            # Those it did not know of when it said so are not meant: it begins again for them.
            newer = self._runs - int(message.get("runs", self._runs))
            self._end_waiting(message.get("error") or {}, newer)

    def _show(self, progress: Dict[str, Any], quiet: bool) -> None:
        request = self._shell.waiting
        if request is None or quiet:
            self._display.clear()
        else:
            self._display.show(request, progress)

    def _attach(self) -> None:
        """Attach the environment that was given last. In the main thread, between requests."""
        with self._giving:
            given, self._given = self._given, None
        if given is None:
            return
        message, leases = given
        if self._has_environment:
            _close(leases)
            return
        self._interrupts.ignore()
        environment = str(message.get("environment"))
        try:
            attach_late(
                self._app,
                environment,
                message.get("environ") or {},
                message.get("prepend_paths") or [],
            )
        except Refused as refused:
            _close(leases)
            text = str(refused)
            self._shell.soon(lambda: self._refuse(environment, text))
            return
        # Held until the process ends. No child inherits them: they came over a socket.
        self._leases, self._has_environment = leases, True
        try:
            run_postponed(self._app)
            register(self._app.shell)
        except BaseException:  # code of the user's; the environment is attached
            self._app.log.exception("A step of the start has failed.")
        self._interrupts.give_back()
        self._shell.soon(lambda: self._release(environment))

    def _refuse(self, environment: str, text: str) -> None:
        with self._giving:
            self._is_attaching = self._given is not None
        self._link.send({"type": "refused", "environment": environment, "message": text})
        if self._is_lost and not self._is_attaching:
            self._end_waiting(LOST)

    def _release(self, environment: str) -> None:
        """Let the cells run: the environment is there."""
        self._is_attached = True
        self._link.send({"type": "attached", "environment": environment})
        self._display.clear()
        self._shell.wait_for(None)
        requests = self._cells.take()
        for request in requests:
            self._shell.pass_on(request)
        self._shell.let_go()
        if requests:
            self._tell_waiting()

    def _lose(self) -> None:
        """Have no hope of an environment any more, unless it is attached right now."""
        self._is_lost = True
        if not self._is_attaching:
            self._end_waiting(LOST)

    def _interrupt(self) -> None:
        """Be interrupted, in a moment. In a handler of signals."""
        waiting = self._shell.waiting
        self._shell.later(BEFORE_A_SHUTDOWN, lambda: self._cancel(waiting))

    def _cancel(self, waiting: Optional[Request]) -> None:
        """Cancel, unless the interrupt was the beginning of the kernel's end.

        :param waiting: the cell that waited then. One that was run since is not meant.
        """
        if self._interrupts.is_stopping or self._is_attached or self._shell.waiting is not waiting:
            return
        self._end_waiting(INTERRUPTED)
        self._link.send({"type": "cancel"})

    def _end_waiting(self, failure: Failure, newer: int = 0) -> None:
        """Answer the first cell with an error, and the others that they were not run.

        :param newer: how many of the last cells go on waiting.
        """
        requests = self._cells.take(newer)
        if not requests:
            return
        self._display.clear()
        self._shell.wait_for(next(iter(self._cells.cells), None))
        first, *others = requests
        self._failures[first.msg_id] = failure
        self._shell.pass_on(first)
        for request in others:
            if request.is_cell:
                self._shell.abort(request)
            else:
                self._shell.pass_on(request)
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        cells = [{"msg_id": c.msg_id, "cell_id": c.cell_id} for c in self._cells.cells]
        self._link.send({"type": "waiting", "cells": cells})

    def _judge(self, _code: str, silent: bool, _store: bool) -> "Optional[Awaitable[Any]]":
        """Let a cell fail that waited in vain; None for all others, which run."""
        if not self._failures:
            return None
        parent = self._app.kernel.get_parent("shell")
        failure = self._failures.pop(parent.get("header", {}).get("msg_id"), None)
        return None if failure is None else self._answer(failure, silent)

    async def _answer(self, failure: Failure, silent: bool) -> Dict[str, Any]:
        message, code = str(failure.get("message", "")), failure.get("code")
        if code == CANCELLED:
            message = "%s %s" % (message, failure.get("hint") or GO_ON)
            lines = ["KeyboardInterrupt: " + message]
            return refuse(self._app.kernel, message, lines, silent, "KeyboardInterrupt")
        title = NEEDS_RESTART if code == RESTART_NEEDED else TITLE
        lines = render(failure, what_then(failure), title)
        return refuse(self._app.kernel, message, lines, silent)


def what_then(failure: Failure) -> str:
    """What to do after what an error itself advises; ``""`` if that is all."""
    if failure.get("code") == RESTART_NEEDED:
        return "" if failure.get("hint") else "Restart the kernel."
    if failure.get("hint"):
        return "Then run the cell again."
    return "Correct the header and run the cell again."


def _close(descriptors: List[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
