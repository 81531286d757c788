"""Select the packages and wheels of a lock for an interpreter, as PEP 751 says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from ...errors import LockError
from ..interpreter import Interpreter
from ..messages import shown
from .lock_fields import RESOLVE_AGAIN, read_marker, read_specifier
from .pylock import Lock, LockedPackage, Wheel

__all__ = ["applicable", "narrow", "select"]


def select(lock: Lock, interpreter: Interpreter) -> tuple[tuple[LockedPackage, Wheel], ...]:
    """The packages that the interpreter gets, each with the wheel that fits it best.

    :raises LockError: if the lock is for another Python, or a package has no wheel that fits.
    """
    return tuple(_with_wheels(applicable(lock, interpreter), interpreter))


def narrow(packages: Iterable[LockedPackage], interpreter: Interpreter) -> Lock:
    """A lock of the packages and wheels for one interpreter only.

    :param packages: as `applicable` gives them.
    :raises LockError: if a package has no wheel that fits.
    """
    return Lock(
        tuple(
            replace(package, marker="", requires_python="", wheels=(wheel,))
            for package, wheel in _with_wheels(packages, interpreter)
        )
    )


def applicable(
    lock: Lock,
    interpreter: Interpreter,
    extras: Sequence[str] = (),
    groups: Sequence[str] | None = None,
) -> tuple[LockedPackage, ...]:
    """The packages of a lock that are meant for an interpreter.

    :param extras: the selected ones of the lock's extras.
    :param groups: the selected ones of its dependency groups; None for its default groups.
    :raises LockError: if the lock is for other interpreters, or has no such extra or group.
    """
    _check_interpreter(lock, interpreter)
    requested = {canonicalize_name(extra) for extra in extras}
    _check_declared("extra", sorted(requested), lock.extras)
    _check_declared("dependency group", groups or (), lock.groups)
    chosen = lock.default_groups if groups is None else groups
    values = {**interpreter.markers, "extras": requested, "dependency_groups": set(chosen)}
    selected: dict[str, LockedPackage] = {}
    for package in lock.packages:
        if package.marker and not _holds(package.marker, values, package.name, "lock_file"):
            continue
        if package.name in selected:
            raise LockError(
                f"The lock is damaged: it has {package.name} twice for this Python.",
                hint=RESOLVE_AGAIN,
            )
        _check_python(package.requires_python, interpreter.version, f"{package.name} in the lock")
        selected[package.name] = package
    return tuple(selected.values())


def _check_interpreter(lock: Lock, interpreter: Interpreter) -> None:
    _check_python(lock.requires_python, interpreter.version, "The lock")
    markers, environments = interpreter.markers, lock.environments
    if environments and not any(
        _holds(marker, markers, "the lock", "requirement") for marker in environments
    ):
        raise LockError(
            f"The lock is for other machines than this one: {shown(' or '.join(environments))}.",
            hint="Make a lock that has this platform too, as a universal one does.",
        )


def _check_python(specifier: str, python: str, what: str) -> None:
    if specifier and not read_specifier(specifier).contains(python, prereleases=True):
        raise LockError(
            f"{what} is for Python {specifier}, and this is Python {python}.", hint=RESOLVE_AGAIN
        )


def _check_declared(what: str, requested: Iterable[str], declared: Sequence[str]) -> None:
    for name in requested:
        if name not in declared:
            hint = f"It has {', '.join(declared)}." if declared else "It has none."
            raise LockError(f"The lock has no {what} {shown(name)}.", hint=hint)


def _holds(marker: str, values: Mapping[str, Any], owner: str, context: Any) -> bool:
    try:
        return read_marker(marker).evaluate(dict(values), context=context)
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion, RecursionError):
        raise LockError(
            f"The lock is damaged: {owner} has a marker that cannot be evaluated.",
            hint=RESOLVE_AGAIN,
        ) from None


def _with_wheels(
    packages: Iterable[LockedPackage], interpreter: Interpreter
) -> Iterator[tuple[LockedPackage, Wheel]]:
    # A table: an interpreter has a thousand tags, and a package up to a hundred wheels.
    ranks = {tag: rank for rank, tag in enumerate(interpreter.tags)}
    for package in packages:
        yield package, _best_wheel(package, ranks, interpreter.version)


def _best_wheel(package: LockedPackage, ranks: Mapping[str, int], python: str) -> Wheel:
    fitting = [
        (rank, wheel) for wheel in package.wheels if (rank := _rank(wheel, ranks)) is not None
    ]
    if not fitting:
        raise LockError(
            f"{package.name} {package.version} has no wheel for Python {python} on this machine.",
            hint=f"Ask for another version of {package.name}, or for another Python.",
        )
    return min(fitting, key=lambda ranked: ranked[0])[1]


def _rank(wheel: Wheel, ranks: Mapping[str, int]) -> tuple[int, int, str] | None:
    """How well a wheel fits (less is better): its best tag, then the higher build number."""
    # Split by hand: the name was validated when the lock was read, and packaging would make tag
    # objects for each wheel of the lock.
    parts = wheel.filename.removesuffix(".whl").split("-")
    build = re.match(r"\d*", parts[2])[0] if len(parts) == 6 else ""  # type: ignore[index]
    matches = [
        ranks[tag]
        for python in parts[-3].split(".")
        for abi in parts[-2].split(".")
        for platform in parts[-1].split(".")
        if (tag := f"{python}-{abi}-{platform}") in ranks
    ]
    return (min(matches), -int(build or 0), wheel.filename) if matches else None
