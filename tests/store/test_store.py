"""What the rest of Headstart relies on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from headstart.errors import BuildError, DiskFull, StoreError
from headstart.store import publish
from headstart.store.layout import Layout
from headstart.store.leases import LeasedEnvironment
from headstart.store.store import Store
from tests.store.disk.test_filesystem import shared_store
from tests.store.helpers import EPHEMERAL, KEY, KIND, LAYER, OTHER_KEY, SITE_PACKAGES, fill, tree


def never(_prefix: Path):
    raise AssertionError("This environment must not be built.")


def test_looking_makes_nothing(store_root: Path) -> None:
    store = Store(store_root / "store")
    assert store.find(KIND, KEY) is None
    assert store.recall_lock(KEY) is None
    assert (store.entries(), store.remove_leftovers()) == ([], [])
    assert store.remove(KIND, KEY)
    assert store.uv_cache.is_relative_to(store.root)
    assert list(store_root.iterdir()) == []


def test_looking_for_an_unknown_key_makes_no_file(store: Store) -> None:
    store.prepare()
    before = tree(store.root)
    assert store.find(KIND, KEY) is None
    assert tree(store.root) == before


def test_what_was_built_is_found(store: Store) -> None:
    with store.build(KIND, KEY, fill) as built, store.find(KIND, KEY) as leased:
        assert leased.environment == built.environment
    prefix = Path(leased.environment.prefix)
    assert (prefix / SITE_PACKAGES / "answer/__init__.py").read_text() == "value = 42\n"
    assert leased.environment.manifest.key == KEY
    assert leased.environment.manifest.files == 3


def test_what_is_there_is_not_built(store: Store) -> None:
    with store.build(KIND, KEY, fill) as first, store.build(KIND, KEY, never) as second:
        assert first.environment == second.environment


def test_kinds_and_keys_are_apart(store: Store) -> None:
    built = [store.build(LAYER, KEY, fill), store.build(KIND, OTHER_KEY, fill)]
    assert store.find(KIND, KEY) is None
    assert len({leased.environment.prefix for leased in built}) == 2
    for leased in built:
        leased.close()


def test_a_build_sees_a_path_that_does_not_exist(store: Store) -> None:
    def look(prefix: Path):
        assert not prefix.exists()
        assert prefix.parent.is_dir()
        assert not Layout(store.root).prefix(KIND, KEY).exists()
        return fill(prefix)

    store.build(KIND, KEY, look).close()


@pytest.mark.parametrize(
    "raised,expected",
    [
        (BuildError("The wheel is bad."), BuildError),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull),
        (OSError(errno.EIO, "Input/output error"), StoreError),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
)
def test_a_failed_build_leaves_nothing(store: Store, raised, expected) -> None:
    def fail(prefix: Path):
        fill(prefix)
        raise raised

    with pytest.raises(expected):
        store.build(KIND, KEY, fail)
    assert store.find(KIND, KEY) is None
    assert list(Layout(store.root).building.iterdir()) == []
    store.build(KIND, KEY, fill).close()


def test_an_ephemeral_environment_is_another_each_time(store: Store) -> None:
    first, second = store.build_ephemeral(fill), store.build_ephemeral(fill)
    assert first.environment.prefix != second.environment.prefix
    assert first.environment.manifest.kind is EPHEMERAL
    assert Path(first.environment.prefix).name == first.environment.key
    first.close()
    second.close()


def test_an_ephemeral_environment_goes_when_it_is_released(store: Store) -> None:
    leased = store.build_ephemeral(fill)
    name, before = leased.environment.key, tree(store.root)
    assert not store.release_ephemeral(name), "it is still leased"
    assert tree(store.root) == before
    leased.close()
    assert store.release_ephemeral(name)
    assert not [path for path in store.root.rglob("*") if name in path.name]


@pytest.mark.parametrize("shared, syncs", [(False, 0), (True, 1)])
def test_an_ephemeral_environment_waits_for_the_disk_only_where_hosts_share_it(
    store_root: Path, monkeypatch: pytest.MonkeyPatch, shared: bool, syncs: int
) -> None:
    synced: list[object] = []
    monkeypatch.setattr(publish, "sync_file_system", synced.append)
    store = shared_store(store_root) if shared else Store(store_root)
    store.build_ephemeral(fill).close()
    assert len(synced) == syncs
    store.build(KIND, KEY, fill).close()
    assert len(synced) == syncs + 1


def test_an_ephemeral_build_that_fails_leaves_not_even_its_lease(store: Store) -> None:
    def fail(prefix: Path):
        fill(prefix)
        raise StoreError("It failed.")

    store.prepare()
    before = tree(store.root)
    with pytest.raises(StoreError, match="It failed"):
        store.build_ephemeral(fail)
    assert tree(store.root) == before


def test_a_remembered_lock_is_recalled(store: Store) -> None:
    store.remember_lock(KEY, "one")
    store.remember_lock(KEY, "two\n# ü\n")
    assert store.recall_lock(KEY) == "two\n# ü\n"
    assert store.recall_lock(OTHER_KEY) is None
    assert list(Layout(store.root).building.iterdir()) == []


def test_a_remembered_lock_that_is_no_text_is_forgotten(store: Store) -> None:
    store.remember_lock(KEY, "one")
    Layout(store.root).remembered(KEY).write_bytes(b"\xff\xfe\x00")
    assert store.recall_lock(KEY) is None


def test_a_scratch_folder_is_private_and_short_lived(store: Store) -> None:
    with store.scratch() as folder:
        assert list(folder.iterdir()) == []
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "file").write_text("")
    assert not folder.exists()
    assert list(Layout(store.root).building.iterdir()) == []


def test_a_scratch_folder_goes_when_its_user_fails_and_the_error_stays(store: Store) -> None:
    with pytest.raises(FileNotFoundError), store.scratch() as folder:
        raise FileNotFoundError
    assert not folder.exists()


def test_a_leased_environment_has_its_lease(store: Store) -> None:
    with store.build(KIND, KEY, fill) as leased:
        assert isinstance(leased, LeasedEnvironment)
        assert os.get_inheritable(leased.lease.fileno()) is False
    with pytest.raises(ValueError, match="closed"):
        leased.lease.fileno()
