"""The kernel layer: an environment with ipykernel and what it needs, shared by many notebooks.

What the layer has loaded stays loaded when a kernel attaches an environment. So wherever lock and
layer have the same distribution, it must be the same wheel; where it is not, the notebook gets a
layer of its own.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock
from ...core.progress import Phase
from ...core.store.key import is_key, layer_key
from ...core.store.manifest import EnvironmentKind, Manifest
from ...errors import BuildError, BuildTooLarge, PackageIndexError
from ...store.leases import LeasedEnvironment
from ..context import Context
from ..facts import digest_of, recall, remember
from ..resolve.layer_lock import ADVICE, LAYER_SPEC, layer_lock_for, recall_common_locks

if TYPE_CHECKING:
    from ...store.publish import Filled
    from .empty_venv import File

__all__ = [
    "find_common_layer",
    "find_layer",
    "layer_for",
    "recalled_layer",
    "recalled_layer_of",
]

_SECONDS = 120
"""How long the layer's Python may take to load what a kernel loads."""

_LOAD = """
import sys
import headstart_kernel.app, ipykernel.ipkernel, ipykernel.kernelapp, ipykernel.zmqshell
from importlib.metadata import distributions
loaded = {name.partition(".")[0] for name in sys.modules}
for found in distributions():
    if any(file.parts[0].partition(".")[0] in loaded for file in found.files or ()):
        print(found.metadata["Name"])
"""


def layer_for(lock: Lock, interpreter: Interpreter, context: Context) -> LeasedEnvironment:
    """The layer in which a notebook with that lock runs: reused, or built.

    Which one it is, is remembered: whether a layer fits a lock never changes.

    :raises KernelConflict: if no ipykernel runs with what the lock holds.
    :raises KernelUnavailable: if the indexes have none.
    :raises HeadstartError: for other failures, of uv, the index or the store.
    """
    from headstart_kernel.install import digest

    context = context.for_layer(interpreter.short_version)
    choice = _choice(lock.digest, interpreter.path, interpreter.version)
    layer = _find_chosen(choice, context)
    if layer is not None:
        return layer
    layer_lock = layer_lock_for(lock, interpreter, context)
    # Our own files are in the layer: another version of them is another layer.
    key = layer_key(layer_lock, interpreter, digest())
    layer = context.store.find(EnvironmentKind.LAYER, key)
    layer = layer or _build(key, layer_lock, interpreter, context)
    remember(context.store, choice, {"key": key})
    return layer


def find_layer(lock: Lock, interpreter: Interpreter, context: Context) -> LeasedEnvironment | None:
    """The layer that kernels with a lock ran in last; None if none did, or it is not there."""
    return _find_chosen(_choice(lock.digest, interpreter.path, interpreter.version), context)


def find_common_layer(interpreter: Interpreter, context: Context) -> LeasedEnvironment | None:
    """The layer that notebooks share, if its lock is remembered and it is there."""
    from headstart_kernel.install import digest

    for lock in recall_common_locks(interpreter, context):
        layer = context.store.find(EnvironmentKind.LAYER, layer_key(lock, interpreter, digest()))
        if layer is not None:
            return layer
    return None


def recalled_layer_of(manifest: Manifest, context: Context) -> str:
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


def _find_chosen(choice: str, context: Context) -> LeasedEnvironment | None:
    key = _recall_key(choice, context)
    return context.store.find(EnvironmentKind.LAYER, key) if key else None


def _recall_key(choice: str, context: Context) -> str:
    fact = recall(context.store, choice) or {}
    key = str(fact.get("key"))
    # It becomes a path: the store may have been damaged since.
    return key if is_key(key) else ""


def _build(
    key: str, layer_lock: Lock, interpreter: Interpreter, context: Context
) -> LeasedEnvironment:
    # Every kernel start looks for its layer here, and few build one.
    from .build import install_lock

    def fill(prefix: Path) -> Filled:
        context.tell(Phase.LAYER, "Preparing the kernel")
        return install_lock(
            prefix,
            layer_lock,
            interpreter,
            LAYER_SPEC,
            context,
            files=_layer_files,
            compile_first=True,
            finish=_loaded_distributions,
        )

    try:
        return context.store.build(EnvironmentKind.LAYER, key, fill, cancelled=context.cancelled)
    except BuildTooLarge as error:
        raise error.with_message(
            f"Headstart's kernel cannot be installed: {error.message}",
            f"No header can change that: raise {error.setting}." if error.setting else ADVICE,
        ) from error
    except (BuildError, PackageIndexError) as error:
        # Their subclasses do not blame the layer's packages: a disk is full, an index is not
        # reached.
        if type(error) not in (BuildError, PackageIndexError):
            raise
        raise type(error)(
            f"Headstart's kernel cannot be installed: {error.message}",
            hint=ADVICE,
            log=error.log or "",
        ) from error


def _layer_files(bytecode: bool, site_packages: str) -> dict[str, File]:
    """Our own files in a layer, by path relative to the prefix.

    :param bytecode: all modules of the layer have their bytecode beside them.
    """
    # Reads the files that kernels get: only a build needs them.
    from headstart_kernel.install import START_OF_PATH, package_files, start_of_path

    from .empty_venv import File

    ours = {
        f"{site_packages}/headstart_kernel/{name}": content
        for name, content in package_files().items()
    }
    ours[f"{site_packages}/{START_OF_PATH}"] = start_of_path(bytecode).encode()
    return {path: File(content) for path, content in ours.items()}


def _loaded_distributions(prefix: Path) -> tuple[str, ...]:
    """Names of the distributions that a kernel of the layer has loaded when it attaches.

    Also the layer's trial: one that cannot load a kernel is not published.

    :raises BuildError: if it cannot.
    """
    # As above: only a build comes here.
    from packaging.utils import canonicalize_name

    done = subprocess.run(
        # Isolated (-I) from the user's variables and folders; no bytecode (-B), which would be in
        # no part's record.
        [prefix / "bin" / "python", "-I", "-B", "-c", _LOAD],
        cwd=prefix,
        env={},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        return tuple(sorted(map(canonicalize_name, done.stdout.split())))
    last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    raise BuildError(f"The kernel layer does not work: {last}.", log=done.stderr)
