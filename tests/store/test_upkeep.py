from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from headstart.core.store.manifest import Distribution, Manifest
from headstart.core.store.retention import Item, ItemKind
from headstart.errors import StoreError
from headstart.store.layout import MANIFEST, Layout
from headstart.store.store import Store
from headstart.store.upkeep import Upkeep
from tests.store.helpers import EPHEMERAL, KEY, KIND, LAYER, OTHER_KEY, fill, tree

WHEEL = "d" * 64
LOCK = "the text of a lock"


@pytest.fixture
def upkeep(store: Store) -> Upkeep:
    return Upkeep(store.root)


def fill_from_a_wheel(prefix: Path) -> Manifest:
    distribution = Distribution("some-answer", "1.0", wheel=WHEEL)
    digest = hashlib.sha256(LOCK.encode()).hexdigest()
    return fill(prefix)._replace(distributions=(distribution,), lock_digest=digest)


def items_of(upkeep: Upkeep, **options) -> dict[str, Item]:
    return {item.name: item for item in upkeep.inventory(**options).items}


def test_an_environment_needs_its_wheels_and_its_lock(store: Store, upkeep: Upkeep) -> None:
    store.build(KIND, KEY, fill_from_a_wheel).close()
    store.remember_lock(OTHER_KEY, LOCK)
    needs = items_of(upkeep, unread_since=1e12)[f"environment/{KEY}"].needs
    assert needs == {f"wheel/{WHEEL}", "download/some-answer/1.0", f"lock/{OTHER_KEY}"}


def test_the_inventory_knows_what_is_used_pinned_and_damaged(store: Store, upkeep: Upkeep) -> None:
    store.build(KIND, KEY, fill).close()
    upkeep.keep(KEY)
    store.build(LAYER, OTHER_KEY, fill).close()
    (Layout(store.root).prefix(LAYER, OTHER_KEY) / MANIFEST).unlink()
    store.build_ephemeral(fill).close()
    with store.build_ephemeral(fill) as leased:
        items = items_of(upkeep)
        ephemeral = items.pop(f"ephemeral/{leased.environment.key}")
    assert ephemeral.in_use
    assert {name: (it.in_use, it.kept, it.damaged) for name, it in items.items()} == {
        f"environment/{KEY}": (False, True, False),
        f"layer/{OTHER_KEY}": (False, False, True),
    }


def test_downloads_are_what_uv_has_unpacked(store: Store, upkeep: Upkeep) -> None:
    store.prepare()
    archives = Layout(store.root).uv_cache / "archive-v7"
    for folder, used in (("one", 5), ("two", 9)):
        (archives / folder / "Some_Answer-1.0.dist-info").mkdir(parents=True)
        os.utime(archives / folder, (used, used))
    (archives / "strange").mkdir()
    assert list(items_of(upkeep).values()) == [Item(ItemKind.DOWNLOAD, "some-answer/1.0", 9)]


def test_only_locks_that_were_not_read_for_long_are_in_the_inventory(store, upkeep) -> None:
    store.remember_lock(KEY, LOCK)
    path = Layout(store.root).remembered(KEY)
    os.utime(path, (1, 1))
    assert list(items_of(upkeep, unread_since=2)) == [f"lock/{KEY}"]
    assert store.recall_lock(KEY) == LOCK
    assert items_of(upkeep, unread_since=2) == {}


def test_what_is_removed_does_not_exist_any_more(store: Store, upkeep: Upkeep) -> None:
    store.build(KIND, KEY, fill).close()
    store.remember_lock(KEY, LOCK)
    layout = Layout(store.root)
    (layout.wheels / WHEEL / "cp311").mkdir(parents=True)
    for kind, key in ((ItemKind.ENVIRONMENT, KEY), (ItemKind.LOCK, KEY), (ItemKind.WHEEL, WHEEL)):
        assert upkeep.remove(Item(kind, key, 0))
        assert upkeep.remove(Item(kind, key, 0)), "it is removed already"
    for path in (layout.prefix(KIND, KEY), layout.remembered(KEY), layout.wheels / WHEEL):
        assert not path.exists()
    assert list(layout.trash.iterdir()) == []


def test_what_is_used_by_now_is_not_removed(store: Store, upkeep: Upkeep) -> None:
    with store.build(KIND, KEY, fill):
        assert not upkeep.remove(Item(ItemKind.ENVIRONMENT, KEY, 0))


def test_unkeep_ends_keep(upkeep: Upkeep) -> None:
    for key in (KEY, KEY, OTHER_KEY):
        upkeep.keep(key)
    assert upkeep.kept() == {KEY, OTHER_KEY}
    upkeep.unkeep(KEY)
    upkeep.unkeep(KEY)
    assert upkeep.kept() == {OTHER_KEY}
    with pytest.raises(StoreError):
        upkeep.keep("../../elsewhere")


def test_looking_for_leftovers_leaves_them(store: Store, upkeep: Upkeep) -> None:
    store.build_ephemeral(fill).close()
    layout = Layout(store.root)
    (layout.building / "dead").mkdir()
    (layout.trash / "file").touch()
    layout.pycache(KIND, KEY).mkdir(parents=True)
    (layout.pycache(EPHEMERAL, "0" * 32)).mkdir(parents=True)
    upkeep.leftovers()
    before = tree(store.root)
    leftovers = upkeep.leftovers()
    assert tree(store.root) == before
    assert leftovers == store.remove_leftovers()
    assert len(leftovers) == 4


def test_one_prunes_at_a_time_and_the_next_has_to_wait(upkeep: Upkeep, store: Store) -> None:
    assert not upkeep.is_due(3600), "there is no store"
    store.prepare()
    assert upkeep.is_due(3600)
    with upkeep.take_turn():
        assert upkeep.take_turn() is None
        assert not upkeep.is_due(3600)
    assert upkeep.is_due(0)
    os.utime(Layout(store.root).pruned, (9e9, 9e9))
    assert upkeep.is_due(3600), "the clock was wrong"
