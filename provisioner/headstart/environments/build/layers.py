"""The kernel layer: an environment with ipykernel and what it needs, shared by many notebooks.

What the layer has loaded stays loaded when a kernel attaches an environment. So wherever lock and
layer have the same distribution, it must be the same wheel; where it is not, the notebook gets a
layer of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock
from ...core.progress import Phase
from ...core.store.key import is_key, layer_key
from ...core.store.manifest import EnvironmentKind, Manifest
from ...errors import (
    BuildError,
    BuildTooLarge,
    PackageIndexError,
)
from ...store.leases import LeasedEnvironment
from ..context import Context
from ..facts import digest_of, recall, remember
from ..resolve.layer_lock import ADVICE, LAYER_SPEC, layer_lock_for

if TYPE_CHECKING:
    from ...store.publish import Filled

__all__ = [
    "known_layer",
    "layer_for",
    "recalled_layer",
]


def layer_for(lock: Lock, interpreter: Interpreter, context: Context) -> LeasedEnvironment:
    """The layer in which a notebook with that lock runs: found, or built.

    Which one it is, is remembered: whether a layer fits a lock never changes.

    :raises KernelConflict: if no ipykernel runs with what the lock holds.
    :raises KernelUnavailable: if the indexes have none.
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


def recalled_layer(lock: Lock, interpreter: Interpreter, context: Context) -> str:
    """The key of the layer that kernels with a lock ran in last, ``""`` if none did."""
    return _recall_key(_choice(lock.digest, interpreter.path, interpreter.version), context)


def _choice(lock_digest: str, python_path: str, python_version: str) -> str:
    """What the choice of a layer is remembered under."""
    from headstart_kernel.install import digest

    return digest_of("layer", lock_digest, python_path, python_version, digest())


def _recall_key(choice: str, context: Context) -> str:
    known = recall(context.store, choice) or {}
    key = str(known.get("key"))
    return key if is_key(key) else ""


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

    try:
        return context.store.build(EnvironmentKind.LAYER, key, fill, cancelled=context.cancelled)
    except BuildTooLarge as error:
        raise error.with_message(
            f"Headstart's kernel cannot be installed: {error.message}",
            f"No header can change that: raise {error.setting}." if error.setting else ADVICE,
        ) from error
    except (BuildError, PackageIndexError) as error:
        # Those below them say nothing of a header: a disk is full, an index is not reached.
        if type(error) not in (BuildError, PackageIndexError):
            raise
        raise type(error)(
            f"Headstart's kernel cannot be installed: {error.message}",
            hint=ADVICE,
            log=error.log or "",
        ) from error
