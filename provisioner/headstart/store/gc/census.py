"""All that could be removed from the store, as values that `core.store.retention` decides on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ...core.store.accounting import Share
from ...core.store.manifest import EnvironmentKind, Manifest
from ...core.store.retention import Item, ItemKind
from ..layout import Layout
from .caches import download_name, list_downloads, list_locks, list_wheels, wheel_name
from .disk_usage import free_space, measure
from .entries import StoreEntry, list_entries
from .roots import kept


@dataclass(frozen=True, slots=True)
class Census:
    """What is in the store, who holds how much of it, and the bytes that are free on its disk."""

    items: tuple[Item, ...]
    shares: tuple[Share, ...]
    free: int


def take_census(layout: Layout, unread_since: float) -> Census:
    """Look at everything.

    :param unread_since: only what is remembered and was not read since then can go; seconds since
        the epoch.
    """
    locks = dict(list_locks(layout, unread_since))
    names: dict[str, set[str]] = {}
    for item, digest in locks.items():
        names.setdefault(digest, set()).add(item.name)
    items = [*_environments(layout, names), *_caches(layout), *locks]
    return Census(tuple(items), tuple(measure(layout)), free_space(layout))


def _environments(layout: Layout, locks: Mapping[str, set[str]]) -> Iterator[Item]:
    """Environments and layers; of ephemeral ones those in use, for the others are leftovers."""
    staying, is_open = kept(layout), layout.is_open
    for entry in list_entries(layout):
        if entry.in_use or entry.kind is not EnvironmentKind.EPHEMERAL:
            item = _item(entry, entry.key in staying, locks)
            # Where anybody may hold a lease, it keeps nothing: see `leases.claim_at_last`.
            yield replace(item, in_use=item.in_use and not is_open)


def _item(entry: StoreEntry, is_kept: bool, locks: Mapping[str, set[str]]) -> Item:
    return Item(
        ItemKind(entry.kind.value),
        entry.key,
        entry.last_used,
        in_use=entry.in_use,
        kept=is_kept,
        damaged=entry.manifest is None,
        needs=frozenset(_needs(entry.manifest, locks)) if entry.manifest else frozenset(),
    )


def _needs(manifest: Manifest, locks: Mapping[str, set[str]]) -> Iterator[str]:
    yield from (wheel_name(part.partition("/")[0]) for part in manifest.parts)
    for distribution in manifest.distributions:
        yield wheel_name(distribution.wheel)
        yield download_name(distribution.name, distribution.version)
    yield from locks.get(manifest.lock_digest, ())


def _caches(layout: Layout) -> Iterator[Item]:
    """What is kept of wheels; one item where uv's cache has a wheel several times."""
    latest: dict[str, Item] = {}
    for item, _ in (*list_wheels(layout), *list_downloads(layout)):
        known = latest.get(item.name)
        if known is None or known.last_used < item.last_used:
            latest[item.name] = item
    yield from latest.values()
