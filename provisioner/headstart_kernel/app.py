"""The kernel process: hold the leases, attach the environment, run ipykernel."""

import json
import os
import sys
from typing import Any, Optional

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # elsewhere it is a module

from .launch_request import FAILURE, Launch
from .patched.listeners import use_listeners
from .patched.quick_exit import end_promptly

ROOM = 256
"""Descriptors; a kernel opens some 70."""


def main() -> None:
    """Run a kernel as the launcher's arguments say; returns when the kernel has ended."""
    launch = Launch.from_json(sys.argv.pop(1))
    # Removed, for children inherit it: kernels that this one starts have not failed.
    failure = os.environ.pop(FAILURE, None)
    links = [] if launch.link is None else [launch.link]
    for descriptor in (*launch.leases, *launch.listeners.values(), *links):
        # Children would hold a lease as long as they live: os.system("sleep 1d &").
        os.set_inheritable(descriptor, False)
    make_room()
    # In this order: with the environment attached, ipykernel's own imports would lead to it first.
    app_class = import_kernel()
    attach_environment(launch)
    run(app_class.instance(), launch, failure)


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


def attach_environment(launch: Launch) -> None:
    """Attach the environment that a launch names, if it names one."""
    # Imported where they are needed, here and below: a kernel that failed attaches nothing, and
    # most kernels have no failure and a header.
    if launch.environment is not None:
        from .attach import attach

        attach(launch.environment)


def run(app: Any, launch: Launch, failure: Optional[str] = None) -> None:
    """Run a kernel; returns when it has ended.

    :param app: the application, which is not initialised.
    :param failure: the error as JSON that every cell is to answer with, see `launch.FAILURE`.
    """
    if failure is not None:
        from .failed import failed_kernel

        app.kernel_class = failed_kernel(json.loads(failure))
    use_listeners(app, launch.listeners)
    if launch.link is not None:
        from .patched.postponed_steps import postpone

        postpone(app)
    app.initialize()
    finish(app, launch)
    app.start()


def finish(app: Any, launch: Launch) -> None:
    """Give an initialised kernel what only kernels of ours have."""
    end_promptly(app.kernel)
    if launch.environment is not None:
        from .magics import register

        register(app.shell)
    if launch.link is not None:
        from .waiting.waiting_kernel import wait_for_environment

        wait_for_environment(app, launch.link)
    if launch.headerless:
        from .headerless import watch

        watch(app.kernel, launch.headerless)


def import_kernel() -> Any:
    """Import what a kernel loads before it reads its configuration; the application's class."""
    import ipykernel
    from ipykernel.kernelapp import IPKernelApp

    # As it is in a kernel started by `python -m ipykernel_launcher`.
    sys.argv[0] = os.path.join(
        os.path.dirname(os.path.dirname(ipykernel.__file__)), "ipykernel_launcher.py"
    )
    return IPKernelApp
