"""The files of a lock that a notebook brings, as the configured indexes list them.

A lock says which files, by their hashes, and never where they are: no connection is made to its
URLs, for even an index's own host may serve at one of them what the index does not list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock, LockedPackage, Wheel, parse_lock
from ...core.messages import shown
from ...core.policy import raise_violations
from ...core.progress import Phase
from ...core.store.parts import part_name, python_tag
from ...error_facts import Violation
from ...errors import HashMismatch, PackageIndexError, ResolutionError
from ...uv.commands import compile_pins, locate_packages, parse_locations
from ...uv.configuration import read_configuration
from ..context import Context

__all__ = ["as_listed"]

_Listed = Mapping[tuple[str, str], Wheel]
"""Names and SHA-256 to the files that the indexes list."""


def as_listed(
    packages: Sequence[LockedPackage], interpreter: Interpreter, context: Context
) -> tuple[Lock, bool]:
    """The packages, each as a file of a configured index or folder; and whether all of them are.

    Where the indexes cannot be asked, a file that the store has by its hash is enough. It has no
    URL then: it is not to be fetched from anywhere.

    :param packages: with one wheel each, which has a SHA-256.
    :raises PolicyError: if no index has a file.
    :raises HashMismatch: if a file of the index has another size than the lock says.
    :raises PackageIndexError: if the indexes cannot be asked for what the store does not have.
    """
    if not packages:
        return Lock(), True
    context.tell(Phase.RESOLVE, "Looking for the files of the lock")
    try:
        return Lock(_looked_up(packages, interpreter, context)), True
    except PackageIndexError:
        stored = {p.name: p for p in packages if _is_stored(p, interpreter, context)}
        rest = [package for package in packages if package.name not in stored]
        if not stored:
            raise
    # What the store has is no reason to fail: only the rest has to be known to the indexes.
    listed = {p.name: p for p in _looked_up(rest, interpreter, context)} if rest else {}
    files = {**{name: _without_url(package) for name, package in stored.items()}, **listed}
    return Lock(tuple(files[package.name] for package in packages)), False


def _is_stored(package: LockedPackage, interpreter: Interpreter, context: Context) -> bool:
    [wheel] = package.wheels
    return context.store.parts.has(part_name(wheel.sha256, python_tag(interpreter)))


def _without_url(package: LockedPackage) -> LockedPackage:
    [wheel] = package.wheels
    return replace(package, index="", wheels=(wheel._replace(url=wheel.filename),))


def _looked_up(
    packages: Sequence[LockedPackage], interpreter: Interpreter, context: Context
) -> tuple[LockedPackage, ...]:
    try:
        listed = _list(packages, interpreter, context, refresh=False)
        complete = all(_key(package) in listed for package in packages)
    except ResolutionError:
        complete = False
    if not complete:
        # uv's cached copy of an index page may be older than the file.
        listed = _list_again(packages, interpreter, context)
    located = parse_locations(context.run(locate_packages(packages, interpreter)).stdout)
    return tuple(
        replace(p, index=located.get(p.name, ""), wheels=(_same(p, listed[_key(p)]),))
        for p in packages
    )


def _list_again(
    packages: Sequence[LockedPackage], interpreter: Interpreter, context: Context
) -> _Listed:
    """Ask the indexes themselves, if that is possible; all packages are listed, or it raises."""
    configuration = read_configuration(context.settings)
    limit = configuration.exclude_newer
    try:
        listed = _list(packages, interpreter, context, refresh=not configuration.offline)
    except ResolutionError as error:
        # uv's proof names the culprits, if not always: else any of the packages may be one.
        culprits = {error.package, *(error.requirements or ())}
        named = [p for p in packages if {p.name, f"{p.name}=={p.version}"} & culprits]
        raise_violations(
            [_unlisted(package, limit, error.message) for package in named or packages]
        )
        raise
    raise_violations([_unlisted(p, limit) for p in packages if _key(p) not in listed])
    return listed


def _list(
    packages: Iterable[LockedPackage], interpreter: Interpreter, context: Context, *, refresh: bool
) -> _Listed:
    command = compile_pins(packages, interpreter, refresh=refresh)
    served = parse_lock(context.run(command).stdout)
    return {(p.name, wheel.sha256): wheel for p in served.packages for wheel in p.wheels}


def _key(package: LockedPackage) -> tuple[str, str]:
    return package.name, package.wheels[0].sha256


def _same(package: LockedPackage, listed: Wheel) -> Wheel:
    [wheel] = package.wheels
    if None not in (wheel.size, listed.size) and wheel.size != listed.size:
        name = f"{package.name}=={package.version}"
        raise HashMismatch(
            f"The file that the index lists for {name} is not the one in the lock: it has "
            f"{listed.size} bytes, and {wheel.size} in the lock.",
            hint="Make the lock again.",
            details={"package": name},
        )
    return listed


def _unlisted(package: LockedPackage, limit: str, why: str = "") -> Violation:
    [wheel] = package.wheels
    under = f" within exclude-newer of uv's settings ({limit})" if limit else ""
    return Violation(
        "foreign-url",
        f"{package.name}=={package.version}",
        f"{wheel.filename} is not allowed: the lock takes it from {shown(wheel.url)}, and "
        f"no configured index lists that file{under}{f' ({why})' if why else ''}.",
        "Add its index to Jupyter's settings, or make the lock again.",
    )
