"""How much room things take that share files: each inode is counted once, wherever it is linked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """Room on a disk: bytes, and inodes, which are files and folders alike."""

    size: int = 0
    inodes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.size + other.size, self.inodes + other.inodes)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.size - other.size, self.inodes - other.inodes)


@dataclass(frozen=True, slots=True)
class Share:
    """The inodes that exactly these holders have, together.

    A holder is the name of an item (`retention.Item.name`), or of something that is none.
    """

    holders: frozenset[str]
    amount: Amount


def total(shares: Iterable[Share]) -> Amount:
    """All that the shares take."""
    return sum((share.amount for share in shares), Amount())


def own_and_shared(shares: Iterable[Share], among: frozenset[str]) -> dict[str, tuple[int, int]]:
    """For each of the holders ``among``: bytes that it alone has, and bytes that others have too.

    Holders that are not among them do not count: a file that an environment and uv's cache have is
    the environment's own.
    """
    found = dict.fromkeys(among, (0, 0))
    for share in shares:
        holders, size = share.holders & among, share.amount.size
        for name in holders:
            own, shared = found[name]
            found[name] = (own + size, shared) if len(holders) == 1 else (own, shared + size)
    return found


class Holdings:
    """Who still holds what, while one holder after the other goes."""

    def __init__(self, shares: Sequence[Share]) -> None:
        self._shares = shares
        self._holders = [len(share.holders) for share in shares]
        self._of: dict[str, list[int]] = {}
        for number, share in enumerate(shares):
            for name in share.holders:
                self._of.setdefault(name, []).append(number)

    def frees(self, name: str) -> Amount:
        """What nobody would hold any more if this holder went."""
        return total(self._last(name))

    def held(self, name: str) -> Amount:
        """What this holder has, alone or with others."""
        return total(self._shares[number] for number in self._of.get(name, ()))

    def mostly_frees(self, name: str) -> bool:
        """Whether more than half of what this holder has would go with it."""
        return 2 * self.frees(name).size > self.held(name).size

    def remove(self, name: str) -> Amount:
        """Let a holder go; what nobody holds any more."""
        frees = self.frees(name)
        for number in self._of.pop(name, ()):
            self._holders[number] -= 1
        return frees

    def _last(self, name: str) -> Iterator[Share]:
        return (self._shares[n] for n in self._of.get(name, ()) if self._holders[n] == 1)
