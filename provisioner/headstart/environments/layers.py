"""The kernel layer: an environment with ipykernel and what it needs, shared by many notebooks.

What the layer has loaded stays loaded when a kernel attaches an environment. So wherever lock and
layer have the same distribution, it must be the same wheel; where it is not, the notebook gets a
layer of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.environment import EnvironmentKind, Interpreter, Manifest
from ..core.key import is_key, layer_key
from ..core.lock import Lock
from ..core.progress import Phase
from ..core.selection import select
from ..core.spec import EnvironmentSpec
from ..errors import (
    KernelConflict,
    NoCompatibleWheel,
    NoSuchVersion,
    ResolutionError,
    VersionConflict,
)
from ..store.leases import LeasedEnvironment
from .context import Context
from .memory import digest_of, recall, remember
from .resolve import resolve

if TYPE_CHECKING:
    from ..store.publish import Filled

__all__ = ["LAYER_SPEC", "known_layer", "layer_for", "layer_lock_for"]

LAYER_SPEC = EnvironmentSpec(requirements=("ipykernel>=6.29",))
"""What a kernel layer holds; resolved for each interpreter, and remembered."""


def layer_for(lock: Lock, interpreter: Interpreter, context: Context) -> LeasedEnvironment:
    """The layer in which a notebook with that lock runs: found, or built.

    Which one it is, is remembered: whether a layer fits a lock never changes.

    :raises KernelConflict: if no ipykernel runs with what the lock holds.
    :raises HeadstartError: whatever else goes wrong on the way.
    """
    from headstart_kernel.install import digest

    choice = _choice(lock.digest, interpreter.path, interpreter.version)
    known = _recall_key(choice, context)
    found = context.store.find(EnvironmentKind.LAYER, known) if known else None
    if found is not None:
        return found
    layer_lock = layer_lock_for(lock, interpreter, context)
    key = layer_key(layer_lock, interpreter, digest())
    found = context.store.find(EnvironmentKind.LAYER, key)
    layer = found or _build(key, layer_lock, interpreter, context)
    remember(context.store, choice, {"key": key})
    return layer


def known_layer(manifest: Manifest, context: Context) -> str:
    """The key of the layer that kernels of an environment ran in last, ``""`` if none did."""
    choice = _choice(manifest.lock_digest, manifest.python_path, manifest.python_version)
    return _recall_key(choice, context)


def _choice(lock_digest: str, python_path: str, python_version: str) -> str:
    """What the choice of a layer is remembered under."""
    from headstart_kernel.install import digest

    return digest_of("layer", lock_digest, python_path, python_version, digest())


def _recall_key(choice: str, context: Context) -> str:
    known = recall(context.store, choice) or {}
    key = str(known.get("key"))
    return key if is_key(key) else ""


def layer_lock_for(lock: Lock, interpreter: Interpreter, context: Context) -> Lock:
    """The lock of the layer for a notebook's lock: the common one wherever they agree.

    :raises KernelConflict: if no ipykernel runs with what the lock holds.
    """
    common = resolve(LAYER_SPEC, interpreter, context)
    wheels = _wheels(lock, interpreter)
    if not _disagreeing(wheels, common, interpreter):
        return common
    try:
        own = resolve(
            LAYER_SPEC,
            interpreter,
            context,
            preferences=common.render(),
            constraints=_pins(lock),
        )
    except (VersionConflict, NoSuchVersion, NoCompatibleWheel) as error:
        raise _conflict(lock, error) from error
    if different := _disagreeing(wheels, own, interpreter):
        pin = f"{different[0]}=={lock.versions[different[0]]}"
        raise KernelConflict(
            f"The lock has another file of {pin} than the index serves, and ipykernel, which runs "
            "the notebook, needs the one that the index serves.",
            hint="Make the lock again. If nobody has changed it, do not trust the index before you "
            "know why.",
            details={"requirements": [pin]},
        )
    return own


def _wheels(lock: Lock, interpreter: Interpreter) -> dict[str, str]:
    return {package.name: wheel.sha256 for package, wheel in select(lock, interpreter)}


def _disagreeing(wheels: Mapping[str, str], layer: Lock, interpreter: Interpreter) -> list[str]:
    """Names that are in both, as different wheels."""
    return [
        name
        for name, sha256 in _wheels(layer, interpreter).items()
        if wheels.get(name, sha256) != sha256
    ]


def _pins(lock: Lock) -> tuple[str, ...]:
    """The lock's versions as constraints: of all packages, for another IPython needs others."""
    return tuple(f"{name}=={version}" for name, version in sorted(lock.versions.items()))


def _conflict(lock: Lock, error: ResolutionError) -> KernelConflict:
    """Which of the lock's packages keep every ipykernel out, read from uv's proof."""
    proof = "\n".join(map(str, error.details.get("chain", ())))
    mentioned = set(re.findall(r"[\w.-]+==[^\s,;]+", proof))
    pins = sorted(mentioned.intersection(_pins(lock)))
    names = [pin.partition("==")[0] for pin in pins]
    needs = re.findall(r"(?:depends on|require) ([\w.-]+)([<>=!~][^\s;]*[^\s;,])", proof)
    found = dict.fromkeys(name + limit for name, limit in needs if name in names)
    wanted = [need for need in found if need not in pins]
    reason = f"it needs {' or '.join(wanted)}" if wanted else error.message.rstrip(".")
    return _excluded(pins, reason, {**error.details, "requirements": pins})


def _excluded(pins: Sequence[str], reason: str, details: Mapping[str, Any]) -> KernelConflict:
    names = " or ".join(pin.partition("==")[0] for pin in pins) or "what it conflicts with"
    return KernelConflict(
        f"ipykernel, which runs the notebook, does not run with "
        f"{' and '.join(pins) or 'these packages'}: {reason}.",
        hint=f"Ask for another version of {names} in the header, or of what needs it.",
        details=details,
    )


def _build(
    key: str, layer_lock: Lock, interpreter: Interpreter, context: Context
) -> LeasedEnvironment:
    from .build import install_lock
    from .layer_files import layer_files, loaded_distributions

    def fill(prefix: Path) -> Filled:
        context.tell(Phase.LAYER, "Installing the kernel")
        return install_lock(
            prefix,
            layer_lock,
            interpreter,
            LAYER_SPEC,
            context,
            files=layer_files,
            compile_first=True,
            finish=loaded_distributions,
        )

    return context.store.build(EnvironmentKind.LAYER, key, fill, cancelled=context.cancelled)
