"""Prune the store: decide what is to be removed, and remove it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.store.accounting import Amount
from ...core.store.retention import DAY, Item, ItemKind, Limits, Pruning, Stay, plan_pruning
from ...errors import HeadstartError
from ...settings import Settings
from ...store.gc.users import User
from ...store.upkeep import Upkeep
from ...uv.commands import UvCommand, clean_cache, prune_cache
from ..context import Context

__all__ = ["Pruned", "limits_of", "prune", "why_not_more"]

logger = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that a call of uv may wait for builds that use its cache."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, or would be.

    ``leftovers`` are of dead processes, relative to the store; ``kept`` was to be removed, but is
    in use by now; ``problem`` is what uv said if its cache could not be pruned, or ``""``;
    ``users`` are the kernels that run, as far as they are known.
    """

    pruning: Pruning
    leftovers: tuple[str, ...] = ()
    kept: tuple[Item, ...] = ()
    problem: str = ""
    users: tuple[User, ...] = ()

    def users_of(self, item: Item) -> list[User]:
        """The kernels that use an environment or a layer."""
        return [user for user in self.users if item.key in (user.environment, user.layer)]


def limits_of(settings: Settings) -> Limits:
    """The limits above which something has to be removed."""
    quota = Amount(settings.quota_bytes, settings.quota_inodes)
    return Limits(quota, reserve=settings.reserve, max_age=settings.max_age * DAY)


def prune(context: Context, *, everything: bool = False, dry_run: bool = False) -> Pruned:
    """Remove leftovers and, as the settings' limits ask for it, what is not in use.

    May take minutes. Never removes what is in use, also not what is used from meanwhile on.

    :param everything: remove all that is neither used nor kept.
    :param dry_run: only say what would be removed.
    :raises StoreError: if the store cannot be used.
    """
    upkeep, limits, now = Upkeep(context.store.root), limits_of(context.settings), time.time()
    problem = ""
    if dry_run:
        leftovers = upkeep.leftovers()
    else:
        # First what can never be used again: that may be enough, so that nothing useful is removed.
        leftovers = context.store.remove_leftovers()
        upkeep.tidy()
        problem = _prune_cache(context, prune_cache())
    stock = upkeep.inventory(unread_since=now - limits.lock_age)
    pruning = plan_pruning(
        stock.items, stock.shares, limits, free=stock.free, now=now, everything=everything
    )
    kept: list[Item] = []
    if not dry_run:
        items = [removal.item for removal in pruning.removals]
        kept = _remove(items, upkeep, context)
        problem = _clean_cache(items, kept, context) or problem
    return Pruned(pruning, tuple(leftovers), tuple(kept), problem, tuple(upkeep.users()))


def why_not_more(pruning: Pruning) -> str:
    """In one line, why a limit is exceeded after all that may be removed is; ``""`` if none is."""
    if pruning.pressure is None:
        return ""
    counts = Counter(
        (staying.item.kind, staying.reason)
        for staying in pruning.staying
        if staying.reason is not Stay.NEEDED
    )
    stays = [f"{count} {kind} ({reason})" for (kind, reason), count in counts.items()]
    return (
        f"{pruning.pressure}, and nothing more may go: {', '.join(stays) or 'the rest is needed'}"
    )


def _remove(items: Sequence[Item], upkeep: Upkeep, context: Context) -> list[Item]:
    """Remove what can be removed one by one; the rest is returned."""
    kept: list[Item] = []
    for item in items:
        if item.kind is ItemKind.DOWNLOAD:
            continue
        # What is in use after all keeps what it was built from. Leases decide, in `Upkeep.remove`:
        # a kernel may have started since the inventory.
        needed = any(item.name in other.needs for other in kept)
        if context.cancelled() or needed or not upkeep.remove(item):
            kept.append(item)
    return kept


def _clean_cache(items: Sequence[Item], kept: Sequence[Item], context: Context) -> str:
    """Let uv remove packages from its cache. It does so by name: other versions are removed too."""
    # By uv, under its own lock: other processes may be installing from the cache.
    needed = {name for item in kept for name in item.needs}
    downloads = [item for item in items if item.kind is ItemKind.DOWNLOAD]
    names = {item.key.partition("/")[0] for item in downloads if item.name not in needed}
    return _prune_cache(context, clean_cache(sorted(names))) if names else ""


def _prune_cache(context: Context, command: UvCommand) -> str:
    """Why uv could not do it, or ``""``."""
    try:
        # uv would make the folder, in a store that has none.
        if context.store.uv_cache.is_dir():
            context.run(command, timeout=PATIENCE)
    except (HeadstartError, OSError) as error:
        logger.warning("uv's cache was not pruned: %s", error)
        return str(error)
    return ""
