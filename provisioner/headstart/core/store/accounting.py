"""Count the disk space of items that share files: each inode once, however often it is linked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """Space on a disk: bytes, and inodes, of files and folders alike."""

    size: int = 0
    inodes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.size + other.size, self.inodes + other.inodes)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.size - other.size, self.inodes - other.inodes)


@dataclass(frozen=True, slots=True)
class Share:
    """The inodes that exactly these holders share.

    A holder is the name of an item (`retention.Item.name`), or of something else.
    """

    holders: frozenset[str]
    amount: Amount


def total(shares: Iterable[Share]) -> Amount:
    """The sum of the shares."""
    return sum((share.amount for share in shares), Amount())


def own_and_shared(shares: Iterable[Share], among: frozenset[str]) -> dict[str, tuple[int, int]]:
    """For each of the holders ``among``: bytes of its own, and bytes that it shares with others.

    Other holders do not count: a file that an environment and uv's cache have is the environment's
    own.
    """
    sizes = dict.fromkeys(among, (0, 0))
    for share in shares:
        holders, size = share.holders & among, share.amount.size
        for name in holders:
            own, shared = sizes[name]
            sizes[name] = (own + size, shared) if len(holders) == 1 else (own, shared + size)
    return sizes


class Holdings:
    """What each holder has, while holders are removed one by one."""

    def __init__(self, shares: Sequence[Share]) -> None:
        # Indexed by holder, so that the time of a plan is linear in the shares.
        self._shares = shares
        self._holders = [len(share.holders) for share in shares]
        self._of: dict[str, list[int]] = {}
        for number, share in enumerate(shares):
            for name in share.holders:
                self._of.setdefault(name, []).append(number)

    def frees(self, name: str) -> Amount:
        """What removing this holder would free."""
        return total(self._last(name))

    def held(self, name: str) -> Amount:
        """What this holder has, alone or with others."""
        return total(self._shares[number] for number in self._of.get(name, ()))

    def mostly_frees(self, name: str) -> bool:
        """Whether removing this holder would free more than half of what it has."""
        return 2 * self.frees(name).size > self.held(name).size

    def remove(self, name: str) -> Amount:
        """Remove a holder; what that frees."""
        frees = self.frees(name)
        for number in self._of.pop(name, ()):
            self._holders[number] -= 1
        return frees

    def _last(self, name: str) -> Iterator[Share]:
        return (self._shares[n] for n in self._of.get(name, ()) if self._holders[n] == 1)
