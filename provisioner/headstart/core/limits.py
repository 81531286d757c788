"""What one build may come to: packages, bytes and files. Each refusal says the way out."""

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
"""How many times as large as a wheel what it unpacks to may be; real ones stay below 30. With
zeros, archives reach 1,000."""

LEAST_INFLATED = 256 << 20
"""Bytes that a wheel may unpack to besides, for small ones say little."""

NAMED = 3
"""How many packages a message names."""

_LEAVE_OUT = "Leave it out of the header, or ask for another version."


class Bound(NamedTuple):
    """How much there may be of something, and the variable that says so."""

    limit: int
    variable: str


class Bounds(NamedTuple):
    """How many packages an environment may have, and how many bytes and files, unpacked."""

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
    """Refuse more bytes or files than an environment may have, as far as they are known.

    :raises BuildTooLarge: naming the largest.
    """
    _, size, files = bounds
    least = "at least " if any(weight.files is None for weight in weights) else ""
    if (found := sum(weight.size for weight in weights)) > size.limit:
        largest = _by_size(weights)
        raise _too_large(
            f"The packages take {least}{size_of(found)}, and an environment may take "
            f"{size_of(size.limit)}. {_named(largest, _size)}",
            size,
            found,
            largest,
        )
    if (found := sum(weight.files or 0 for weight in weights)) > files.limit:
        largest = sorted(weights, key=lambda weight: (-(weight.files or 0), weight.package))
        raise _too_large(
            f"The packages have {least}{found:,} files, and an environment may have "
            f"{files.limit:,}. {_named(largest, _files)}",
            files,
            found,
            largest,
        )


def largest_unpacked(size: int | None, bounds: Bounds) -> int:
    """How many bytes a download may unpack to.

    :param size: its own; None if that is not known.
    """
    limit = bounds.size.limit
    return limit if size is None else min(limit, _inflated(size))


def check_inflation(weight: Weight, wheel: int | None) -> None:
    """Refuse a package that has unpacked to far more than its wheel.

    :param wheel: bytes of the wheel; None if they are not known.
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


def stopped(found: Amount, culprit: str, limits: Amount, bounds: Bounds) -> BuildTooLarge:
    """The error for an installation that was stopped for what it had unpacked by then.

    :param culprit: says what the largest wheel is; ``""`` if that is not known.
    :param limits: what it might have unpacked.
    """
    over = found.size > limits.size
    bound = bounds.size if over else bounds.files
    how_much = size_of(found.size) if over else f"{found.inodes:,} files"
    allowed = size_of(limits.size) if over else f"{limits.inodes:,}"
    brings = f" The largest one is that of {shown(culprit)}." if culprit else ""
    return BuildTooLarge(
        f"The installation was stopped: the wheels had unpacked to {how_much} already, and these "
        f"may come to {allowed}.{brings}",
        hint=f"Leave out the package that is so large, or raise {bound.variable}: a wheel may "
        f"unpack to {INFLATION} times its bytes, and to no more than an environment may have.",
        setting=bound.variable,
        limit=limits.size if over else limits.inodes,
        found=found.size if over else found.inodes,
    )


def check_room(weights: Sequence[Weight], free: int, reserve: int, store: str) -> None:
    """Refuse what cannot be written to the store's disk, before any of it is fetched.

    :param weights: what is not in the store yet.
    :param free: bytes that are free on the disk.
    :param reserve: bytes of them that are to be left.
    :param store: its folder.
    :raises DiskFull: saying how much is needed, and how much there is.
    """
    needed = sum(weight.size for weight in weights)
    if needed <= max(free - reserve, 0):
        return
    largest = _by_size(weights)
    left = f", of which {size_of(reserve)} are left ({envvars.RESERVE})" if reserve else ""
    raise DiskFull(
        f"The packages need at least {size_of(needed)} of the disk of the store {store}, and "
        f"{size_of(free)} are free there{left}. "
        f"{_named(largest, _size)}",
        hint=f"`headstart prune --all` removes what nobody uses. Or set {envvars.STORE} to a "
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


def _too_large(message: str, bound: Bound, found: int, largest: Sequence[Weight]) -> BuildTooLarge:
    return BuildTooLarge(
        message,
        hint=f"Ask for less in the header, or raise {bound.variable}.",
        setting=bound.variable,
        limit=bound.limit,
        found=found,
        largest=largest[:NAMED],
    )


def _by_size(weights: Sequence[Weight]) -> list[Weight]:
    return sorted(weights, key=lambda weight: (-weight.size, weight.package))


def _size(weight: Weight) -> str:
    return size_of(weight.size) if weight.size else "of unknown size"


def _files(weight: Weight) -> str:
    return "not unpacked yet" if weight.files is None else f"{weight.files:,} files"


def _named(largest: Sequence[Weight], amount: Callable[[Weight], str]) -> str:
    """A sentence about the first of them."""
    named = [f"{weight.package} ({amount(weight)})" for weight in largest[:NAMED]]
    return f"Largest: {', '.join(named)}."
