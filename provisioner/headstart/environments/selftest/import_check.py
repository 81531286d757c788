"""Run by the Python of a kernel layer: import modules as a kernel would, say from where, try them.

In the layer's Python, for only there the path, the loaded modules and the variables are those of a
kernel. The standard library and what is in the layer, any Python from 3.8. Reads one JSON object
from stdin and writes a JSON line after each step, so that no outcome is lost in a crash.
"""

import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]  # this file's own folder, as a kernel's launcher does it

import importlib
import json
import os
import time
import traceback

LONGEST = 2000
"""Characters of a message that are written; the rest is cut."""


def main() -> None:
    """Take the steps that stdin lists; all that the modules print goes to stderr."""
    # By descriptors, for code in C prints too.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    work = json.load(sys.stdin)
    become_kernel(work["prefix"])
    steps = [("import", name) for name in work["modules"]]
    steps += [("usage", work["usage"])] if work["usage"] else []
    for kind, what in steps:
        started, outcome = time.perf_counter(), {"file": "", "error": "", "log": ""}
        try:
            if kind == "import":
                outcome["file"] = origin(importlib.import_module(what))
            else:
                exec(compile(what, "<usage>", "exec"), {"__name__": "usage"})
        except BaseException as error:  # noqa: BLE001  (a module may even call sys.exit)
            outcome["error"] = f"{type(error).__name__}: {error}"[:LONGEST]
            outcome["log"] = traceback.format_exc()[-LONGEST:]
        channel.write(json.dumps(dict(outcome, seconds=time.perf_counter() - started)) + "\n")
        channel.flush()
    # Threads and exit handlers of the packages are not what is tested.
    os._exit(0)


def become_kernel(prefix: str) -> None:
    """Load what a kernel loads, attach the environment, and search where the kernel does."""
    from headstart_kernel.app import import_kernel
    from headstart_kernel.attach import attach

    app_class = import_kernel()
    attach(prefix)
    # IPython puts the working directory on the path, at an index that differs between versions.
    app_class.instance().init_path()


def origin(module: object) -> str:
    """The file that a module was loaded from, the folder of a namespace; "" if it has neither."""
    paths = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
    return next((os.path.realpath(path) for path in paths if path), "")


if __name__ == "__main__":
    main()
