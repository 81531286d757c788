"""The kernel layer of a process that starts before its environment is known."""

from __future__ import annotations

from contextlib import suppress

from ..core.header.spec import EnvironmentSpec
from ..core.interpreter import Interpreter
from ..core.lock.pylock import Lock
from ..core.refresh import RefreshMode
from ..core.store.manifest import Environment, differing
from ..errors import HeadstartError
from ..store.leases import LeasedEnvironment
from .build.layers import find_common_layer, find_layer
from .context import Context
from .ready import Ready, cached_lock, requires_python_of
from .resolve.interpreters import cached_interpreter
from .resolve.resolve import expected_lock

__all__ = ["layer_at_hand", "suits"]


def layer_at_hand(spec: EnvironmentSpec, context: Context) -> LeasedEnvironment | None:
    """The layer, with a lease, in which a notebook's kernel will most likely run.

    None if it is not known which Python that is, or there is no layer of it. Uses neither uv nor a
    connection, and raises nothing: why an environment cannot be had is told where it is made.
    """
    with suppress(HeadstartError, OSError):
        interpreter = cached_interpreter(requires_python_of(spec, context), context)
        if interpreter is None:
            return None
        lock = _expected_lock(spec, interpreter, context)
        layer = None if lock is None else find_layer(lock, interpreter, context)
        return layer or find_common_layer(interpreter, context)
    return None


def _expected_lock(
    spec: EnvironmentSpec, interpreter: Interpreter, context: Context
) -> Lock | None:
    if spec.refresh is RefreshMode.EPHEMERAL and spec.lock is None and not spec.local_extras:
        return expected_lock(spec, interpreter, context)
    return cached_lock(spec, interpreter, context)


def suits(layer: Environment, ready: Ready) -> bool:
    """Whether a process of a layer may attach an environment, which may be of another layer.

    What it has loaded stays loaded, and an idle kernel loads more: to complete a name, or for the
    debugger. So of all that both have, it must be the same wheel.
    """
    if layer.key == ready.layer.environment.key:
        return True
    has, gets = layer.manifest, ready.environment.environment.manifest
    if (has.python_path, has.python_version) != (gets.python_path, gets.python_version):
        return False
    return not any(differing(has, gets))
