"""What every step from a spec to an environment needs, passed along as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from .. import envvars
from ..core.policy import Policy
from ..core.progress import Phase, Progress, Reporter, silent
from ..errors import SettingsError
from ..settings import Settings
from ..store.store import Store
from ..store.system_store import open_store
from ..uv.configuration import read_configuration
from ..uv.runner import Uv, UvRunner, never

if TYPE_CHECKING:
    from ..uv.commands import UvCommand, UvResult

__all__ = ["Context", "never", "open_context", "open_system_context"]


def this_moment() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


class Context(NamedTuple):
    """Settings, the store and uv, which have all effects, and the caller's functions.

    :param report: hears of progress, from the thread that builds.
    :param cancelled: asked a few times a second while something takes long, from any thread.
    :param now: the time in UTC, from which spans like ``7 days`` are counted.
    """

    settings: Settings
    store: Store
    uv: Uv
    report: Reporter = silent
    cancelled: Callable[[], bool] = never
    now: Callable[[], datetime] = this_moment

    @property
    def policy(self) -> Policy:
        """What a spec and a lock may ask for here."""
        # Called for a lock only: the folders are in uv's files, and each start asks for its spec.
        return Policy(self.settings, lambda: read_configuration(self.settings).folders)

    def run(self, command: UvCommand, *, timeout: float | None = None) -> UvResult:
        """Run uv, with its cache in the store.

        :param timeout: seconds it may take; None for the ``build_timeout`` setting.
        :raises HeadstartError: as `Uv.run` does.
        """
        # uv would make the folders above its cache, readable for all users.
        self.store.prepare()
        return self.uv.run(command, report=self.report, cancelled=self.cancelled, timeout=timeout)

    def for_layer(self, python: str) -> Context:
        """The same for the work on a kernel layer: whatever that is, it is told as one line.

        :param python: its version, as ``3.11``.
        """

        def report(progress: Progress) -> None:
            message = f"Preparing Python {python}, once"
            done, total = progress.bytes_done, progress.bytes_total
            self.report(Progress(Phase.LAYER, message, bytes_done=done, bytes_total=total))

        return self._replace(report=report)

    def tell(self, phase: Phase, message: str) -> None:
        """Report an event that has no counts."""
        self.report(Progress(phase, message))


def open_system_context(settings: Settings, report: Reporter = silent) -> Context:
    """A context that builds into the system store, for all users. Touches no file.

    :raises SettingsError: if the settings name no system store.
    """
    if settings.system_store is None:
        raise SettingsError(
            "No system store is set.", hint=f"Set {envvars.SYSTEM_STORE} to its folder."
        )
    settings = replace(settings, store=settings.system_store, system_store=None)
    store = Store(settings.store, public=True, notice=_notice(report))
    return Context(settings, store, UvRunner(settings, store.uv_cache), report)


def open_context(
    settings: Settings, report: Reporter = silent, cancelled: Callable[[], bool] = never
) -> Context:
    """A context with the store of the settings and the real uv. Touches no file."""
    store = open_store(settings.store, settings.system_store, notice=_notice(report))
    return Context(settings, store, UvRunner(settings, store.uv_cache), report, cancelled)


def _notice(report: Reporter) -> Callable[[str], None]:
    return lambda text: report(Progress(Phase.CHECK, text))
