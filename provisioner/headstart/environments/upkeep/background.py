"""Run a module of ours in a process that outlives its parent, and that no kernel waits for."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from ...settings import Settings, environ_of

__all__ = ["leave_parent", "start_in_background"]


def start_in_background(module: str, *arguments: str, settings: Settings) -> None:
    """Start ``python -m module``, which has to call `leave_parent`; takes 50 ms.

    :param settings: the process reads the same ones from its environment.
    :raises OSError: if no process can be started.
    """
    nothing = subprocess.DEVNULL
    subprocess.run(
        [sys.executable, "-P", "-m", module, *arguments],
        env=environ_of(settings),
        cwd="/",
        stdin=nothing,
        stdout=nothing,
        stderr=nothing,
        start_new_session=True,
        check=False,
    )


def leave_parent(delay: float) -> bool:
    """Go on in a child of this process, at the lowest priority, after ``delay`` seconds.

    :return: True in the child, False in this process, which has to end then.
    """
    # The second fork: the process that started this one waits for it only, and it ends now; init
    # waits for the child. Without it each build would leave the server a child to wait for.
    if os.fork() != 0:
        return False
    os.nice(19)
    time.sleep(delay)
    return True
