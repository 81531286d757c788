"""From a spec to a lock: the cached one, or a new one that uv resolves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock, LockedPackage, parse_lock, uploaded_too_late
from ...core.progress import Phase
from ...core.store.key import resolution_digest
from ...errors import DiskFull, HashMismatch, StoreError, UvError
from ...uv.configuration import compose, read_configuration
from .. import facts
from ..context import Context
from .upload_limit import limit_of, limit_of_header

__all__ = [
    "expected_lock",
    "recall_lock",
    "resolve",
    "resolve_uncached",
]


def resolve(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    *,
    refresh: bool = False,
    preferences: str = "",
    constraints: Iterable[str] = (),
    omit: Collection[str] = (),
    judge: bool = False,
) -> Lock:
    """The lock for a spec on an interpreter.

    A cached lock needs no uv and no network. A new one is checked, and then remembered.

    :param refresh: ask the index again, and resolve even if a lock is cached. Offline it is
        resolved from what uv's cache has of the index.
    :param preferences: text of a lock whose versions are preferred where they are allowed.
    :param constraints: PEP 508 lines that hold in addition to those of the spec.
    :param omit: variables of the user's that do not count, as `envvars.UV_CHOICES`.
    :param judge: look whether a new lock has old versions for want of wheels; see `newer_versions`.
    :raises PolicyError: if the spec or its lock asks for what is not allowed.
    :raises ResolutionError: if there is no lock.
    :raises HeadstartError: for other failures, of uv, the index or the store.
    """
    spec = spec._replace(constraints=(*spec.constraints, *constraints))
    cached = None if refresh else recall_lock(spec, interpreter, context, omit)
    if cached is not None:
        return cached
    previous = expected_lock(spec, interpreter, context) if refresh else None
    lock = resolve_uncached(
        spec,
        interpreter,
        context,
        preferences=preferences,
        refresh=refresh,
        previous=previous,
        omit=omit,
    )
    # The same lock was judged when it was new.
    if judge and lock != previous:
        # Here and below: a start with a cached lock imports nothing that runs uv or reads its
        # output.
        from .newer_versions import look_for_newer

        look_for_newer(spec, lock, interpreter, context)
    digest = _digest(spec, interpreter, context, omit)
    # A notebook that resolves at each start does not change what others have kept.
    if spec.requirements and (not refresh or context.store.recall_lock(digest) is None):
        context.store.remember_lock(digest, lock.render())
    if refresh and lock != expected_lock(spec, interpreter, context):
        _expect(digest, lock, context)
    return lock


def resolve_uncached(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    *,
    preferences: str = "",
    refresh: bool = False,
    universal_from: str = "",
    previous: Lock | None = None,
    omit: Collection[str] = (),
) -> Lock:
    """A new lock for a spec, cached or not; it is checked, and not remembered.

    :param universal_from: a version of Python: the lock is for all platforms, and for all Pythons
        from that version on. ``""``: it is for this interpreter.
    :param previous: a lock that was remembered for the spec: if uv chooses the same again, this
        says which index each package came from, and uv is not asked a second time.
    :param omit: as for `resolve`.
    :raises HashMismatch: if the spec's hashes exclude every wheel of a package.
    :raises HeadstartError: as `resolve` does.
    """
    context.policy.check_spec(spec)
    if not spec.requirements:
        return Lock()
    from ...uv.commands import compile_lock

    configuration, limit = read_configuration(context.settings), limit_of(spec, context, omit)
    context.tell(Phase.RESOLVE, "Resolving")
    command = compile_lock(
        spec,
        interpreter,
        preferences=preferences,
        exclude_newer=limit,
        refresh=refresh and not configuration.offline,
        universal_from=universal_from,
    )
    result = context.run(replace(command, omit=tuple(omit)))
    lock = parse_lock(result.stdout)
    _keep_warnings(result.stderr, spec, interpreter, context)
    _check_limit(lock, limit)
    lock = _located_as(previous, lock) or _located(lock, interpreter, context, universal_from, omit)
    context.policy.check_lock(lock)
    return _of_hashes(lock, spec)


def recall_lock(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    context: Context,
    omit: Collection[str] = (),
) -> Lock | None:
    """The lock that is remembered for a spec on an interpreter, or None."""
    if not spec.requirements:
        return Lock()
    return facts.recall_lock(context.store, _digest(spec, interpreter, context, omit))


def expected_lock(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Lock | None:
    """What a resolution that asks the index again will most likely give, or None.

    It is what the last one gave; that is remembered apart wherever it differs from what
    `recall_lock` finds, which stays as it is.
    """
    if not spec.requirements:
        return Lock()
    digest = _digest(spec, interpreter, context)
    fresh = facts.recall_lock(context.store, _apart(digest))
    return fresh or facts.recall_lock(context.store, digest)


def _expect(digest: str, lock: Lock, context: Context) -> None:
    """Remember a fresh lock apart, if the store can be written: it only saves time."""
    with suppress(StoreError, DiskFull):
        context.store.remember_lock(_apart(digest), lock.render())


def _apart(digest: str) -> str:
    return facts.digest_of("fresh", digest)


def _check_limit(lock: Lock, limit: str) -> None:
    """Refuse a lock that uv should not have chosen.

    Wheels without a time are in the folders of the settings: of an index uv takes none of those.
    """
    late = uploaded_too_late(lock, limit)[0] if limit else ()
    if late:
        raise UvError(
            f"uv has chosen {late[0].filename}, which was uploaded at {late[0].upload_time}; "
            f"exclude-newer leaves out what was uploaded since {limit}.",
            hint="Is uv up to date?",
        )


def _keep_warnings(
    log: str, spec: EnvironmentSpec, interpreter: Interpreter, context: Context
) -> None:
    """Remember what uv has warned of although it succeeded."""
    from ...uv.warnings import read_warnings
    from .notices import remember_warnings

    remember_warnings(read_warnings(log), spec, interpreter, context.store)


def _located_as(previous: Lock | None, lock: Lock) -> Lock | None:
    """The lock with the indexes of a previous one, if both have the very same files."""
    # A lock is remembered under its sources: all indexes and folders of wheels, in their order.
    # So each index that it names is one of those that were asked now, and it served the same file
    # (name, URL and hash are equal). Credentials, which are not part of the digest, can only decide
    # which of two that serve that one file is named: nothing installed or allowed depends on it.
    if previous is None or _unlocated(previous.packages) != lock.packages:
        return None
    return lock._replace(packages=previous.packages)


def _unlocated(packages: Iterable[LockedPackage]) -> tuple[LockedPackage, ...]:
    return tuple(replace(package, index="") for package in packages)


def _located(
    lock: Lock,
    interpreter: Interpreter,
    context: Context,
    universal_from: str,
    omit: Collection[str],
) -> Lock:
    """The lock with the indexes that uv has just seen its packages on."""
    from ...uv.commands import locate_packages, parse_locations

    command = locate_packages(lock.packages, interpreter, universal_from=universal_from)
    indexes = parse_locations(context.run(replace(command, omit=tuple(omit))).stdout)
    packages = (replace(package, index=indexes.get(package.name, "")) for package in lock.packages)
    return lock._replace(packages=tuple(packages))


def _of_hashes(lock: Lock, spec: EnvironmentSpec) -> Lock:
    """The lock with those wheels only that the spec's hashes allow; uv is not told of them."""
    # With hashes uv would ask for one of every requirement; so a hash for one name asks nothing of
    # the others.
    if not spec.hashes:
        return lock
    from ...core.lock.satisfies import only_hashes

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


def _digest(
    spec: EnvironmentSpec, interpreter: Interpreter, context: Context, omit: Collection[str] = ()
) -> str:
    """What a lock is remembered under: all that is composed for the call, and what uv would get.

    A span of the user's counts as it is written: a lock that was right for it stays so. One of the
    header's moves on.
    """
    call = compose(spec, exclude_newer=limit_of_header(spec, context))
    choosing = read_configuration(context.settings).choosing(omit)
    return resolution_digest(spec, interpreter, call=call, choosing=choosing)
