"""From a spec to a lock: the one that is remembered, or a new one that uv resolves."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from ..core.environment import Interpreter
from ..core.key import resolution_digest
from ..core.lock import Lock, LockedPackage, parse_lock
from ..core.policy import check_lock, check_spec, raise_violations
from ..core.progress import Phase
from ..core.spec import EnvironmentSpec
from ..core.times import parse_exclude_newer
from ..errors import DiskFull, HashMismatch, LockError, StoreError
from ..uv.configuration import read_configuration
from .context import Context
from .memory import digest_of

__all__ = ["expected_lock", "limit_of", "recall_lock", "resolve", "resolve_anew"]

_UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def resolve(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    *,
    refresh: bool = False,
    preferences: str = "",
    constraints: Iterable[str] = (),
    judge: bool = False,
) -> Lock:
    """The lock for a spec on an interpreter.

    A remembered lock needs no uv and no network. A new one is checked, and then remembered.

    :param refresh: ask the index again, and resolve anew whatever is remembered. Offline it is
        resolved from what uv's cache knows of the index.
    :param preferences: text of a lock whose versions are preferred where they are allowed.
    :param constraints: PEP 508 lines that hold besides those of the spec.
    :param judge: look whether a new lock has old versions for want of wheels; see `newer`.
    :raises PolicyError: if the spec or its lock asks for what is not allowed.
    :raises ResolutionError: if there is no lock.
    :raises HeadstartError: whatever else goes wrong between us and the index.
    """
    spec = spec._replace(constraints=(*spec.constraints, *constraints))
    remembered = None if refresh else recall_lock(spec, interpreter, context)
    if remembered is not None:
        return remembered
    known = expected_lock(spec, interpreter, context) if refresh else None
    lock = resolve_anew(
        spec, interpreter, context, preferences=preferences, refresh=refresh, known=known
    )
    if judge and lock != known:
        from .newer import look_for_newer

        look_for_newer(spec, lock, interpreter, context)
    digest = _digest(spec, interpreter, context)
    # A notebook that resolves at each start does not change what others have kept.
    if spec.requirements and (not refresh or context.store.recall_lock(digest) is None):
        context.store.remember_lock(digest, lock.render())
    if refresh and lock != expected_lock(spec, interpreter, context):
        _expect(digest, lock, context)
    return lock


def resolve_anew(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    *,
    preferences: str = "",
    refresh: bool = False,
    universal_from: str = "",
    known: Lock | None = None,
) -> Lock:
    """A new lock for a spec, whatever is remembered; it is checked, and not remembered.

    :param universal_from: a version of Python: the lock is for all platforms, and for all Pythons
        from that version on. ``""``: it is for this interpreter.
    :param known: a lock that was remembered for the spec: if uv chooses the same again, this says
        which index each package came from.
    :raises HashMismatch: if the spec's hashes exclude every wheel of a package.
    :raises HeadstartError: as `resolve` does.
    """
    raise_violations(check_spec(spec))
    if not spec.requirements:
        return Lock()
    configuration = read_configuration(context.settings)
    lock = _resolve(spec, interpreter, context, preferences, refresh, universal_from)
    lock = _located_as(known, lock) or _located(lock, interpreter, context, universal_from)
    raise_violations(check_lock(lock, find_links=configuration.folders))
    return _of_hashes(lock, spec)


def recall_lock(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Lock | None:
    """The lock that is remembered for a spec on an interpreter, or None."""
    if not spec.requirements:
        return Lock()
    return _recall(_digest(spec, interpreter, context), context)


def expected_lock(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Lock | None:
    """What a resolution that asks the index again will most likely give, or None.

    It is what the last one gave; that is remembered apart wherever it differs from what
    `recall_lock` finds, which stays as it is.
    """
    if not spec.requirements:
        return Lock()
    digest = _digest(spec, interpreter, context)
    return _recall(_apart(digest), context) or _recall(digest, context)


def _expect(digest: str, lock: Lock, context: Context) -> None:
    """Remember a fresh lock apart, if the store can be written: it only saves time."""
    with suppress(StoreError, DiskFull):
        context.store.remember_lock(_apart(digest), lock.render())


def _apart(digest: str) -> str:
    return digest_of("fresh", digest)


def _recall(digest: str, context: Context) -> Lock | None:
    text = context.store.recall_lock(digest)
    try:
        return _parsed(text) if text is not None else None
    except LockError:
        return None


@lru_cache(maxsize=32)
def _parsed(text: str) -> Lock:
    """A lock of a hundred packages takes 5 ms to parse; a server starts it again and again."""
    return parse_lock(text)


def _resolve(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    preferences: str,
    refresh: bool,
    universal_from: str,
) -> Lock:
    """What uv chooses; it does not say which indexes that came from."""
    from ..uv.commands import compile_lock

    context.tell(Phase.RESOLVE, "Resolving")
    command = compile_lock(
        spec,
        interpreter,
        preferences=preferences,
        exclude_newer=limit_of(spec, context),
        refresh=refresh and not read_configuration(context.settings).offline,
        universal_from=universal_from,
    )
    return parse_lock(context.run(command).stdout)


def _located_as(known: Lock | None, lock: Lock) -> Lock | None:
    """The lock with the indexes of a known one, if both hold the very same files."""
    # A lock is remembered under its sources: all indexes and folders of wheels, in their order.
    # So each index that it names is one of those that were asked now, and it served the same file
    # (name, URL and hash are equal). What is not part of the digest, credentials and uv's strategy
    # for choosing among indexes, can only decide which of two that serve that one file is named.
    # Nothing that is installed or allowed depends on it.
    if known is None or _unlocated(known.packages) != lock.packages:
        return None
    return lock._replace(packages=known.packages)


def _unlocated(packages: Iterable[LockedPackage]) -> tuple[LockedPackage, ...]:
    return tuple(replace(package, index="") for package in packages)


def _located(lock: Lock, interpreter: Interpreter, context: Context, universal_from: str) -> Lock:
    """The lock with the indexes that uv has just seen its packages on."""
    from ..uv.commands import locate_packages, parse_locations

    command = locate_packages(lock.packages, interpreter, universal_from=universal_from)
    found = parse_locations(context.run(command).stdout)
    packages = (replace(package, index=found.get(package.name, "")) for package in lock.packages)
    return lock._replace(packages=tuple(packages))


def _of_hashes(lock: Lock, spec: EnvironmentSpec) -> Lock:
    """The lock with those wheels only that the spec's hashes allow; uv is not told of them."""
    if not spec.hashes:
        return lock
    from ..core.fit import only_hashes

    hashes = dict(spec.hashes)
    packages = tuple(only_hashes(package, hashes) for package in lock.packages)
    for package in packages:
        if not package.wheels:
            raise HashMismatch(
                f"No wheel of {package.name} {package.version} has one of the hashes that its "
                "requirement allows.",
                hint=f"Ask for the version that they are of, as {package.name}==…, or leave them "
                "out.",
                details={"package": package.name, "version": package.version},
            )
    return lock._replace(packages=packages)


def _digest(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> str:
    configuration = read_configuration(context.settings)
    limit = limit_of(spec, context) or configuration.exclude_newer
    return resolution_digest(spec, interpreter, indexes=configuration.sources, exclude_newer=limit)


def limit_of(spec: EnvironmentSpec, context: Context) -> str:
    """The limit on upload times, made absolute; ``""`` if it is left to uv, which has the user's.

    Of the spec's and the user's limit the earlier holds: a header does not loosen what the user
    decided, nor take the place of a form of it that only uv can read.
    """
    if not spec.exclude_newer:
        return ""
    users = parse_exclude_newer(read_configuration(context.settings).exclude_newer)
    if users is None:
        return ""
    now = context.now()
    return min(_absolute(limit, now) for limit in (spec.exclude_newer, users) if limit)


def _absolute(limit: str, now: datetime) -> str:
    """A span ends at the last midnight (UTC), so that its lock is remembered for a day."""
    number, _, unit = limit.partition(" ")
    if unit.rstrip("s") not in _UNITS:
        return limit
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight - int(number) * _UNITS[unit.rstrip("s")]
    return moment.isoformat().replace("+00:00", "Z")
