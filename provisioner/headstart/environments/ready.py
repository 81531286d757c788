"""From a spec to an environment that is ready for a kernel: the one call of all clients."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from ..core.header.spec import EnvironmentSpec
from ..core.interpreter import Interpreter
from ..core.lock.pylock import Lock
from ..core.progress import READY
from ..core.refresh import RefreshMode
from ..core.store.key import environment_key
from ..core.store.manifest import Environment, EnvironmentKind
from ..errors import DiskFull, EnvironmentDamaged, StoreError
from ..store.leases import LeasedEnvironment
from ..store.store import Store
from .build.layers import find_common_layer, find_layer, layer_for
from .context import Context
from .resolve.interpreters import cached_interpreter, find_interpreter
from .resolve.layer_lock import common_layer_lock
from .resolve.resolve import recall_lock, resolve

if TYPE_CHECKING:
    from .build.speculative import SpeculativeBuild
    from .build_progress import BuildProgress

__all__ = [
    "Ready",
    "cached_lock",
    "ensure",
    "known_lock",
    "lock_for",
    "look",
    "recall",
    "requires_python_of",
]


class Ready(NamedTuple):
    """An environment and its kernel layer, both leased.

    ``reused`` says that the environment existed before; ``timings`` are seconds a step.
    """

    spec: EnvironmentSpec
    lock: Lock
    environment: LeasedEnvironment
    layer: LeasedEnvironment
    reused: bool
    timings: Mapping[str, float]
    store: Store

    def release(self) -> None:
        """End this process's part in both leases, and an ephemeral environment with it.

        The kernel has ended; if a child of it still runs, the next clean-up removes the
        environment. May be called twice.
        """
        self.close()
        if self.environment.environment.manifest.kind is EnvironmentKind.EPHEMERAL:
            self.store.release_ephemeral(self.environment.environment.key)

    def close(self) -> None:
        """End this process's part in both leases."""
        self.environment.close()
        self.layer.close()

    def __enter__(self) -> Ready:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def ensure(spec: EnvironmentSpec, context: Context) -> Ready:
    """The environment that a spec asks for: reused, or resolved and built.

    What is cached needs no uv process and no network. An ephemeral spec asks the index again, and
    builds for this call only: in parallel, where the answer can be expected.

    :raises HeadstartError: and nothing else.
    """
    # Before all else: what is not allowed is refused even where it is cached.
    context.policy.check_spec(spec)
    with _explained():
        laps = _Laps()
        return _recall(spec, context, laps) or _make(spec, context, laps)


def recall(spec: EnvironmentSpec, context: Context) -> Ready | None:
    """What `ensure` would reuse, without uv and without a connection; None if it would build.

    :raises PolicyError: if the spec is not allowed, though its environment may be there.
    :raises HeadstartError: and nothing else: if the lock of the notebook cannot be read, or the
        store cannot be used.
    """
    context.policy.check_spec(spec)
    with _explained():
        return _recall(spec, context, _Laps())


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("There is no space left for the environment.") from error
        raise StoreError(f"The environment cannot be made ready: {error}.") from error


