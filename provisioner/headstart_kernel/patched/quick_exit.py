"""End a kernel without looking for children that it cannot have.

Relies on: ipykernel >= 6.29: the private ``Kernel._process_children``, which a kernel calls when it
ends.
Why: ipykernel imports psutil to find them, which takes longer than all the rest of its end.
Without it: the kernel ends as any other does.
Noticed by: tests/headstart_kernel/patched/test_quick_exit.py
"""

import os
from typing import Any

LOOK = "_process_children"
"""ipykernel's method."""


def end_promptly(kernel: Any) -> None:
    """Let a kernel that has no children end without looking for them."""
    look = getattr(kernel, LOOK, None)
    if look is not None:
        setattr(kernel, LOOK, lambda: [] if is_childless() else look())


def is_childless() -> bool:
    """Whether this process certainly has no children, not even ended ones."""
    try:
        # WNOWAIT: the exit status stays for the code that waits for the child.
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    except (AttributeError, OSError):  # not every system has it
        return False
    return False
