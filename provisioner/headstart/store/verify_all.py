"""The full check of the whole store, in one go or a little at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..core.store.manifest import EnvironmentKind
from ..core.store.parts import PARTS
from .disk.trees import names_in, read_text, replace_text
from .layout import FOLDERS, NAME, Layout
from .leases import in_use
from .store import Store
from .verify.compare import Digests, Problem
from .verify.examine import examine, examine_part
from .verify.verify_entry import verify_part


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, as a path in the store, and what is wrong with it."""

    name: str
    problems: tuple[Problem, ...]


def verify_all(store: Store) -> Iterator[Verified]:
    """Check everything; what is in order has no problems. Reads all files: 1 GB/s at best.

    Changes nothing: what is damaged stays as it is.
    """
    # One for the whole store: a hardlinked file is read once, not for each environment.
    digests = Digests()
    for name in names(store):
        yield Verified(name, tuple(_examine(store.layout, name, digests)))


def discard_damaged(store: Store) -> Iterator[Verified]:
    """As `verify_all`, but what is damaged is used no more; yields that alone.

    Parts are discarded; environments are marked, for kernels may be running in them.
    """
    digests = Digests()
    for name in names(store):
        if problems := _verify(store, name, digests):
            yield Verified(name, tuple(problems))


def verify_some(store: Store, budget_seconds: float) -> list[Verified]:
    """Check one environment or part after the other, from where the last call ended.

    Ends when the time is up, or when all were checked once; at least one is.

    :return: what is damaged.
    """
    end, digests = time.monotonic() + budget_seconds, Digests()
    stamp, damaged = store.layout.verified, []
    for name in _from(_read(stamp), list(names(store))):
        problems = _verify(store, name, digests)
        damaged += [Verified(name, tuple(problems))] if problems else []
        # After each one: the process may be killed at any time, and the next one goes on from here.
        replace_text(stamp, name)
        if time.monotonic() > end:
            break
    return damaged


def names(store: Store) -> Iterator[str]:
    """All that can be checked, as paths in the store.

    Of ephemeral environments those in use: the others are never used again, will be removed, and
    may be damaged by a power cut.
    """
    for kind, folder in FOLDERS.items():
        for key in filter(NAME.fullmatch, names_in(store.layout.folder(kind))):
            if kind is not EnvironmentKind.EPHEMERAL or in_use(store.layout, key):
                yield f"{folder}/{key}"
    yield from (f"{PARTS}/{name}" for name in store.parts.names())


def _examine(layout: Layout, name: str, digests: Digests) -> list[Problem]:
    folder, _, rest = name.partition("/")
    if folder == PARTS:
        return examine_part(layout, rest, digests)
    return examine(layout, _kind_of(folder), rest, digests) or []


def _kind_of(folder: str) -> EnvironmentKind:
    return next(kind for kind, name in FOLDERS.items() if name == folder)


def _verify(store: Store, name: str, digests: Digests) -> list[Problem]:
    folder, _, rest = name.partition("/")
    if folder == PARTS:
        return verify_part(store.parts, rest, digests)
    return store.verify(_kind_of(folder), rest, digests)


def _from(last: str, order: list[str]) -> list[str]:
    """The order, turned so that it begins after the last one."""
    later = [name for name in order if name > last]
    return later + order[: len(order) - len(later)]


def _read(stamp: Path) -> str:
    try:
        return read_text(stamp)
    except (OSError, UnicodeDecodeError):
        return ""
