"""From a spec to an environment that is ready for a kernel: the one call of all clients."""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from ..core.header.spec import EnvironmentSpec
from ..core.interpreter import Interpreter
from ..core.lock.pylock import Lock
from ..core.progress import Phase
from ..core.refresh import RefreshMode
from ..core.store.key import environment_key
from ..core.store.manifest import Environment, EnvironmentKind
from ..errors import DiskFull, EnvironmentDamaged, StoreError
from ..store.leases import LeasedEnvironment
from ..store.store import Store
from .build.layers import layer_for
from .context import Context
from .resolve.interpreters import cached_interpreter, find_interpreter
from .resolve.layer_lock import common_layer_lock
from .resolve.resolve import recall_lock, resolve

if TYPE_CHECKING:
    from .build.speculative import SpeculativeBuild

__all__ = ["Ready", "cached_lock", "ensure", "lock_for", "look", "requires_python_of"]


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
    try:
        return _ensure(spec, context)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("There is no space left for the environment.") from error
        raise StoreError(f"The environment cannot be made ready: {error}.") from error


def _ensure(spec: EnvironmentSpec, context: Context) -> Ready:
    started, timings = time.perf_counter(), {}

    def lap(step: str) -> None:
        nonlocal started
        now = time.perf_counter()
        timings[step], started = round(now - started, 6), now

    interpreter = find_interpreter(requires_python_of(spec, context), context)
    lap("interpreter")
    with _building_speculatively(spec, interpreter, context) as speculative:
        lock = lock_for(spec, interpreter, context)
        if speculative is not None:
            speculative.expect(lock)
        lap("resolve")
        if spec.local_extras:
            # Here and below: a warm start finds all that it needs, and imports nothing that
            # resolves or builds.
            from .build.local_extras import lock_with_extras

            lock = lock_with_extras(spec, lock, interpreter, context)
            lap("extras")
        # The layer's lease ends if the environment cannot be built: it would last as long as this
        # process, which may be a server.
        with ExitStack() as stack:
            layer = layer_for(lock, interpreter, context)
            stack.callback(layer.close)
            lap("layer")
            existing = _find(spec, lock, interpreter, context)
            built = speculative.take(lock) if speculative is not None else None
            environment = existing or built or _build(spec, lock, interpreter, context)
            lap("environment")
            stack.pop_all()
    context.tell(Phase.READY, "Ready")
    return Ready(spec, lock, environment, layer, existing is not None, timings, context.store)


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
