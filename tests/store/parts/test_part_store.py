"""Parts are published whole, looked up by name, and made again when they are damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from headstart.core.store.parts import Record
from headstart.errors import StoreError
from headstart.store.layout import Layout
from headstart.store.parts.part_store import RECORD
from headstart.store.store import Store
from tests.store.helpers import answer, tree
from tests.store.parts.making_parts import add_part, name_of

NAME = name_of("1")


def test_what_was_published_is_found(store: Store) -> None:
    made = add_part(store, NAME, {"lib/a.py": "a"}, {"bin/python": "/bin/sh"})
    assert store.parts.has(NAME)
    part = store.parts.find(NAME)
    assert part.record.links == {"bin/python": "/bin/sh"}
    assert part.record.files["lib/a.py"][1] == 1
    assert (part.tree / "lib/a.py").read_text() == "a"
    assert made == part
    assert list(Layout(store.root).building.iterdir()) == []


def test_looking_makes_nothing(store_root: Path) -> None:
    store = Store(store_root / "store")
    assert store.parts.find(NAME) is None
    assert not store.parts.has(NAME)
    assert list(store.parts.names()) == []
    assert list(store_root.iterdir()) == []


def test_of_two_that_make_one_part_both_use_the_first(store: Store) -> None:
    first = add_part(store, NAME, {"a": "first"})
    second = add_part(store, NAME, {"a": "second"})
    assert (second.tree / "a").read_text() == (first.tree / "a").read_text() == "first"


def test_a_part_with_a_damaged_record_is_made_again(store: Store) -> None:
    part = add_part(store, NAME, {"a": "first"})
    (part.folder / RECORD).chmod(0o600)
    (part.folder / RECORD).write_text(Record().to_json()[:-1])
    assert store.parts.find(NAME) is None
    assert not part.folder.exists()
    assert (add_part(store, NAME, {"a": "second"}).tree / "a").read_text() == "second"


def test_a_part_without_its_record_is_made_again(store: Store) -> None:
    part = add_part(store, NAME, {"a": "first"})
    part.folder.chmod(0o700)
    (part.folder / RECORD).unlink()
    assert store.parts.find(NAME) is None
    assert (add_part(store, NAME, {"a": "second"}).tree / "a").read_text() == "second"


def test_what_was_made_again_by_another_is_not_discarded(store: Store) -> None:
    part = add_part(store, NAME, {"a": "first"})
    part.folder.rename(store.root / "damaged")  # as `discard` does, and its inode stays in use
    add_part(store, NAME, {"a": "second"})
    assert not store.parts.discard(NAME, part.inode)
    assert store.parts.discard(NAME)
    assert not store.parts.discard(NAME)


def test_what_is_in_the_way_of_a_part_is_discarded(store: Store) -> None:
    target = Layout(store.root).wheels / NAME
    target.mkdir(parents=True)
    (target / RECORD).write_text("half")
    assert (add_part(store, NAME, {"a": "whole"}).tree / "a").read_text() == "whole"


def test_a_part_cannot_be_written(store: Store) -> None:
    part = add_part(store, NAME, {"lib/a.py": "a"})
    paths = [part.folder / RECORD, part.tree, *part.tree.rglob("*")]
    assert {path.stat().st_mode & 0o222 for path in paths} == {0}


def test_parts_are_listed(store: Store) -> None:
    for name in (name_of("2"), NAME, f"{NAME}.code"):
        add_part(store, name, {})
    (Layout(store.root).wheels / "stranger").mkdir()
    (Layout(store.root).wheels / "stranger/cp311").mkdir()
    assert list(store.parts.names()) == [NAME, f"{NAME}.code", name_of("2")]


@pytest.mark.parametrize("name", ["../x", "a/b", "", f"{'1' * 64}/.."])
def test_other_names_are_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="does not name"):
        store.parts.find(name)


def test_a_part_that_is_killed_while_it_is_made_leaves_nothing_to_find(store: Store) -> None:
    script = """
import sys
from pathlib import Path
import headstart.store.parts.part_store as parts
from headstart.store.store import Store
from tests.store.helpers import kill_here
from tests.store.parts.making_parts import add_part, name_of

parts.rename_exclusive = lambda source, target: kill_here()
add_part(Store(Path(sys.argv[1])), name_of("1"), {"a": "a"})
"""
    with pytest.raises(AssertionError):
        answer(script, store.root)
    assert store.parts.find(NAME) is None
    assert [name.partition(".")[0] for name in store.remove_leftovers()] == ["building/parts"]
    assert not [path for path in tree(store.root) if path.endswith("/a")]


def test_the_store_goes_on_without_its_parts(store: Store) -> None:
    add_part(store, NAME, {"a": "a"})
    wheels = Layout(store.root).wheels
    for path in [wheels, *wheels.rglob("*")]:
        path.chmod(0o700)
    shutil.rmtree(wheels)
    assert store.parts.find(NAME) is None
