"""Lock a notebook: resolve it for all platforms where that works, else for this one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.lock.held_back import HeldBack
from ...core.lock.pylock import Lock, LockedPackage
from ...core.lock.selection import select
from ...errors import LockError, ResolutionError
from ..context import Context
from .interpreters import find_interpreter
from .layer_lock import common_layer_lock
from .newer_versions import look_for_newer
from .notices import recall_warnings
from .resolve import recall_lock, resolve_uncached
from .upload_limit import limit_of_header

__all__ = ["Locked", "lock_spec"]

_VERSION = re.compile(r"\d+(?:\.\d+)*")
_MACHINE = ("sys_platform", "platform_machine", "implementation_name", "python_version")
"""Markers that say for which interpreters a lock of one of them is right."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A new lock.

    ``until`` is the moment that the spec's ``exclude_newer`` means today, or ``""``. ``reason``
    says why the lock is only for Pythons and platforms as ``interpreter``'s; ``""`` if it is
    universal.
    ``held_back`` are packages of which it has an old version for want of wheels; ``warnings`` is
    what uv has warned of.
    """

    lock: Lock
    interpreter: Interpreter
    until: str = ""
    reason: str = ""
    held_back: tuple[HeldBack, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """Its warnings, for people."""
        return (*(package.message for package in self.held_back), *self.warnings)

    @property
    def universal(self) -> bool:
        """Whether it is for all platforms."""
        return not self.reason


def lock_spec(
    spec: EnvironmentSpec,
    context: Context,
    *,
    old: Lock | None = None,
    upgrade: Collection[str] | None = None,
) -> Locked:
    """A new lock for a spec, in place of the one that it may have.

    Versions stay as they are where they can: those of the lock before, else those that the
    notebook runs with here, else those of the kernel layer.

    :param old: the lock before.
    :param upgrade: names whose versions shall be the newest; all packages, if it is empty. The
        index is asked again.
    :raises OnlyOlderVersion: if wheels are a whole major version older than what is allowed.
    :raises LockError: if a package that shall be newer is not in the lock before.
    :raises HeadstartError: if there is no lock.
    """
    spec = spec._replace(lock=None)
    interpreter = find_interpreter(spec.requires_python, context)
    preferences = _preferences(spec, interpreter, context, old, upgrade)
    locked = _lock(spec, interpreter, context, preferences, refresh=upgrade is not None)
    held_back = look_for_newer(spec, locked.lock, interpreter, context)
    warnings = recall_warnings(spec, locked.lock.versions, interpreter.version, context.store)
    return replace(locked, held_back=held_back, warnings=warnings)


def _lock(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    preferences: str,
    *,
    refresh: bool,
) -> Locked:
    until, reason = limit_of_header(spec, context), ""
    # From wide to narrow: where a package has no wheels for some Python or platform no lock is for
    # all of them, but one may be for this machine.
    for floor in dict.fromkeys(_floors(spec, interpreter)):
        try:
            lock = resolve_uncached(
                spec,
                interpreter,
                context,
                preferences=preferences,
                refresh=refresh,
                universal_from=floor,
            )
            select(lock, interpreter)
        except (ResolutionError, LockError) as error:
            reason = error.message
        else:
            return Locked(lock, interpreter, until)
    lock = resolve_uncached(spec, interpreter, context, preferences=preferences, refresh=refresh)
    return Locked(lock._replace(environments=(_machine(interpreter),)), interpreter, until, reason)


def _floors(spec: EnvironmentSpec, interpreter: Interpreter) -> Iterator[str]:
    """Versions of Python from which on a lock may be: the spec's lowest, then the interpreter's."""
    bounds = [
        Version(match[0])
        for limit in SpecifierSet(spec.requires_python)
        if limit.operator in {">=", ">", "==", "~="} and (match := _VERSION.match(limit.version))
    ]
    if bounds:
        yield str(max(bounds))
    yield interpreter.short_version


def _machine(interpreter: Interpreter) -> str:
    return " and ".join(f"{name} == '{interpreter.markers[name]}'" for name in _MACHINE)


def _preferences(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    old: Lock | None,
    upgrade: Collection[str] | None,
) -> str:
    if upgrade is not None and not upgrade:
        return ""
    newer = {canonicalize_name(name) for name in upgrade or ()}
    if old is None:
        old = recall_lock(spec, interpreter, context) or common_layer_lock(interpreter, context)
    elif unknown := sorted(newer - old.versions.keys()):
        raise LockError(
            f"There is no {' or '.join(unknown)} in the lock.",
            hint=f"It has {', '.join(sorted(old.versions)) or 'no packages'}.",
        )
    # Names and versions only: an old lock came with the notebook, and uv is not to see its URLs.
    kept = (p for p in old.packages if p.name not in newer)
    return Lock(tuple(LockedPackage(p.name, p.version, marker=p.marker) for p in kept)).render()
