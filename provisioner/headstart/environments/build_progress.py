"""The progress of a whole build: one bar from the header to the kernel, with an estimate.

What the steps report goes through here and is passed on with how much of the whole is done. While
a step reports nothing, the last event is passed on again with what the time makes of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..core.estimate import MOST, Step, Timing, Work, estimate, read_timings
from ..core.interpreter import Interpreter
from ..core.lock.pylock import Lock
from ..core.lock.selection import select
from ..core.progress import READY, Phase, Progress
from ..core.store.parts import part_name, python_tag
from .context import Context
from .facts import digest_of, recall, remember

__all__ = ["BuildProgress"]

SHORTEST = 1.0
"""Seconds: a build that takes less needs no estimate, and need not wait for the disk."""

INTERVAL = 0.5
"""Seconds without an event after which the last one is passed on again."""

_ORDER = tuple(Step)
_STEPS = {
    Phase.INTERPRETER: Step.INTERPRETER,
    Phase.RESOLVE: Step.RESOLVE,
    Phase.LAYER: Step.LAYER,
    # Another process does the rest: it takes as long as if it were done here.
    Phase.WAIT: Step.DOWNLOAD,
    Phase.DOWNLOAD: Step.DOWNLOAD,
    Phase.INSTALL: Step.INSTALL,
    Phase.COMPILE: Step.INSTALL,
}


class BuildProgress:
    """Between the steps of one build and who hears of them. Safe between threads.

    :param context: whose reporter hears of the whole.
    :param resolves: whether a lock has to be made.
    :param needs_layer: whether a kernel layer will most likely have to be made.
    :param clock: in seconds.
    """

    def __init__(
        self,
        context: Context,
        *,
        resolves: bool,
        needs_layer: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner, self._clock = context, clock
        # Held while an event is passed on, so that none overtakes another.
        self._lock = threading.RLock()
        steps = {Step.DOWNLOAD, Step.INSTALL}
        steps |= {Step.RESOLVE} if resolves else set()
        steps |= {Step.LAYER} if needs_layer else set()
        self._work = Work(frozenset(steps))
        self._past = read_timings((recall(context.store, _DIGEST) or {}).get("builds"))
        self._elapsed = dict.fromkeys(Step, 0.0)
        self._done: dict[Step, float] = {}
        self._bytes: dict[Step, tuple[int, int]] = {}
        self._step: Step | None = None
        self._since = self._told = clock()
        self._last: Progress | None = None
        self._fraction = 0.0
        self._waited = False
        self._expected = False

    @property
    def context(self) -> Context:
        """The context to build with."""
        return self._inner._replace(report=self.report, cancelled=self.cancelled)

    def expect(self, lock: Lock, interpreter: Interpreter) -> None:
        """It is known now what is installed: all that the store lacks is fetched.

        :raises LockError: if the lock does not fit the interpreter.
        """
        tag, parts = python_tag(interpreter), self._inner.store.parts
        selected = select(lock, interpreter)
        missing = [it for _, it in selected if not parts.has(part_name(it.sha256, tag))]
        size = sum(wheel.size or 0 for wheel in missing)
        with self._lock:
            self._expected = True
            self._finish(Step.INTERPRETER, Step.RESOLVE)
            steps = self._work.steps if missing else self._work.steps - {Step.DOWNLOAD}
            self._work = Work(steps, size, len(selected))
            self._bytes[Step.DOWNLOAD] = (0, size)

    def report(self, progress: Progress) -> None:
        """Hear of an event, and pass it on with what is known of the whole."""
        with self._lock:
            self._note(progress)
            self._inner.report(self._whole(progress))

    def cancelled(self) -> bool:
        """As the caller's, which is asked a few times a second: that keeps the bar moving."""
        with self._lock:
            if self._last is not None and self._clock() - self._told >= INTERVAL:
                self._inner.report(self._whole(self._last))
        return self._inner.cancelled()

    def finish(self, *, built: bool) -> None:
        """All is there.

        :param built: whether the environment was made here; then it is remembered what it took.
        """
        with self._lock:
            self._take_time()
            self._step = self._last = None
            self._inner.report(READY)
        if built and not self._waited and sum(self._elapsed.values()) >= SHORTEST:
            builds = [*self._past, self._timing()][-MOST:]
            remember(self._inner.store, _DIGEST, {"builds": builds})

    def _timing(self) -> Timing:
        seconds = {step.value: round(self._elapsed[step], 3) for step in Step}
        size, packages = self._work.bytes or 0, self._work.packages or 0
        return Timing(**seconds, bytes=size if seconds["download"] else 0, packages=packages)

    # -- with the lock held ------------------------------------------------------------------------

    def _note(self, progress: Progress) -> None:
        """What an event says of the steps."""
        self._take_time()
        self._last = progress
        step = _STEPS.get(progress.phase, self._step)
        if step in (Step.DOWNLOAD, Step.INSTALL) and not self._expected:
            # A local extra is built: that is part of finding out what is to be installed.
            step = Step.RESOLVE
        self._waited = self._waited or progress.phase is Phase.WAIT
        if step is None:
            return
        self._step = step
        self._work = self._work._replace(steps=self._work.steps | {step})
        # The layer's lock is looked up before the notebook's: then that is still to come.
        if step in (Step.DOWNLOAD, Step.INSTALL):
            self._finish(*_ORDER[: _ORDER.index(step)])
        if progress.bytes_total:
            _, expected = self._bytes.get(step, (0, 0))
            total = max(progress.bytes_total, expected)
            self._bytes[step] = (progress.bytes_done, total)
            if step is Step.DOWNLOAD:
                self._done[step] = min(progress.bytes_done / total, 0.999)

    def _take_time(self) -> None:
        now = self._clock()
        if self._step is not None:
            self._elapsed[self._step] += now - self._since
        self._since = now

    def _finish(self, *steps: Step) -> None:
        self._done.update(dict.fromkeys(steps, 1.0))
        for step in steps:
            _, total = self._bytes.get(step, (0, 0))
            self._bytes[step] = (total, total)

    def _whole(self, progress: Progress) -> Progress:
        """The event with what is known of the whole."""
        self._take_time()
        self._told = self._since
        fraction, remaining = estimate(self._work, self._past, self._elapsed, self._done)
        # An estimate may turn out to be wrong; the bar waits then.
        self._fraction = max(self._fraction, round(fraction, 4))
        return progress._replace(
            bytes_done=sum(done for done, _ in self._bytes.values()),
            bytes_total=sum(total for _, total in self._bytes.values()),
            fraction=self._fraction,
            remaining=None if remaining is None else round(remaining, 1),
        )


_DIGEST = digest_of("build-times")
"""What the times of earlier builds are remembered under."""
