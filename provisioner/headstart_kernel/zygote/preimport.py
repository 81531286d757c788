"""What a zygote has in memory: all that a kernel imports up to its first answer."""

import gc
import importlib
import os
import sys
from typing import Any, Dict, Optional, Tuple

MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "ipykernel.displayhook",
    "ipykernel.iostream",
    "headstart_kernel.attach",
    "headstart_kernel.zygote.forked",
    "headstart_kernel.headerless",
    "headstart_kernel.magics",
)
"""Must be there."""

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

CELL = "import this\n%time 1 + 1\n!ls"
"""Has of everything that IPython transforms; it is not run."""

HISTORY = (
    "CREATE TABLE history (session integer, line integer, PRIMARY KEY (session, line))",
    "INSERT INTO history VALUES (1, 1)",
    "SELECT * FROM history ORDER BY session DESC LIMIT 1",
)
"""What IPython does with the database of its history, or the like of it."""

WITHOUT_TRACE = frozenset({"JPY_PARENT_PID", "JPY_INTERRUPT_EVENT", "PATH"})
"""Variables that may change: a forked kernel sets right what was read from them, or they only led
to a program that was run."""

Variables = Dict[str, Optional[str]]
"""Names of variables with their values; None for one that is not set."""


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


def rehearse() -> None:
    """Do once what kernels do with their first cells, for what that leaves in memory.

    It fills caches of regular expressions and of formatters, and has SQLite's code in memory, which
    then all kernels share. Nothing else is left: no database is open.
    """
    from IPython.core import completer, formatters, inputtransformer2

    # IPython's functions have no types.
    of_ipython: Any = completer, formatters, inputtransformer2
    of_ipython[0].CompletionSplitter()
    of_ipython[1].DisplayFormatter().format(1)
    of_ipython[2].TransformerManager().transform_cell(CELL)
    try:
        import sqlite3
    except ImportError:  # not every Python has it, and IPython does without
        return
    database = sqlite3.connect(":memory:")
    for statement in HISTORY:
        database.execute(statement)
    database.close()


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
    zmq: Any = sys.modules.get("zmq")
    if zmq is not None and vars(zmq.Context)["_instance"] is not None:
        return "it has a ZeroMQ context"
    return ""


def _is_of_python(module: Any) -> bool:
    """Whether a module is not there, or has come with the interpreter."""
    path = getattr(module, "__file__", None) or os.__file__
    return os.path.dirname(path) == os.path.dirname(os.__file__)


def freeze() -> None:
    """Keep the garbage collector from touching what is shared with the kernels to come."""
    gc.collect()
    gc.freeze()


class Reads:
    """Notes which variables are read and changed while it lasts.

    ``names`` are those that were read before they were changed; ``changes`` has what was set.
    """

    def __init__(self) -> None:
        self.names: "set[str]" = set()
        self.changes: Variables = {}

    def __enter__(self) -> "Reads":
        names, changes = self.names, self.changes
        plain: Any = type(os.environ)

        class Noting(plain):  # type: ignore[misc]
            def __getitem__(self, name: Any) -> str:
                if os.fsdecode(name) not in changes:
                    names.add(os.fsdecode(name))
                value: str = super().__getitem__(name)
                return value

            def __setitem__(self, name: Any, value: Any) -> None:
                super().__setitem__(name, value)
                changes[os.fsdecode(name)] = os.fsdecode(value)

            def __delitem__(self, name: Any) -> None:
                super().__delitem__(name)
                changes[os.fsdecode(name)] = None

        self._plain = plain
        environ: Any = os.environ
        environ.__class__ = Noting
        return self

    def __exit__(self, *_exception: object) -> None:
        environ: Any = os.environ
        environ.__class__ = self._plain
