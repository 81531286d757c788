"""What runs uv's commands: the interface, and the real uv.

Light to import: what a call needs is imported when one is made, for most kernels start without.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.progress import Reporter, silent
from ..settings import Settings

if TYPE_CHECKING:
    from .commands import UvCommand, UvResult

__all__ = ["Cancelled", "Uv", "UvRunner", "never"]

Cancelled = Callable[[], bool]
"""Says whether the caller no longer wants a call's result."""


def never() -> bool:
    """Not cancelled, ever."""
    return False


class Uv(ABC):
    """What runs uv's commands: `UvRunner`, and `headstart.testing.fake_uv.FakeUv` in tests."""

    def run(
        self,
        command: UvCommand,
        *,
        report: Reporter = silent,
        cancelled: Cancelled = never,
        timeout: float | None = None,
    ) -> UvResult:
        """Run one command to its end.

        :param report: hears of progress, from the calling thread.
        :param cancelled: asked a few times a second; True ends uv and all it started.
        :param timeout: seconds the call may take; None for the ``build_timeout`` setting.
        :raises BuildCancelled: if it was cancelled.
        :raises BuildTimeout: if it took too long.
        :raises HeadstartError: what `diagnosis.diagnose` makes of uv's failure.
        """
        return self._run(command, report, cancelled, timeout)

    @abstractmethod
    def _run(
        self, command: UvCommand, report: Reporter, cancelled: Cancelled, timeout: float | None
    ) -> UvResult:
        """As `run`."""


class UvRunner(Uv):
    """Runs the real uv, of the ``uv`` package, in an empty folder and a composed environment.

    :param cache_dir: uv's cache; on the store's file system, so that linking works.
    :param binary: path of another uv, or ``""``.
    """

    def __init__(self, settings: Settings, cache_dir: Path, binary: str = ""):
        self._settings = settings
        self._cache_dir = cache_dir
        self._binary = binary

    def _run(
        self, command: UvCommand, report: Reporter, cancelled: Cancelled, timeout: float | None
    ) -> UvResult:
        # A start that reuses an environment has a runner too, and never comes here.
        from .configuration import read_configuration
        from .process import find_binary, run_process

        return run_process(
            command,
            read_configuration(self._settings),
            self._cache_dir,
            binary=self._binary or find_binary(),
            report=report,
            cancelled=cancelled,
            timeout=self._settings.build_timeout if timeout is None else timeout,
        )
