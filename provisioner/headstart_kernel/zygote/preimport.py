"""What a zygote has in memory: all that a kernel imports up to its first answer."""

import gc
import importlib
import os
import sys
from typing import Any, Dict, Tuple

from ..patched.environ_reads import Reads, Variables
from ..patched.rehearsal import rehearse
from ..patched.zmq_context import may_have_context

__all__ = ["WITHOUT_TRACE", "freeze", "load", "unfit"]

MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "ipykernel.displayhook",
    "ipykernel.iostream",
    "headstart_kernel.attach",
    "headstart_kernel.zygote.forked_kernel",
    "headstart_kernel.headerless",
    "headstart_kernel.magics",
    "headstart_kernel.waiting.waiting_kernel",
)
"""Required."""

MORE_MODULES = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.debugger_backport",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "debugpy.server.api",
    "faulthandler",
    "pdb",
    "sqlite3",
    "tornado.platform.asyncio",
)
"""Only make a start quicker; a layer may lack them."""

WITHOUT_TRACE = frozenset({"JPY_PARENT_PID", "JPY_INTERRUPT_EVENT", "PATH"})
"""Variables that may change: a forked kernel sets right what was read from them, or they only led
to a program that was run."""


def load() -> Tuple[Variables, Dict[str, str]]:
    """Import it; the variables that were read, and those that Python and modules have set.

    What was read stays as it was: a kernel with another value cannot be had from this process.
    """
    first = _first_environ()
    with Reads() as reads:
        for name in MODULES:
            importlib.import_module(name)
        for name in MORE_MODULES:
            try:
                importlib.import_module(name)
            except ImportError:
                pass
        rehearse()
    changes = {name: value for name, value in os.environ.items() if first.get(name) != value}
    names = reads.names.union(changes) - WITHOUT_TRACE
    return {name: first.get(name) for name in names}, changes


def _first_environ() -> Dict[str, str]:
    """The variables that this process was started with."""
    with open("/proc/self/environ", "rb") as file:
        entries = [entry.partition(b"=") for entry in file.read().split(b"\0") if entry]
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in entries}


def unfit() -> str:
    """Why no kernel may be forked from this process; ``""`` if all is well."""
    tasks = os.listdir("/proc/self/task")
    if len(tasks) != 1:
        return "it has %d threads" % len(tasks)
    if "multiprocessing" in sys.modules:
        # Its children would share their working directory and their key with all kernels.
        return "multiprocessing is loaded"
    for name in ("sitecustomize", "usercustomize"):
        if not _is_of_python(sys.modules.get(name)):
            return "%s has run, and may have done anything" % name
    return "it has a ZeroMQ context" if may_have_context() else ""


def _is_of_python(module: Any) -> bool:
    """Whether a module is not loaded, or has come with the interpreter."""
    path = getattr(module, "__file__", None) or os.__file__
    return os.path.dirname(path) == os.path.dirname(os.__file__)


def freeze() -> None:
    """Keep the garbage collector from touching what is shared with the kernels to come."""
    gc.collect()
    gc.freeze()
