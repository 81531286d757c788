"""Ephemeral environments that are built while uv still asks the index: mostly it has nothing new.

Only what the store has already is built ahead: uv is not run, and nothing is fetched on a guess. It
is used only if uv's new lock is the one that it was built for.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock
from ...core.lock.selection import select
from ...core.progress import Progress, Reporter
from ...core.store.manifest import EnvironmentKind
from ...errors import HeadstartError, UvError
from ...store.leases import LeasedEnvironment
from ...uv.commands import UvCommand, UvResult
from ...uv.runner import Cancelled, Uv
from ..context import Context
from ..resolve.resolve import expected_lock
from .build import build_environment
from .wheel_parts import are_cached

__all__ = ["SpeculativeBuild", "building_speculatively"]

logger = logging.getLogger(__name__)


@contextmanager
def building_speculatively(
    spec: EnvironmentSpec, interpreter: Interpreter, context: Context
) -> Iterator[SpeculativeBuild | None]:
    """Build what a spec will most likely get, in a thread of its own, while the block runs.

    What was not taken when the block ends is removed then: the thread, the folder and the lease.

    :return: None if no lock can be expected, or if the lock needs no uv.
    """
    # A public store compiles what it builds, which is too much for a guess.
    asks_uv = spec.requirements and spec.lock is None and not spec.local_extras
    lock = expected_lock(spec, interpreter, context) if asks_uv else None
    if lock is None or context.store.public:
        yield None
        return
    build = SpeculativeBuild(lock, spec, interpreter, context)
    try:
        yield build
    finally:
        build.end()


class SpeculativeBuild:
    """An environment that is being built, for a lock that uv has yet to name."""

    def __init__(
        self, lock: Lock, spec: EnvironmentSpec, interpreter: Interpreter, context: Context
    ) -> None:
        self._lock, self._spec, self._interpreter = lock, spec, interpreter
        self._context = context
        self._events: list[Progress] = []
        self._given_up = threading.Event()
        self._environment: LeasedEnvironment | None = None
        # A daemon thread and no executor, for whose threads Python waits when it ends.
        self._thread = threading.Thread(target=self._work, name="headstart-ahead", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the process is about to end, or may have no more threads
            self._given_up.set()

    def expect(self, lock: Lock) -> None:
        """Go on only if this is the lock."""
        if lock != self._lock:
            self._given_up.set()

    def take(self, lock: Lock) -> LeasedEnvironment | None:
        """The environment, if it is for that lock and could be built; waits for the build.

        What was reported on the way is reported now, from the calling thread.
        """
        self.expect(lock)
        if self._given_up.is_set():
            return None
        self._thread.join()
        for event in self._events:
            self._context.report(event)
        environment, self._environment = self._environment, None
        return environment

    def end(self) -> None:
        """Remove what was not taken; waits for the thread. Raises nothing."""
        self._given_up.set()
        # To join a thread that could not be started raises.
        if self._thread.ident is not None:
            self._thread.join()
        environment, self._environment = self._environment, None
        if environment is None:
            return
        environment.close()
        try:
            self._context.store.remove(EnvironmentKind.EPHEMERAL, environment.environment.key)
        except HeadstartError as error:  # then the next prune does it
            logger.warning("What was built ahead was not removed: %s", error)

    def _work(self) -> None:
        context = self._context._replace(
            uv=_NoUv(), report=self._events.append, cancelled=self._is_given_up
        )
        try:
            if are_cached(select(self._lock, self._interpreter), self._interpreter, context):
                self._environment = build_environment(
                    self._lock, self._interpreter, self._spec, context, EnvironmentKind.EPHEMERAL
                )
        except (HeadstartError, OSError) as error:  # it will be built as usual
            logger.info("Nothing was built ahead: %s", error)
        except Exception:
            logger.exception("Nothing was built ahead.")

    def _is_given_up(self) -> bool:
        return self._given_up.is_set() or self._context.cancelled()


class _NoUv(Uv):
    """Nothing is made or fetched for a lock that is only expected."""

    def _run(
        self, command: UvCommand, report: Reporter, cancelled: Cancelled, timeout: float | None
    ) -> UvResult:
        raise UvError(f"uv is not run ahead ({command.verb}).")
