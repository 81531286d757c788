from __future__ import annotations

from pathlib import Path

from headstart.core.store.manifest import EnvironmentKind
from headstart.store.layout import Layout
from headstart.store.store import Store
from tests.store.helpers import EPHEMERAL, KEY, KIND, LAYER, OTHER_KEY, fill, tree


def write_bytecode(store: Store, kind: EnvironmentKind, key: str) -> None:
    """As a Python of that environment does it."""
    folder = store.pycache(kind, key) / "lib"
    folder.mkdir(parents=True)
    (folder / "module.pyc").touch()


def test_what_is_removed_takes_its_bytecode_along(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    write_bytecode(store, KIND, KEY)
    assert store.remove(KIND, KEY)
    assert not store.pycache(KIND, KEY).exists()
    assert list(Layout(store.root).trash.iterdir()) == []


def test_removing_what_is_not_there_is_done_at_once(store: Store) -> None:
    store.prepare()
    assert store.remove(KIND, KEY)
    assert store.remove(LAYER, KEY)
    assert store.release_ephemeral("0" * 32)


def test_cleaning_up_leaves_everything_that_is_published(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    store.build(LAYER, OTHER_KEY, fill).close()
    store.remember_lock(KEY, "text")
    write_bytecode(store, KIND, KEY)
    before = tree(store.root)
    assert store.remove_leftovers() == []
    assert tree(store.root) == before


def test_cleaning_up_removes_what_is_in_the_trash(store: Store) -> None:
    store.prepare()
    trash = Layout(store.root).trash
    fill(trash / "environment")
    (trash / "file").touch()
    assert store.remove_leftovers() == ["trash/environment", "trash/file"]
    assert list(trash.iterdir()) == []


def test_cleaning_up_removes_bytecode_of_removed_environments(store: Store) -> None:
    store.prepare()
    write_bytecode(store, KIND, KEY)
    assert store.remove_leftovers() == [f"pycache/{KEY}"]


def test_cleaning_up_leaves_the_bytecode_folder_of_a_build(store: Store) -> None:
    def clean_up_before_publishing(prefix: Path):
        write_bytecode(store, KIND, KEY)
        assert store.remove_leftovers() == []
        return fill(prefix)

    store.build(KIND, KEY, clean_up_before_publishing).close()
    assert store.pycache(KIND, KEY).is_dir()


def test_cleaning_up_leaves_a_scratch_folder_in_use(store: Store) -> None:
    with store.scratch() as folder:
        assert store.remove_leftovers() == []
        assert folder.is_dir()


def test_cleaning_up_removes_strange_files_among_the_builds(store: Store) -> None:
    store.prepare()
    (Layout(store.root).building / "file").touch()
    (Layout(store.root).building / "link").symlink_to(store.root.parent)
    assert store.remove_leftovers() == ["building/file", "building/link"]
    assert store.root.parent.is_dir()


def test_cleaning_up_removes_ephemeral_environments_with_all_that_is_theirs(store) -> None:
    leased = store.build_ephemeral(fill)
    name = leased.environment.key
    write_bytecode(store, EPHEMERAL, name)
    assert store.remove_leftovers() == []
    leased.close()
    assert store.remove_leftovers() == [f"ephemeral/{name}"]
    layout = Layout(store.root)
    for path in (
        layout.prefix(EPHEMERAL, name),
        layout.lease(name),
        layout.pycache(EPHEMERAL, name),
    ):
        assert not path.exists()
