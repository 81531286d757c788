"""Which launcher starts a kernel: a new way to start one is its module, and a row here."""

from __future__ import annotations

from collections.abc import Callable

from ...settings import Settings
from .process_launcher import Launcher, ProcessLauncher
from .zygote.zygote_launcher import zygote_launcher

__all__ = ["LAUNCHERS", "launcher_for"]

LAUNCHERS: tuple[Callable[[Settings], Launcher | None], ...] = (zygote_launcher,)
"""Each gives a launcher, or None where the settings or the system rule it out. The first that is
given is used; a new process is what is left where there is none."""


def launcher_for(settings: Settings) -> Launcher:
    """How kernels are started with these settings, on this system."""
    given = (choose(settings) for choose in LAUNCHERS)
    return next((launcher for launcher in given if launcher is not None), ProcessLauncher())
