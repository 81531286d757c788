"""The kernel process: hold the leases, attach the environment, run ipykernel."""

import json
import os
import sys
from typing import Any

from .launch import FAILURE, Launch


def main() -> None:
    """Run a kernel as the launcher's arguments say; returns when the kernel has ended."""
    launch = Launch.from_json(sys.argv.pop(1))
    failure = os.environ.pop(FAILURE, None)
    for lease in launch.leases:
        # Children would hold the lease as long as they live: os.system("sleep 1d &").
        os.set_inheritable(lease, False)
    app_class = _import_kernel()
    if launch.environment is not None:
        from .attach import attach

        attach(launch.environment)
    app = app_class.instance()
    if failure is not None:
        from .failed import failed_kernel

        app.kernel_class = failed_kernel(json.loads(failure))
    app.initialize()
    if launch.environment is not None:
        from .magics import register

        register(app.shell)
    app.start()


def _import_kernel() -> Any:
    """Import what a kernel loads before it reads its configuration; the application's class."""
    import ipykernel
    from ipykernel.kernelapp import IPKernelApp

    # As it stands in a kernel started by `python -m ipykernel_launcher`.
    sys.argv[0] = os.path.join(
        os.path.dirname(os.path.dirname(ipykernel.__file__)), "ipykernel_launcher.py"
    )
    return IPKernelApp
