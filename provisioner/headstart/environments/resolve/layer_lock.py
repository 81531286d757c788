"""The lock of a kernel layer: the common one, or its own for a lock that disagrees with that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ... import envvars
from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock, parse_lock
from ...core.lock.selection import select
from ...core.store.key import layer_key
from ...core.store.manifest import EnvironmentKind
from ...errors import (
    KernelConflict,
    KernelUnavailable,
    LockError,
    NoCompatibleWheel,
    NoSuchPackage,
    NoSuchVersion,
    PackageIndexError,
    ResolutionError,
    VersionConflict,
)
from ...uv.configuration import DEFAULT_INDEX, read_configuration
from ..context import Context
from ..facts import digest_of, recall, remember
from .resolve import recall_lock, resolve

__all__ = [
    "ADVICE",
    "LAYER_SPEC",
    "common_layer_lock",
    "layer_lock_for",
    "recall_common_locks",
]

LAYER_SPEC = EnvironmentSpec(requirements=("ipykernel>=6.29",))
"""What a kernel layer has; resolved for each interpreter, and remembered."""

ADVICE = (
    "No header can change that. Those who set up Jupyter can add an index that has it "
    f"({envvars.EXTRA_INDEXES}), a folder of wheels ({envvars.FIND_LINKS}) or a system store with "
    f"the kernel in it ({envvars.SYSTEM_STORE})."
)
"""What to do about a kernel that cannot be installed."""


def common_layer_lock(interpreter: Interpreter, context: Context) -> Lock:
    """The lock of the layer that notebooks share.

    The layer is Headstart's: the user's choices among versions do not count, only their indexes and
    folders of wheels. If those have no kernel any more, what is built already is still good.

    :raises KernelUnavailable: if the indexes have no kernel for the interpreter.
    :raises HeadstartError: for other failures, of uv, the index or the store.
    """
    last = _last(interpreter)
    context = context.for_layer(interpreter.short_version)
    try:
        lock = resolve(LAYER_SPEC, interpreter, context, omit=envvars.UV_CHOICES)
    except (ResolutionError, PackageIndexError) as error:
        if (built := _last_built(last, interpreter, context)) is not None:
            return built
        if isinstance(error, PackageIndexError):
            raise
        raise _unavailable(error, interpreter, context) from error
    # Compared first: a write waits for the disk, and the lock is mostly the same.
    if recall(context.store, last) != (fact := {"lock": lock.render()}):
        remember(context.store, last, fact)
    return lock


def _last_built(last: str, interpreter: Interpreter, context: Context) -> Lock | None:
    """The lock that notebooks shared last, if its layer is in the store."""
    # Only where the indexes have failed.
    from headstart_kernel.install import digest

    lock = _recall_last(last, context)
    if lock is None:
        return None
    try:
        layer = context.store.find(EnvironmentKind.LAYER, layer_key(lock, interpreter, digest()))
    except LockError:
        return None
    if layer is None:
        return None
    layer.close()
    return lock


def recall_common_locks(interpreter: Interpreter, context: Context) -> Iterator[Lock]:
    """What `common_layer_lock` may give, as far as it is remembered: the present one first."""
    lock = recall_lock(LAYER_SPEC, interpreter, context, envvars.UV_CHOICES)
    if lock is not None:
        yield lock
    lock = _recall_last(_last(interpreter), context)
    if lock is not None:
        yield lock


def _last(interpreter: Interpreter) -> str:
    """What the lock that notebooks shared last is remembered under."""
    return digest_of("common-layer", interpreter.path, interpreter.version)


def _recall_last(last: str, context: Context) -> Lock | None:
    fact = recall(context.store, last) or {}
    try:
        return parse_lock(str(fact.get("lock")))
    except LockError:
        return None


def layer_lock_for(lock: Lock, interpreter: Interpreter, context: Context) -> Lock:
    """The lock of the layer for a notebook's lock: the common one wherever they agree.

    :raises KernelConflict: if no ipykernel runs with the lock's packages.
    :raises KernelUnavailable: if the indexes have none.
    """
    common = common_layer_lock(interpreter, context)
    wheels = _wheels(lock, interpreter)
    if not _disagreeing(wheels, common, interpreter):
        return common
    # What the layer has loaded stays loaded, so that another file of the same package would be
    # there in metadata only. Old locks often differ: a layer of their own is an ordinary case.
    try:
        own = resolve(
            LAYER_SPEC,
            interpreter,
            context,
            preferences=common.render(),
            constraints=_pins(lock),
            omit=envvars.UV_CHOICES,
        )
    except NoSuchPackage as error:
        raise _unavailable(error, interpreter, context) from error
    except (VersionConflict, NoSuchVersion, NoCompatibleWheel) as error:
        raise _conflict(lock, error) from error
    if different := _disagreeing(wheels, own, interpreter):
        pin = f"{different[0]}=={lock.versions[different[0]]}"
        raise KernelConflict(
            f"The lock has another file of {pin} than the index serves, and ipykernel, which runs "
            "the notebook, needs the one that the index serves.",
            hint="Make the lock again. If it was not changed, do not trust the index before you "
            "know why.",
            requirements=[pin],
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
    proof = "\n".join(error.chain or ())
    mentioned = set(re.findall(r"[\w.-]+==[^\s,;]+", proof))
    pins = sorted(mentioned.intersection(_pins(lock)))
    names = [pin.partition("==")[0] for pin in pins]
    needs = re.findall(r"(?:depends on|require) ([\w.-]+)([<>=!~][^\s;]*[^\s;,])", proof)
    limits = dict.fromkeys(name + limit for name, limit in needs if name in names)
    others = [limit for limit in limits if limit not in pins]
    reason = f"it needs {' or '.join(others)}" if others else error.message.rstrip(".")
    culprits = " or ".join(names) or "what it conflicts with"
    return KernelConflict(
        f"ipykernel, which runs the notebook, does not run with "
        f"{' and '.join(pins) or 'these packages'}: {reason}.",
        hint=f"Ask for another version of {culprits} in the header, or of what needs it.",
        log=error.log,
        package=error.package,
        requirements=pins,
        chain=error.chain,
        details=error.details,
    )


def _unavailable(
    error: ResolutionError, interpreter: Interpreter, context: Context
) -> KernelUnavailable:
    """The error of a layer: without the facts that would be looked up in the header."""
    urls = read_configuration(context.settings).sources
    sources = " or ".join("uv's default index" if url == DEFAULT_INDEX else url for url in urls)
    return KernelUnavailable(
        f"Headstart's kernel needs {LAYER_SPEC.requirements[0]} for Python "
        f"{interpreter.short_version}, which is not available from {sources or 'anywhere'}: "
        f"{error.message}",
        hint=ADVICE,
        log=error.log,
        chain=error.chain,
        details={
            name: value
            for name, value in error.details.items()
            if name not in ("package", "requirements")
        },
    )
