"""A lock that the notebook brings: nothing is resolved, and nothing in it is believed.

It is cut down to what the interpreter gets, and all that is left is checked: each file is one that
a configured index lists, by its hash, and comes from there. The result is remembered, so that a
known lock costs no more than one that was resolved here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from packaging.specifiers import SpecifierSet

from ...core.header.spec import EnvironmentSpec, ProvidedLock
from ...core.interpreter import Interpreter
from ...core.lock.lock_fields import RESOLVE_AGAIN
from ...core.lock.pylock import Lock, LockedPackage, parse_lock
from ...core.lock.satisfies import only_hashes, unmet
from ...core.lock.selection import applicable, narrow
from ...core.policy import Policy
from ...core.store.key import provided_lock_digest
from ...errors import HashMismatch, LockError
from ...uv.configuration import read_configuration
from ..context import Context
from ..facts import digest_of, recall, recall_lock, remember
from .index_files import as_listed

__all__ = ["provided_lock", "python_of_both", "recall_provided"]


def python_of_both(spec: EnvironmentSpec, given: ProvidedLock, context: Context) -> str:
    """What the header and the lock that it brings say of Python, as one specifier.

    :raises LockError: if the lock cannot be read.
    """
    # Remembered: a start that reuses an environment need not parse the lock for it.
    digest = digest_of("given-python", given.digest)
    known = recall(context.store, digest)
    if known is None:
        known = {"requires-python": _read(given).requires_python}
        remember(context.store, digest, known)
    return str(SpecifierSet(spec.requires_python) & SpecifierSet(str(known["requires-python"])))


def recall_provided(
    spec: EnvironmentSpec, given: ProvidedLock, interpreter: Interpreter, context: Context
) -> Lock | None:
    """What `provided_lock` has found before, or None."""
    return recall_lock(context.store, _digest(spec, given, interpreter, context))


def provided_lock(
    spec: EnvironmentSpec, given: ProvidedLock, interpreter: Interpreter, context: Context
) -> Lock:
    """What an interpreter gets of a lock that the notebook brings; it is checked and remembered.

    :param spec: what the header asks for; the lock must be one for it.
    :raises LockError: if it is damaged, for other interpreters, or not what the header asks for.
    :raises HashMismatch: if the header's hashes exclude what it has.
    :raises PolicyError: if it has what may not be installed.
    :raises PackageIndexError: if the indexes cannot be asked for its files, and are needed.
    """
    known = recall_provided(spec, given, interpreter, context)
    if known is not None:
        return known
    context.policy.check_spec(spec)
    cut = _cut_down(spec, given, interpreter, context.policy)
    context.policy.check_provided_lock(cut)
    lock, listed = as_listed(cut.packages, interpreter, context)
    if listed:
        context.store.remember_lock(_digest(spec, given, interpreter, context), lock.render())
    return lock


def _digest(
    spec: EnvironmentSpec, given: ProvidedLock, interpreter: Interpreter, context: Context
) -> str:
    choosing = read_configuration(context.settings).choosing()
    return provided_lock_digest(given, spec, interpreter, choosing=choosing)


@lru_cache(maxsize=4)
def _read(given: ProvidedLock) -> Lock:
    try:
        return parse_lock(given.text)
    except LockError as error:
        raise _of(given, error) from None


def _of(given: ProvidedLock, error: LockError) -> LockError:
    """The error of a lock, which says of which."""
    rest = error.message.removeprefix("The lock")
    message = _begin(given) + rest if rest != error.message else f"In {given.origin}: {rest}"
    again = "Make the lock again, with `headstart lock` or whatever has made it."
    hint = again if error.hint == RESOLVE_AGAIN else error.hint
    return error.with_message(message, hint)


def _begin(given: ProvidedLock) -> str:
    """Where the lock stands, as a sentence begins with it."""
    return f"The {given.origin[4:]}" if given.origin.startswith("the ") else given.origin


def _cut_down(
    spec: EnvironmentSpec, given: ProvidedLock, interpreter: Interpreter, policy: Policy
) -> Lock:
    """What the interpreter gets, if that is what the header asks for."""
    lock = _read(given)
    try:
        packages = applicable(lock, interpreter, given.extras, given.groups)
        # First, for all that `narrow` could say of a source is that it has no wheel that fits.
        policy.check_provided_lock(Lock(tuple(p for p in packages if p.source)))
        cut = narrow(_of_hashes(packages, dict(spec.hashes), given), interpreter)
    except LockError as error:
        raise _of(given, error) from None
    if problems := unmet(spec, cut.versions, interpreter):
        raise LockError(
            f"{_begin(given)} {'; it '.join(map(str, problems))}.",
            hint="Change dependencies in the header, or make the lock again.",
            details={"unmet": [[problem.requirement, problem.version] for problem in problems]},
        )
    return cut


def _of_hashes(
    packages: Sequence[LockedPackage], hashes: Mapping[str, tuple[str, ...]], given: ProvidedLock
) -> Iterator[LockedPackage]:
    for package in packages:
        limited = only_hashes(package, hashes)
        if package.wheels and not limited.wheels:
            raise HashMismatch(
                f"The header's hashes for {package.name} exclude every file of {given.origin}.",
                hint="Leave the hashes to the lock, which has them for every file.",
                details={"package": package.name},
            )
        yield limited
