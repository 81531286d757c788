"""Local extras: wheels and source trees on disk, which become packages of the lock.

They are installed without what they require; where the lock has a package too, the local one
counts. A source tree is copied, and the copy is built into a wheel: the tree stays as it is, and
from there on it is like any other wheel. Trees that give the same wheel share an environment.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ...core.header.spec import EnvironmentSpec, LocalExtra
from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock, LockedPackage, Wheel
from ...core.lock.selection import select
from ...core.progress import Phase
from ...core.refresh import RefreshMode
from ...core.requirements.requirements_file import FileProblem
from ...core.store.key import environment_key
from ...core.store.manifest import EnvironmentKind
from ...core.store.parts import part_name, python_tag
from ...errors import BuildError, PolicyError, ResolutionError, UvError
from ...request.local_trees import LocalExtraProblem, copy_tree, is_wheel, read_local_extra
from ...uv.process import installed_version
from ..context import Context
from ..facts import digest_of, recall, remember
from .source_build import build
from .wheel_parts import wheel_parts

__all__ = ["lock_with_extras", "recall_lock_with_extras"]


def recall_lock_with_extras(
    spec: EnvironmentSpec, lock: Lock, interpreter: Interpreter, context: Context
) -> Lock | None:
    """The lock with the spec's local extras, or None if one of them was never built."""
    packages = []
    for extra in spec.local_extras:
        package = _recall(extra, interpreter, context)
        if package is None:
            return None
        packages.append(package)
    return _merged(lock, packages)


def lock_with_extras(
    spec: EnvironmentSpec, lock: Lock, interpreter: Interpreter, context: Context
) -> Lock:
    """The lock with the spec's local extras, which are in the store from then on.

    :raises BuildError: if a source tree cannot be built, or a wheel cannot be installed.
    :raises LockError: if a wheel is for other interpreters.
    """
    recalled = recall_lock_with_extras(spec, lock, interpreter, context)
    may_reuse = spec.refresh is RefreshMode.CACHED
    # The environment outlives the parts that it was assembled from, and needs none of them.
    if recalled is not None and may_reuse and _is_built(recalled, interpreter, context):
        return recalled
    with tempfile.TemporaryDirectory(prefix="headstart-extras-") as folder:
        packages = [
            _ready(extra, interpreter, context, Path(folder, str(number)))
            for number, extra in enumerate(spec.local_extras)
        ]
    return _merged(lock, packages)


def _is_built(lock: Lock, interpreter: Interpreter, context: Context) -> bool:
    """Whether there is an environment with all of it already, so that no extra is needed."""
    key = environment_key(lock, interpreter)
    environment = context.store.find(EnvironmentKind.ENVIRONMENT, key)
    if environment is not None:
        environment.close()
    return environment is not None


def _merged(lock: Lock, packages: Sequence[LockedPackage]) -> Lock:
    local = {package.name: package for package in packages}
    if len(local) < len(packages):
        names = [package.name for package in packages]
        twice = next(name for name in names if names.count(name) > 1)
        raise BuildError(
            f"Two local extras are both the package {twice}.", hint="Name only one of them."
        )
    others = [package for package in lock.packages if package.name not in local]
    return Lock(tuple(sorted([*others, *packages], key=lambda package: package.name)))


def _recall(extra: LocalExtra, interpreter: Interpreter, context: Context) -> LockedPackage | None:
    """The package of an extra, if it is cached."""
    if is_wheel(Path(extra.path)):
        return _package(Path(extra.path).name, extra.digest)
    fact = recall(context.store, _built_digest(extra.digest, interpreter)) or {}
    try:
        return _package(str(fact["filename"]), str(fact["sha256"]))
    except (KeyError, InvalidWheelFilename):
        return None


def _package(filename: str, sha256: str) -> LockedPackage:
    """A package of which the lock does not say where its wheel is: only this machine has it."""
    name, version, _, _ = parse_wheel_filename(filename)
    return LockedPackage(name, str(version), wheels=(Wheel(filename, filename, sha256),))


def _built_digest(tree: str, interpreter: Interpreter) -> str:
    """What the wheel of a tree is remembered under."""
    python = [interpreter.path, interpreter.version, interpreter.platform]
    return digest_of("local-extra", tree, python, installed_version())


def _ready(
    extra: LocalExtra, interpreter: Interpreter, context: Context, folder: Path
) -> LockedPackage:
    """The package of an extra; its wheel is in the store from then on."""
    package = _recall(extra, interpreter, context)
    if package is not None and _is_part(package, interpreter, context):
        return package
    wheel = Path(extra.path)
    if is_wheel(wheel):
        _check_same(extra, wheel)
    else:
        wheel = _build(extra, interpreter, context, folder)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    package = _package(wheel.name, digest)
    size = wheel.stat().st_size
    # Its URL is for uv's install only. The lock that is kept has none: the key depends on the wheel
    # and not on where it was, and the folder of a build is removed.
    located = replace(package, wheels=(package.wheels[0]._replace(url=wheel.as_uri(), size=size),))
    wheel_parts(select(Lock((located,)), interpreter), interpreter, context, "copy")
    if not is_wheel(Path(extra.path)):
        fact = {"filename": wheel.name, "sha256": digest}
        remember(context.store, _built_digest(extra.digest, interpreter), fact)
    return package


def _build(extra: LocalExtra, interpreter: Interpreter, context: Context, folder: Path) -> Path:
    """The wheel of a source tree."""
    context.tell(Phase.INSTALL, f"Building {Path(extra.path).name}")
    copy, built = folder / Path(extra.path).name, folder / "built"
    _copy(extra, copy)
    try:
        build(copy, built, interpreter, context)
    # `from None`: what came before may quote a file of the tree, and errors are saved in notebooks.
    except FileProblem as problem:
        reason = f"{problem.where.replace(str(copy), extra.path)}: {problem.reason}"
        raise BuildError(
            f"The local extra {extra.path} cannot be built: {reason}", hint=problem.hint
        ) from None
    except (BuildError, PolicyError, ResolutionError, UvError) as error:
        # The user knows the tree, and not the copy of it.
        reason = error.message.replace(str(copy), extra.path)
        raise BuildError(
            f"The local extra {extra.path} cannot be built: {reason}",
            hint="Build it by hand to see why: `uv build --wheel`.",
            log=error.log,
            details=error.details,
        ) from error
    wheels = sorted(built.glob("*.whl"))
    if len(wheels) != 1:
        raise BuildError(f"The build of {extra.path} has left {len(wheels)} wheels.")
    return wheels[0]


def _copy(extra: LocalExtra, copy: Path) -> None:
    try:
        copy_tree(Path(extra.path), copy)
    except (LocalExtraProblem, OSError) as problem:
        raise BuildError(f"The local extra {extra.path} cannot be copied: {problem}.") from problem
    _check_same(extra, copy)


def _check_same(extra: LocalExtra, now: Path) -> None:
    """What is installed is what the header was read with, for that is what was agreed to."""
    try:
        same = read_local_extra(now).digest == extra.digest
    except LocalExtraProblem:
        same = False
    if not same:
        raise BuildError(
            f"The local extra {extra.path} has changed since the header was read.",
            hint="Start the kernel again.",
        )


def _is_part(package: LockedPackage, interpreter: Interpreter, context: Context) -> bool:
    name = part_name(package.wheels[0].sha256, python_tag(interpreter))
    return context.store.parts.find(name) is not None
