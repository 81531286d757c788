"""List the store's contents, for people and for `core.store.retention`, which plans removals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.store.accounting import Share
from ...core.store.manifest import EnvironmentKind, Manifest
from ...core.store.retention import Item, ItemKind
from ...errors import EnvironmentDamaged
from ..disk.trees import names_in
from ..layout import NAME, Layout
from ..leases import in_use, last_used
from ..manifests import Touched, inspect
from .caches import download_name, list_downloads, list_locks, list_wheels, wheel_name
from .disk_usage import free_space, measure


@dataclass(frozen=True, slots=True)
class StoreEntry:
    """One environment of the store.

    ``manifest`` is None if the environment is damaged. ``size`` is bytes, as the manifest counts
    them. ``last_used`` is seconds since the epoch, 0 if unknown. ``in_use`` says whether a lease
    was held a moment ago.
    """

    kind: EnvironmentKind
    key: str
    path: Path
    manifest: Manifest | None
    size: int
    last_used: float
    in_use: bool


def list_entries(layout: Layout) -> Iterator[StoreEntry]:
    """Every environment of the store, by kind and key."""
    for kind in EnvironmentKind:
        for key in filter(NAME.fullmatch, names_in(layout.folder(kind))):
            yield _entry(layout, kind, key)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What could be removed from the store, who holds how much, and the bytes free on its disk."""

    items: tuple[Item, ...]
    shares: tuple[Share, ...]
    free: int


def take_inventory(
    layout: Layout, unread_since: float, kept: frozenset[str] = frozenset()
) -> Inventory:
    """List all that could be removed, and measure the disk.

    :param unread_since: of remembered locks, only those not read since then; seconds since the
        epoch.
    :param kept: the keys of environments that stay.
    """
    locks = dict(list_locks(layout, unread_since))
    names: dict[str, set[str]] = {}
    for item, digest in locks.items():
        names.setdefault(digest, set()).add(item.name)
    items = [*_environments(layout, names, kept), *_caches(layout), *locks]
    return Inventory(tuple(items), tuple(measure(layout)), free_space(layout))


def _environments(
    layout: Layout, locks: Mapping[str, set[str]], kept: frozenset[str]
) -> Iterator[Item]:
    """Environments and layers; of ephemeral ones those in use, for the others are leftovers."""
    is_open = layout.is_open
    for entry in list_entries(layout):
        if entry.in_use or entry.kind is not EnvironmentKind.EPHEMERAL:
            item = _item(entry, entry.key in kept, locks)
            # Where any user may hold a lease, it keeps nothing: see `leases.claim_for_removal`.
            yield replace(item, in_use=item.in_use and not is_open)


def _entry(layout: Layout, kind: EnvironmentKind, key: str) -> StoreEntry:
    prefix, manifest = layout.prefix(kind, key), None
    try:
        environment = inspect(prefix, kind, key)
        manifest = environment.manifest if environment else None
    except Touched as touched:  # its next user checks the files, which would take long here
        manifest = touched.environment.manifest
    except EnvironmentDamaged:
        pass
    return StoreEntry(
        kind=kind,
        key=key,
        path=prefix,
        manifest=manifest,
        size=manifest.size if manifest else 0,
        last_used=last_used(layout, key),
        in_use=in_use(layout, key),
    )


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
        previous = latest.get(item.name)
        if previous is None or previous.last_used < item.last_used:
            latest[item.name] = item
    yield from latest.values()
