from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.errors import StoreError
from headstart.store.layout import Layout, random_name
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, OTHER_USER, fill


def test_the_store_is_private(store_root: Path) -> None:
    root = store_root / "deep" / "store"
    Store(root).build(KIND, KEY, fill).close()
    folders = [root, root / "v1", *filter(Path.is_dir, root.glob("v1/*"))]
    modes = {path.stat().st_mode & 0o777 for path in folders}
    assert modes == {0o700}


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "../" + KEY, KEY.upper(), KEY + "\n", KEY + "a", "a" * 31, "é" * 64]
)
def test_a_name_that_is_no_digest_is_refused(store: Store, name: str) -> None:
    store.prepare()
    with pytest.raises(StoreError, match="does not name anything"):
        store.find(KIND, name)
    with pytest.raises(StoreError, match="does not name anything"):
        store.remember_lock(name, "")


def test_names_are_never_used_twice() -> None:
    assert len({random_name() for _ in range(1000)}) == 1000


def test_the_store_may_be_a_link_of_the_user(store_root: Path) -> None:
    (store_root / "disk").mkdir()
    (store_root / "link").symlink_to("disk")
    Store(store_root / "link").build(KIND, KEY, fill).close()
    assert Layout(store_root / "disk").prefix(KIND, KEY).is_dir()


def test_a_link_inside_the_store_is_refused(store_root: Path) -> None:
    (store_root / "elsewhere").mkdir()
    (store_root / "v1").symlink_to("elsewhere")
    with pytest.raises(StoreError, match=r"v1 is not a folder.*HEADSTART_STORE"):
        Store(store_root).build(KIND, KEY, fill)
    assert list((store_root / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("link", [False, True])
def test_a_folder_of_another_user_is_refused(store_root: Path, link: bool, monkeypatch) -> None:
    target = store_root / "store"
    target.symlink_to(store_root) if link else target.mkdir()
    if os.geteuid() == 0:
        os.chown(target, OTHER_USER, OTHER_USER, follow_symlinks=False)
    else:  # only root can change an owner: else this process counts as another user
        monkeypatch.setattr(os, "geteuid", lambda: OTHER_USER)
    for use in (lambda: Store(target).find(KIND, KEY), lambda: Store(target).prepare()):
        with pytest.raises(StoreError, match=r"store belongs to another user.*HEADSTART_STORE"):
            use()


def test_a_store_that_others_can_write_is_refused(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    (store.root / "v1").chmod(0o770)
    with pytest.raises(StoreError, match=r"v1 can be written by other users"):
        store.find(KIND, KEY)


def test_a_file_in_place_of_the_store_is_refused(store_root: Path) -> None:
    (store_root / "file").write_text("")
    with pytest.raises(StoreError, match=r"file is not a folder.*HEADSTART_STORE"):
        Store(store_root / "file").prepare()
