"""Look at each cell before a kernel runs it.

Relies on: ipykernel >= 6.29: a kernel calls its own ``do_execute`` for each cell, with the code,
``silent`` and ``store_history`` first, and awaits what that returns.
Why: events and transformers of IPython come too late, or can be seen by the user's code; a subclass
would have to be chosen before the kernel is made, and parked kernels are made ahead.
Without it: cells run as ever; a header in a cell of a kernel without one goes unnoticed.
Noticed by: tests/kernels/test_kernels_without_header.py
"""

import functools
from typing import Any, Awaitable, Callable, Optional

__all__ = ["gate_cells"]

Judge = Callable[[str, bool, bool], "Optional[Awaitable[Any]]"]
"""Called with a cell's code, ``silent`` and ``store_history``; gives the reply to its request if
the cell is not to be run, else None."""


def gate_cells(kernel: Any, judge: Judge) -> None:
    """Have a kernel ask before it runs a cell. Cells that run have no frame more than ever.

    :param kernel: an `IPythonKernel`.
    """
    run = getattr(kernel, "do_execute", None)
    if run is None:
        return

    # Not a coroutine function: its frame would be in the tracebacks of the user's code.
    @functools.wraps(run)
    def do_execute(
        code: str, silent: bool, store_history: bool = True, *rest: Any, **options: Any
    ) -> Any:
        reply = judge(code, silent, store_history)
        return run(code, silent, store_history, *rest, **options) if reply is None else reply

    kernel.do_execute = do_execute
