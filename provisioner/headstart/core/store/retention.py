"""Decide what to remove from the store, from values alone.

What is in use, kept or was used recently is never removed, whatever the limits are. The rest is
removed in this order: what is damaged; what was not used for longer than the limits of age; and
then, until the store is within its quotas and leaves the reserve, downloads, and after them the
least recently used items.
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
    """The kind of an item that can be removed by itself.

    A ``wheel`` is an installed one in the store, a ``download`` one in uv's cache, a ``lock`` a
    remembered one, or another small fact.
    """

    ENVIRONMENT = "environment"
    LAYER = "layer"
    EPHEMERAL = "ephemeral"
    WHEEL = "wheel"
    DOWNLOAD = "download"
    LOCK = "lock"


ENVIRONMENTS = frozenset({ItemKind.ENVIRONMENT, ItemKind.LAYER, ItemKind.EPHEMERAL})

CACHES = frozenset({ItemKind.WHEEL, ItemKind.DOWNLOAD})
"""Kinds that only save time, and are removed when no environment is built from them."""

_ORDER = tuple(ItemKind)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be removed from the store by itself.

    ``last_used`` is seconds since the epoch; ``needs`` are the names of the caches and locks that
    an environment was built from.
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
        """The name of the item, unique among all kinds."""
        return f"{self.kind}/{self.key}"


@dataclass(frozen=True, slots=True)
class Limits:
    """When items are removed.

    ``quota`` is what the store may take, ``reserve`` bytes are left free on its disk. In seconds:
    ``max_age``, after which an unused environment is removed (0: never for its age); ``cache_age``
    and ``lock_age``, the same for caches and locks that no environment needs; and ``recent``:
    nothing is removed that was used within that time, because a process that has prepared an
    environment may be about to start a kernel in it.
    """

    quota: Amount
    reserve: int = 0
    max_age: float = 0.0
    cache_age: float = 30 * DAY
    lock_age: float = 180 * DAY
    recent: float = 600.0


class Reason(StrEnum):
    """Why an item is removed, for people. Programs get the name."""

    DAMAGED = "it is damaged"
    ASKED = "it is not in use"
    AGE = "it was not used for long"
    UNNEEDED = "no environment has needed it for long"
    QUOTA_BYTES = "the store takes more bytes than its quota"
    QUOTA_INODES = "the store has more files than its quota"
    RESERVE = "too little space is left on the disk"


class Stay(StrEnum):
    """Why an item may not be removed, for people. Programs get the name."""

    USED = "it is in use"
    KEPT = "it is kept"
    NEEDED = "an environment was built from it"
    RECENT = "it was used in the last ten minutes"


@dataclass(frozen=True, slots=True)
class Staying:
    """An item that may not be removed, with its own space and what it shares with others."""

    item: Item
    reason: Stay
    own: Amount
    shared: Amount


@dataclass(frozen=True, slots=True)
class Removal:
    """An item to remove. ``frees`` is the space that this frees."""

    item: Item
    reason: Reason
    frees: Amount


@dataclass(frozen=True, slots=True)
class Pruning:
    """All decisions, in their order, and what the store takes before and after them.

    ``staying`` is what may not be removed; ``pressure`` is the limit that is exceeded even so, or
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
    """Decide what to remove.

    :param free: bytes that are free on the store's disk.
    :param now: seconds since the epoch.
    :param everything: remove all that is neither in use nor kept, except locks.
    """
    plan = _Plan(_with_users_time(list(items)), tuple(shares), limits, free, now, everything)
    before = plan.amount
    plan.remove_all(Reason.DAMAGED, lambda item: item.damaged)
    if everything:
        plan.remove_all(Reason.ASKED, plan.frees_space)
    plan.remove_all(Reason.AGE, plan.is_old)
    plan.remove_all(Reason.UNNEEDED, plan.is_unneeded)
    plan.make_room()
    return Pruning(
        tuple(plan.removals), before, plan.amount, tuple(plan.staying()), plan.pressure()
    )


