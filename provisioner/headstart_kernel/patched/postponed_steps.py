"""Postpone what runs the user's own code in a kernel that has no environment yet.

Relies on: ipykernel >= 6.29: the steps of `IPKernelApp.initialize`, which are methods; formatters
that read the configuration when they are made.
Why: start-up files and extensions import the notebook's packages, and its folder is no place to
import from before the user has agreed to its header.
Without it: a step that ipykernel has under another name runs at once, without the packages.
Noticed by: tests/headstart_kernel/waiting/test_attach_later.py
"""

import sys
from typing import Any, List, Sequence

__all__ = ["USERS", "formatters", "postpone", "run_postponed", "run_steps"]

USERS = ("init_path", "init_gui_pylab", "init_extensions", "init_code")
"""In their order."""


def postpone(app: Any) -> None:
    """Have an application that is not initialised leave these steps out."""
    for name in USERS:
        if hasattr(app, name):
            setattr(app, name, _nothing)


def run_postponed(app: Any) -> None:
    """Make up for them, also for one that was initialised ahead."""
    for name in USERS:
        vars(app).pop(name, None)
    run_steps(app, [name for name in USERS if hasattr(app, name)])


def run_steps(app: Any, steps: Sequence[str]) -> None:
    """Run steps of an application whose shell is there already."""
    before = repr(app.shell.config)
    for step in steps:
        getattr(app, step)()
    if repr(app.shell.config) != before:
        for formatter in formatters(app):
            formatter.update_config(app.shell.config)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()


def formatters(app: Any) -> List[Any]:
    """What results are shown by; IPython makes them for the first one, which takes 2 ms."""
    return list(app.shell.display_formatter.formatters.values())


def _nothing() -> None:
    """Leave a step out."""
