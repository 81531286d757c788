"""What to take out of the store, decided from values alone.

What is used, kept or was used a moment ago stays, whatever the limits say. Of the rest go, in
this order: what is damaged; what nobody has used for longer than the limits of age; and then,
until the store keeps its quotas and leaves the reserve, downloads and then the least recently used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from .accounting import Amount, Holdings, Share, total

DAY = 86_400.0
"""Seconds."""


class ItemKind(StrEnum):
    """What can be taken out of the store by itself.

    A ``wheel`` is what the store keeps of one, a ``download`` one that uv's cache keeps, a ``lock``
    one that is remembered, or another small fact.
    """

    ENVIRONMENT = "environment"
    LAYER = "layer"
    EPHEMERAL = "ephemeral"
    WHEEL = "wheel"
    DOWNLOAD = "download"
    LOCK = "lock"


ENVIRONMENTS = frozenset({ItemKind.ENVIRONMENT, ItemKind.LAYER, ItemKind.EPHEMERAL})

CACHES = frozenset({ItemKind.WHEEL, ItemKind.DOWNLOAD})
"""What only saves time, and goes when no environment is made of it."""

_ORDER = tuple(ItemKind)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be taken out of the store by itself.

    ``last_used`` is seconds since the epoch; ``needs`` are the names of the caches and of the
    locks that an environment is made of.
    """

    kind: ItemKind
    key: str
    last_used: float
    in_use: bool = False
    kept: bool = False
    damaged: bool = False
    needs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Names the item among all kinds."""
        return f"{self.kind}/{self.key}"


@dataclass(frozen=True, slots=True)
class Limits:
    """When something has to go.

    ``quota`` is what the store may take, ``reserve`` bytes are left free on its disk. Seconds are:
    ``max_age``, after which an environment goes that nobody has used (0: never for its age);
    ``cache_age`` and ``lock_age``, the same for caches and locks that no environment needs; and
    ``recent``: nothing goes that was used within that time, for whoever made it ready may be about
    to use it.
    """

    quota: Amount
    reserve: int = 0
    max_age: float = 0.0
    cache_age: float = 30 * DAY
    lock_age: float = 180 * DAY
    recent: float = 600.0


class Reason(StrEnum):
    """Why something goes, for people."""

    DAMAGED = "it is damaged"
    ASKED = "nobody uses it"
    AGE = "nobody has used it for long"
    UNNEEDED = "no environment has needed it for long"
    QUOTA_BYTES = "the store takes more bytes than its quota"
    QUOTA_INODES = "the store has more files than its quota"
    RESERVE = "too little space is left on the disk"


class Stay(StrEnum):
    """Why something stays, whatever the limits say, for people."""

    USED = "somebody uses it"
    KEPT = "it is kept"
    NEEDED = "an environment is made of it"
    RECENT = "it was used in the last ten minutes"


@dataclass(frozen=True, slots=True)
class Staying:
    """What may not go. ``own`` is what only it holds, ``shared`` what others that stay hold too."""

    item: Item
    reason: Stay
    own: Amount
    shared: Amount


@dataclass(frozen=True, slots=True)
class Removal:
    """One decision. ``frees`` is what goes with it and nothing else keeps."""

    item: Item
    reason: Reason
    frees: Amount


@dataclass(frozen=True, slots=True)
class Pruning:
    """All decisions, in their order, and what the store takes before and after them.

    ``staying`` is what may not go; ``pressure`` is the limit that is not kept nevertheless, or
    None.
    """

    removals: tuple[Removal, ...]
    before: Amount
    after: Amount
    staying: tuple[Staying, ...] = ()
    pressure: Reason | None = None


def plan_pruning(
    items: Iterable[Item],
    shares: Iterable[Share],
    limits: Limits,
    *,
    free: int,
    now: float,
    everything: bool = False,
) -> Pruning:
    """Decide what goes.

    :param free: bytes that are free on the store's disk.
    :param now: seconds since the epoch.
    :param everything: all that is neither used nor kept goes, but for locks.
    """
    plan = _Plan(_with_users_time(list(items)), tuple(shares), limits, free, now, everything)
    before = plan.taken
    plan.remove_all(Reason.DAMAGED, lambda item: item.damaged)
    if everything:
        plan.remove_all(Reason.ASKED, plan.is_worth_it)
    plan.remove_all(Reason.AGE, plan.is_old)
    plan.remove_all(Reason.UNNEEDED, plan.is_unneeded)
    plan.make_room()
    return Pruning(tuple(plan.removals), before, plan.taken, tuple(plan.staying()), plan.pressure())


def _with_users_time(items: Sequence[Item]) -> list[Item]:
    """The items, the least recently used first; what an environment needs was used when it was."""
    used: dict[str, float] = {}
    for item in items:
        for name in item.needs:
            used[name] = max(used.get(name, 0.0), item.last_used)
    timed = (replace(it, last_used=max(it.last_used, used.get(it.name, 0.0))) for it in items)
    # An environment goes before what it is made of: until then that is needed.
    return sorted(timed, key=lambda item: (item.last_used, _ORDER.index(item.kind), item.key))


class _Plan:
    """The decisions so far, and what the store would take after them."""

    def __init__(
        self,
        items: Sequence[Item],
        shares: Sequence[Share],
        limits: Limits,
        free: int,
        now: float,
        everything: bool,
    ) -> None:
        self.removals: list[Removal] = []
        self.taken = total(shares)
        self._left = {item.name: item for item in items}
        self._limits = limits
        self._free = free
        self._now = now
        self._recent = 0.0 if everything else limits.recent
        self._needed = Counter(name for item in items for name in item.needs)
        self._held = Holdings(shares)

    def remove_all(self, reason: Reason, applies: Callable[[Item], bool]) -> None:
        """Remove all that may go and to which something applies."""
        for item in list(self._left.values()):
            if self._may_go(item) and applies(item):
                self._remove(item, reason)

    def make_room(self) -> None:
        """Remove the least recently used until nothing presses any more.

        First what uv has downloaded: of what is installed the store keeps wheels of its own.
        """
        self._remove_until_it_fits(self._is_surplus)
        self._remove_until_it_fits(self.is_worth_it)

    def _remove_until_it_fits(self, applies: Callable[[Item], bool]) -> None:
        for item in list(self._left.values()):
            reason = self.pressure()
            if reason is None:
                return
            if self._may_go(item) and applies(item):
                self._remove(item, reason)

    def _is_surplus(self, item: Item) -> bool:
        return item.kind is ItemKind.DOWNLOAD and self._held.mostly_frees(item.name)

    def is_old(self, item: Item) -> bool:
        """Nobody has used the environment for longer than the user wants."""
        limit = self._limits.max_age
        return item.kind in ENVIRONMENTS and 0 < limit < self._age(item)

    def is_unneeded(self, item: Item) -> bool:
        """No environment has needed it for long."""
        ages = dict.fromkeys(CACHES, self._limits.cache_age)
        ages[ItemKind.LOCK] = self._limits.lock_age
        return (
            item.kind in ages and not self._needed[item.name] and self._age(item) > ages[item.kind]
        )

    def is_worth_it(self, item: Item) -> bool:
        """It makes room. Locks do not; nor do downloads whose files an environment has anyway."""
        if item.kind is ItemKind.DOWNLOAD and self._needed[item.name]:
            return self._held.mostly_frees(item.name)
        return item.kind is not ItemKind.LOCK

    def staying(self) -> Iterator[Staying]:
        """What is left and may not go, but for locks, which take no room."""
        for item in self._left.values():
            reason = self._stay(item)
            if reason is not None and item.kind is not ItemKind.LOCK:
                own = self._held.frees(item.name)
                yield Staying(item, reason, own, self._held.held(item.name) - own)

    def _may_go(self, item: Item) -> bool:
        return self._stay(item) is None

    def _stay(self, item: Item) -> Stay | None:
        if item.in_use:
            return Stay.USED
        if item.kept and not item.damaged:
            return Stay.KEPT
        if item.kind is ItemKind.WHEEL and self._needed[item.name]:
            return Stay.NEEDED
        return None if item.damaged or self._age(item) >= self._recent else Stay.RECENT

    def _age(self, item: Item) -> float:
        # A time in the future is a clock that was wrong: then nobody knows.
        return abs(self._now - item.last_used)

    def pressure(self) -> Reason | None:
        """The limit that is not kept, or None."""
        if self.taken.size > self._limits.quota.size:
            return Reason.QUOTA_BYTES
        if self.taken.inodes > self._limits.quota.inodes:
            return Reason.QUOTA_INODES
        if self._free < self._limits.reserve:
            return Reason.RESERVE
        return None

    def _remove(self, item: Item, reason: Reason) -> None:
        frees = self._held.remove(item.name)
        self.taken -= frees
        self._free += frees.size
        self.removals.append(Removal(item, reason, frees))
        del self._left[item.name]
        self._needed.subtract(item.needs)