def _with_users_time(items: Sequence[Item]) -> list[Item]:
    """The items, least recently used first; using an environment also uses what it needs."""
    used: dict[str, float] = {}
    for item in items:
        for name in item.needs:
            used[name] = max(used.get(name, 0.0), item.last_used)
    timed = (
        replace(item, last_used=max(item.last_used, used.get(item.name, 0.0))) for item in items
    )
    # At equal times an environment comes before what it was built from, which is needed until then.
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
        self.amount = total(shares)
        self._left = {item.name: item for item in items}
        self._limits = limits
        self._free = free
        self._now = now
        self._recent = 0.0 if everything else limits.recent
        self._needed = Counter(name for item in items for name in item.needs)
        self._held = Holdings(shares)

    def remove_all(self, reason: Reason, applies: Callable[[Item], bool]) -> None:
        """Remove all that may be removed and that a condition applies to."""
        for item in list(self._left.values()):
            if self._may_go(item) and applies(item):
                self._remove(item, reason)

    def make_room(self) -> None:
        """Remove the least recently used items until all limits are kept.

        Downloads of uv first: the store has its own copies of the wheels that are installed.
        """
        self._remove_until_it_fits(self._is_surplus)
        self._remove_until_it_fits(self.frees_space)

    def _remove_until_it_fits(self, applies: Callable[[Item], bool]) -> None:
        for item in list(self._left.values()):
            # Before each removal, so that nothing is removed that need not be.
            reason = self.pressure()
            if reason is None:
                return
            if self._may_go(item) and applies(item):
                self._remove(item, reason)

    def _is_surplus(self, item: Item) -> bool:
        return item.kind is ItemKind.DOWNLOAD and self._held.mostly_frees(item.name)

    def is_old(self, item: Item) -> bool:
        """Whether an environment was not used for longer than the user's limit."""
        limit = self._limits.max_age
        return item.kind in ENVIRONMENTS and 0 < limit < self._age(item)

    def is_unneeded(self, item: Item) -> bool:
        """Whether a cache or a lock was not needed for long."""
        ages = dict.fromkeys(CACHES, self._limits.cache_age)
        ages[ItemKind.LOCK] = self._limits.lock_age
        return (
            item.kind in ages and not self._needed[item.name] and self._age(item) > ages[item.kind]
        )

    def frees_space(self, item: Item) -> bool:
        """Whether removing an item frees space, which locks and linked downloads do not."""
        if item.kind is ItemKind.DOWNLOAD and self._needed[item.name]:
            return self._held.mostly_frees(item.name)
        return item.kind is not ItemKind.LOCK

    def staying(self) -> Iterator[Staying]:
        """What may not be removed, except locks, which take no space."""
        for item in self._left.values():
            reason = self._stay(item)
            if reason is not None and item.kind is not ItemKind.LOCK:
                own = self._held.frees(item.name)
                yield Staying(item, reason, own, self._held.held(item.name) - own)

    def _may_go(self, item: Item) -> bool:
        return self._stay(item) is None

    def _stay(self, item: Item) -> Stay | None:
        # First, even if it is damaged: kernels in a damaged environment may go on running.
        if item.in_use:
            return Stay.USED
        if item.kept and not item.damaged:
            return Stay.KEPT
        if item.kind is ItemKind.WHEEL and self._needed[item.name]:
            return Stay.NEEDED
        return None if item.damaged or self._age(item) >= self._recent else Stay.RECENT

    def _age(self, item: Item) -> float:
        # A time in the future comes from a clock that was wrong: the age is a guess then.
        return abs(self._now - item.last_used)

    def pressure(self) -> Reason | None:
        """The limit that is exceeded, or None."""
        if self.amount.size > self._limits.quota.size:
            return Reason.QUOTA_BYTES
        if self.amount.inodes > self._limits.quota.inodes:
            return Reason.QUOTA_INODES
        if self._free < self._limits.reserve:
            return Reason.RESERVE
        return None

    def _remove(self, item: Item, reason: Reason) -> None:
        frees = self._held.remove(item.name)
        self.amount -= frees
        self._free += frees.size
        self.removals.append(Removal(item, reason, frees))
        del self._left[item.name]
        # What only it needed may be removed later in the same plan.
        self._needed.subtract(item.needs)
