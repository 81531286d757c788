"""Limits of one build: packages, bytes and files. Each error has a hint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .. import envvars
from ..error_facts import Weight
from ..errors import BuildTooLarge, DiskFull
from .messages import shown, size_of
from .store.accounting import Amount

__all__ = [
    "Bound",
    "Bounds",
    "Weight",
    "check_count",
    "check_inflation",
    "check_room",
    "check_weights",
    "largest_unpacked",
    "stopped",
]

INFLATION = 100
"""How many times larger than the wheel its files may be. Real wheels are below 30; an archive of
zeros reaches 1,000."""

LEAST_INFLATED = 256 << 20
"""Bytes that any wheel may unpack to in addition: the ratio of a small one means little."""

NAMED = 3
"""Packages that a message names."""

_LEAVE_OUT = "Leave it out of the header, or ask for another version."


class Bound(NamedTuple):
    """A limit, and the environment variable that sets it."""

    limit: int
    variable: str


class Bounds(NamedTuple):
    """The limits of an environment: packages, and bytes and files, unpacked."""

    packages: Bound
    size: Bound
    files: Bound


def check_count(weights: Sequence[Weight], bounds: Bounds) -> None:
    """Refuse more packages than an environment may have.

    :raises BuildTooLarge: naming the largest.
    """
    bound = bounds.packages
    if len(weights) > bound.limit:
        largest = _by_size(weights)
        raise _too_large(
            f"The environment would have {len(weights):,} packages, and it may have "
            f"{bound.limit:,}. {_named(largest, _size)}",
            bound,
            len(weights),
            largest,
        )


def check_weights(weights: Sequence[Weight], bounds: Bounds) -> None:
    """Refuse more bytes or files than an environment may have; unknown ones do not count.

    :raises BuildTooLarge: naming the largest.
    """
    _, size, files = bounds
    least = "at least " if any(weight.files is None for weight in weights) else ""
    if (total := sum(weight.size for weight in weights)) > size.limit:
        largest = _by_size(weights)
        raise _too_large(
            f"The packages take {least}{size_of(total)}, and an environment may take "
            f"{size_of(size.limit)}. {_named(largest, _size)}",
            size,
            total,
            largest,
        )
    if (total := sum(weight.files or 0 for weight in weights)) > files.limit:
        largest = sorted(weights, key=lambda weight: (-(weight.files or 0), weight.package))
        raise _too_large(
            f"The packages have {least}{total:,} files, and an environment may have "
            f"{files.limit:,}. {_named(largest, _files)}",
            files,
            total,
            largest,
        )


def largest_unpacked(size: int | None, bounds: Bounds) -> int:
    """Most bytes that a download may unpack to.

    :param size: bytes of the download; None if unknown.
    """
    limit = bounds.size.limit
    return limit if size is None else min(limit, _inflated(size))


def check_inflation(weight: Weight, wheel: int | None) -> None:
    """Refuse a package whose files are far larger than its wheel.

    :param wheel: bytes of the wheel; None if unknown.
    :raises BuildTooLarge: naming it.
    """
    if wheel is not None and weight.size > (limit := _inflated(wheel)):
        raise BuildTooLarge(
            f"{weight.package} unpacks to {size_of(weight.size)}, and its wheel has "
            f"{size_of(wheel)}: no real package does that.",
            hint=_LEAVE_OUT,
            limit=limit,
            found=weight.size,
            largest=[weight],
        )


def stopped(unpacked: Amount, culprit: str, limits: Amount, bounds: Bounds) -> BuildTooLarge:
    """The error for an installation that was stopped when it exceeded a limit.

    :param unpacked: its bytes and files by then.
    :param culprit: the package with the largest wheel; ``""`` if unknown.
    :param limits: what it was allowed to unpack.
    """
    over = unpacked.size > limits.size
    bound = bounds.size if over else bounds.files
    amount = size_of(unpacked.size) if over else f"{unpacked.inodes:,} files"
    allowed = size_of(limits.size) if over else f"{limits.inodes:,}"
    largest = f" The largest one is that of {shown(culprit)}." if culprit else ""
    return BuildTooLarge(
        f"The installation was stopped: the wheels had unpacked to {amount} already, and the limit "
        f"is {allowed}.{largest}",
        hint=f"Leave out the package that is so large, or raise {bound.variable}: a wheel may "
        f"unpack to {INFLATION} times its bytes, and to no more than an environment may have.",
        setting=bound.variable,
        limit=limits.size if over else limits.inodes,
        found=unpacked.size if over else unpacked.inodes,
    )


def check_room(weights: Sequence[Weight], free: int, reserve: int, store: str) -> None:
    """Refuse packages for which the store's disk has no room, before any of them is fetched.

    :param weights: of the packages that are not in the store yet.
    :param free: free bytes on the disk.
    :param reserve: bytes of them that must stay free.
    :param store: its folder.
    :raises DiskFull: with the bytes needed and the bytes that are free.
    """
    needed = sum(weight.size for weight in weights)
    if needed <= max(free - reserve, 0):
        return
    largest = _by_size(weights)
    left = f", of which {size_of(reserve)} stay free ({envvars.RESERVE})" if reserve else ""
    raise DiskFull(
        f"The packages need at least {size_of(needed)} of the disk of the store {store}, and "
        f"{size_of(free)} are free there{left}. "
        f"{_named(largest, _size)}",
        hint=f"`headstart prune --all` removes what is not in use. Or set {envvars.STORE} to a "
        "folder on a larger disk.",
        details={
            "needed": needed,
            "free": free,
            "reserve": reserve,
            "largest": [weight.to_json() for weight in largest[:NAMED]],
        },
    )


def _inflated(wheel: int) -> int:
    return INFLATION * wheel + LEAST_INFLATED


def _too_large(message: str, bound: Bound, total: int, largest: Sequence[Weight]) -> BuildTooLarge:
    return BuildTooLarge(
        message,
        hint=f"Ask for less in the header, or raise {bound.variable}.",
        setting=bound.variable,
        limit=bound.limit,
        found=total,
        largest=largest[:NAMED],
    )


def _by_size(weights: Sequence[Weight]) -> list[Weight]:
    return sorted(weights, key=lambda weight: (-weight.size, weight.package))


def _size(weight: Weight) -> str:
    return size_of(weight.size) if weight.size else "of unknown size"


def _files(weight: Weight) -> str:
    return "not unpacked yet" if weight.files is None else f"{weight.files:,} files"


def _named(largest: Sequence[Weight], amount: Callable[[Weight], str]) -> str:
    """A sentence that names the first of them."""
    named = [f"{weight.package} ({amount(weight)})" for weight in largest[:NAMED]]
    return f"Largest: {', '.join(named)}."
