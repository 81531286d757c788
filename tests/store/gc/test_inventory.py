from __future__ import annotations

import os
import time

import pytest

from headstart.store.layout import MANIFEST, Layout
from headstart.store.store import Store
from tests.store.helpers import EPHEMERAL, KEY, KIND, LAYER, OTHER_KEY, fill, tree


def test_every_environment_is_listed(store: Store) -> None:
    store.build(KIND, OTHER_KEY, fill).close()
    store.build(KIND, KEY, fill).close()
    store.build(LAYER, KEY, fill).close()
    with store.build_ephemeral(fill) as leased:
        entries = store.entries()
    expected = [(KIND, KEY), (KIND, OTHER_KEY), (LAYER, KEY), (EPHEMERAL, leased.environment.key)]
    assert [(entry.kind, entry.key) for entry in entries] == expected
    assert {entry.size for entry in entries} == {leased.environment.manifest.size}
    assert all(entry.path.is_dir() for entry in entries)


def test_an_entry_says_whether_it_is_in_use(store: Store) -> None:
    with store.build(KIND, KEY, fill):
        assert [entry.in_use for entry in store.entries()] == [True]
    assert [entry.in_use for entry in store.entries()] == [False]


def test_an_entry_says_when_it_was_last_used(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    os.utime(Layout(store.root).lease(KEY), (1, 1))
    assert store.entries()[0].last_used == 1
    store.find(KIND, KEY).close()
    assert store.entries()[0].last_used == pytest.approx(time.time(), abs=60)


def test_a_damaged_environment_is_listed_without_a_manifest(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    (Layout(store.root).prefix(KIND, KEY) / MANIFEST).unlink()
    (entry,) = store.entries()
    assert (entry.manifest, entry.size) == (None, 0)


def test_listing_changes_nothing(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    Layout(store.root).lease(KEY).unlink()
    (Layout(store.root).folder(KIND) / "strange").mkdir()
    before = tree(store.root)
    assert [entry.key for entry in store.entries()] == [KEY]
    assert tree(store.root) == before
