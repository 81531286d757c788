"""The kernel process: hold the leases, attach the environment, run ipykernel."""

import json
import os
import sys
from typing import Any, Callable, Optional

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # elsewhere it is a module

from .ending import end_promptly
from .launch import FAILURE, Launch

ROOM = 256
"""Descriptors; a kernel opens some 70."""


def main() -> None:
    """Run a kernel as the launcher's arguments say; returns when the kernel has ended."""
    launch = Launch.from_json(sys.argv.pop(1))
    failure = os.environ.pop(FAILURE, None)
    for lease in launch.leases:
        # Children would hold the lease as long as they live: os.system("sleep 1d &").
        os.set_inheritable(lease, False)
    make_room()
    run(import_kernel(), launch.environment, failure)


def make_room() -> None:
    """Have room for the descriptors that a kernel opens, before it has threads.

    A table of descriptors that threads share grows slowly: Linux waits for all processors to have
    noticed (``expand_files``, fs/file.c), 10 ms and more, and has room for 64 at first.
    """
    if fcntl is not None:
        try:
            os.close(fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, ROOM - 1))
        except OSError:  # fewer are allowed, or there is no standard input
            pass


def run(
    app_class: Any,
    environment: Optional[str],
    failure: Optional[str] = None,
    prepare: Callable[[Any], None] = lambda _app: None,
) -> None:
    """Attach an environment and run a kernel; returns when it has ended.

    :param app_class: what `import_kernel` returns.
    :param environment: the prefix, or None.
    :param failure: the error as JSON that every cell is to answer with, see `launch.FAILURE`.
    :param prepare: called with the application before it is initialised.
    """
    if environment is not None:
        from .attach import attach

        attach(environment)
    app = app_class.instance()
    if failure is not None:
        from .failed import failed_kernel

        app.kernel_class = failed_kernel(json.loads(failure))
    prepare(app)
    app.initialize()
    end_promptly(app.kernel)
    if environment is not None:
        from .magics import register

        register(app.shell)
    app.start()


def import_kernel() -> Any:
    """Import what a kernel loads before it reads its configuration; the application's class."""
    import ipykernel
    from ipykernel.kernelapp import IPKernelApp

    # As it stands in a kernel started by `python -m ipykernel_launcher`.
    sys.argv[0] = os.path.join(
        os.path.dirname(os.path.dirname(ipykernel.__file__)), "ipykernel_launcher.py"
    )
    return IPKernelApp