class _Laps:
    """Seconds that the steps took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._started = time.perf_counter()

    def end(self, step: str) -> None:
        """The step that began where the last one ended is over, or a part of it."""
        now = time.perf_counter()
        self.seconds[step] = round(self.seconds.get(step, 0.0) + now - self._started, 6)
        self._started = now


def _recall(spec: EnvironmentSpec, context: Context, laps: _Laps) -> Ready | None:
    if spec.refresh is RefreshMode.EPHEMERAL:
        return None
    interpreter = cached_interpreter(requires_python_of(spec, context), context)
    laps.end("interpreter")
    if interpreter is None:
        return None
    lock = cached_lock(spec, interpreter, context)
    laps.end("resolve")
    if lock is None:
        return None
    # A lease ends if the other thing is not there: it would last as long as this process, which
    # may be a server.
    with ExitStack() as stack:
        layer = find_layer(lock, interpreter, context)
        laps.end("layer")
        if layer is None:
            return None
        stack.callback(layer.close)
        key = environment_key(lock, interpreter)
        environment = context.store.find(EnvironmentKind.ENVIRONMENT, key)
        laps.end("environment")
        if environment is None:
            return None
        stack.pop_all()
    context.report(READY)
    return Ready(spec, lock, environment, layer, True, laps.seconds, context.store)


def _make(spec: EnvironmentSpec, context: Context, laps: _Laps) -> Ready:
    progress = _progress_of(spec, context)
    context = progress.context
    interpreter = find_interpreter(requires_python_of(spec, context), context)
    laps.end("interpreter")
    with _building_speculatively(spec, interpreter, context) as speculative:
        lock = lock_for(spec, interpreter, context)
        if speculative is not None:
            speculative.expect(lock)
        laps.end("resolve")
        if spec.local_extras:
            # Here and below: a warm start finds all that it needs, and imports nothing that
            # resolves or builds.
            from .build.local_extras import lock_with_extras

            lock = lock_with_extras(spec, lock, interpreter, context)
            laps.end("extras")
        progress.expect(lock, interpreter)
        with ExitStack() as stack:
            layer = layer_for(lock, interpreter, context)
            stack.callback(layer.close)
            laps.end("layer")
            # Not there a moment ago; but its lock may be new, or its layer was missing.
            existing = _find(spec, lock, interpreter, context)
            built = speculative.take(lock) if speculative is not None else None
            environment = existing or built or _build(spec, lock, interpreter, context)
            laps.end("environment")
            stack.pop_all()
    progress.finish(built=existing is None)
    return Ready(spec, lock, environment, layer, existing is not None, laps.seconds, context.store)


def _progress_of(spec: EnvironmentSpec, context: Context) -> BuildProgress:
    """What tells of the whole, from what is known before the first step."""
    from .build_progress import BuildProgress  # for builds alone

    python = cached_interpreter(requires_python_of(spec, context), context)
    lock = layer = None
    if python is not None:
        ephemeral = spec.refresh is RefreshMode.EPHEMERAL
        lock = None if ephemeral else cached_lock(spec, python, context)
        layer = None if lock is None else find_layer(lock, python, context)
        layer = layer or find_common_layer(python, context)
    if layer is not None:
        layer.close()
    return BuildProgress(context, resolves=lock is None, needs_layer=layer is None)


def _building_speculatively(
    spec: EnvironmentSpec, interpreter: Interpreter, context: Context
) -> AbstractContextManager[SpeculativeBuild | None]:
    """What is built of an ephemeral environment while uv asks the index; see `speculative`."""
    if spec.refresh is not RefreshMode.EPHEMERAL:
        return nullcontext()
    from .build.speculative import building_speculatively

    return building_speculatively(spec, interpreter, context)


def look(spec: EnvironmentSpec, context: Context) -> Environment | None:
    """The environment that `ensure` would reuse, or None if it would resolve or build.

    Changes nothing in the store, also where something is damaged.
    """
    interpreter = cached_interpreter(requires_python_of(spec, context), context)
    lock = cached_lock(spec, interpreter, context) if interpreter is not None else None
    if interpreter is None or lock is None or spec.refresh is RefreshMode.EPHEMERAL:
        return None
    try:
        key = environment_key(lock, interpreter)
        return context.store.look(EnvironmentKind.ENVIRONMENT, key)
    except EnvironmentDamaged:
        return None


def requires_python_of(spec: EnvironmentSpec, context: Context) -> str:
    """Which Pythons the environment may have: what the header and the lock that it brings say.

    :raises LockError: if the lock cannot be read.
    """
    if spec.lock is None:
        return spec.requires_python
    from .resolve.provided import python_of_both

    return python_of_both(spec, spec.lock, context)


def lock_for(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Lock:
    """The lock that `ensure` uses: the cached one, else a new one, which is cached then.

    Where the notebook brings one, nothing is resolved: it is what the interpreter gets of that.

    :raises PolicyError: if the spec is not allowed, though its lock may be cached.
    :raises HeadstartError: if there is none.
    """
    context.policy.check_spec(spec)
    if spec.lock is not None:
        from .resolve.provided import provided_lock

        return provided_lock(spec, spec.lock, interpreter, context)
    refresh = spec.refresh is RefreshMode.EPHEMERAL
    cached = None if refresh else recall_lock(spec, interpreter, context)
    if cached is not None:
        return cached
    # The layer's versions are preferred, so that notebooks share layers wherever they can.
    common = common_layer_lock(interpreter, context)
    return resolve(
        spec, interpreter, context, refresh=refresh, preferences=common.render(), judge=True
    )


def known_lock(spec: EnvironmentSpec, context: Context) -> Lock | None:
    """All that would be installed, where that is known; its environment may not be there."""
    interpreter = cached_interpreter(requires_python_of(spec, context), context)
    return None if interpreter is None else cached_lock(spec, interpreter, context)


def cached_lock(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Lock | None:
    """All that is to be installed, local extras among it, if it is cached."""
    if spec.lock is not None:
        from .resolve.provided import recall_provided

        lock = recall_provided(spec, spec.lock, interpreter, context)
    else:
        lock = recall_lock(spec, interpreter, context)
    if lock is None or not spec.local_extras:
        return lock
    from .build.local_extras import recall_lock_with_extras

    return recall_lock_with_extras(spec, lock, interpreter, context)


def _find(
    spec: EnvironmentSpec, lock: Lock, interpreter: Interpreter, context: Context
) -> LeasedEnvironment | None:
    if spec.refresh is RefreshMode.EPHEMERAL:
        return None
    return context.store.find(EnvironmentKind.ENVIRONMENT, environment_key(lock, interpreter))


def _build(
    spec: EnvironmentSpec, lock: Lock, interpreter: Interpreter, context: Context
) -> LeasedEnvironment:
    from .build.build import build_environment

    ephemeral = spec.refresh is RefreshMode.EPHEMERAL
    kind = EnvironmentKind.EPHEMERAL if ephemeral else EnvironmentKind.ENVIRONMENT
    return build_environment(lock, interpreter, spec, context, kind)
