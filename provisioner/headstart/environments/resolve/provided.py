"""A lock that the notebook brings: nothing is resolved, and nothing in it is trusted.

It is cut down to what the interpreter gets, and all that is left is checked: each file is one that
a configured index lists, by its hash, and comes from there. The result is remembered, so that a
lock which was checked before costs no more than one that was resolved here.
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


def python_of_both(spec: EnvironmentSpec, provided: ProvidedLock, context: Context) -> str:
    """What the header and the lock that it brings say of Python, as one specifier.

    :raises LockError: if the lock cannot be read.
    """
    # Remembered: a start that reuses an environment need not parse the lock for it.
    digest = digest_of("given-python", provided.digest)
    fact = recall(context.store, digest)
    if fact is None:
        fact = {"requires-python": _read(provided).requires_python}
        remember(context.store, digest, fact)
    return str(SpecifierSet(spec.requires_python) & SpecifierSet(str(fact["requires-python"])))


def recall_provided(
    spec: EnvironmentSpec, provided: ProvidedLock, interpreter: Interpreter, context: Context
) -> Lock | None:
    """What `provided_lock` has found before, or None."""
    return recall_lock(context.store, _digest(spec, provided, interpreter, context))


def provided_lock(
    spec: EnvironmentSpec, provided: ProvidedLock, interpreter: Interpreter, context: Context
) -> Lock:
    """What an interpreter gets of a lock that the notebook brings; it is checked and remembered.

    :param spec: what the header asks for; the lock must be one for it.
    :raises LockError: if it is damaged, for other interpreters, or not what the header asks for.
    :raises HashMismatch: if the header's hashes exclude what it has.
    :raises PolicyError: if it has what may not be installed.
    :raises PackageIndexError: if the indexes, which are needed for its files, cannot be asked.
    """
    cached = recall_provided(spec, provided, interpreter, context)
    if cached is not None:
        return cached
    context.policy.check_spec(spec)
    cut = _cut_down(spec, provided, interpreter, context.policy)
    context.policy.check_provided_lock(cut)
    lock, listed = as_listed(cut.packages, interpreter, context)
    # Files that only the store vouched for have no URL: the next start asks the indexes again.
    if listed:
        context.store.remember_lock(_digest(spec, provided, interpreter, context), lock.render())
    return lock


def _digest(
    spec: EnvironmentSpec, provided: ProvidedLock, interpreter: Interpreter, context: Context
) -> str:
    choosing = read_configuration(context.settings).choosing()
    return provided_lock_digest(provided, spec, interpreter, choosing=choosing)


# A universal lock may have 300 kB, and one call asks for it twice.
@lru_cache(maxsize=4)
def _read(provided: ProvidedLock) -> Lock:
    try:
        return parse_lock(provided.text)
    except LockError as error:
        raise _named(provided, error) from None


def _named(provided: ProvidedLock, error: LockError) -> LockError:
    """The error of a lock, with the lock's name in it."""
    rest = error.message.removeprefix("The lock")
    message = _begin(provided) + rest if rest != error.message else f"In {provided.origin}: {rest}"
    again = "Make the lock again, with `headstart lock` or the tool that has made it."
    hint = again if error.hint == RESOLVE_AGAIN else error.hint
    return error.with_message(message, hint)


def _begin(provided: ProvidedLock) -> str:
    """Where the lock is, as the beginning of a sentence."""
    return f"The {provided.origin[4:]}" if provided.origin.startswith("the ") else provided.origin


def _cut_down(
    spec: EnvironmentSpec, provided: ProvidedLock, interpreter: Interpreter, policy: Policy
) -> Lock:
    """What the interpreter gets, if that is what the header asks for."""
    lock = _read(provided)
    try:
        packages = applicable(lock, interpreter, provided.extras, provided.groups)
        # First: of a source `narrow` could only say that it has no wheel that fits.
        policy.check_provided_lock(Lock(tuple(p for p in packages if p.source)))
        cut = narrow(_of_hashes(packages, dict(spec.hashes), provided), interpreter)
    except LockError as error:
        raise _named(provided, error) from None
    if problems := unmet(spec, cut.versions, interpreter):
        raise LockError(
            f"{_begin(provided)} {'; it '.join(map(str, problems))}.",
            hint="Change dependencies in the header, or make the lock again.",
            details={"unmet": [[problem.requirement, problem.version] for problem in problems]},
        )
    return cut


def _of_hashes(
    packages: Sequence[LockedPackage], hashes: Mapping[str, tuple[str, ...]], provided: ProvidedLock
) -> Iterator[LockedPackage]:
    for package in packages:
        limited = only_hashes(package, hashes)
        if package.wheels and not limited.wheels:
            raise HashMismatch(
                f"The header's hashes for {package.name} exclude every file of {provided.origin}.",
                hint="Leave the hashes to the lock, which has them for every file.",
                details={"package": package.name},
            )
        yield limited
