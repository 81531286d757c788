from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.store.disk.trees import delete_tree, list_tree, protect, sync_folder, write_new
from tests.store.helpers import SITE_PACKAGES, answer, fill

# Prints what went wrong when an ordinary user changed a published environment, then removes it.
CHANGE_AND_REMOVE = """
import sys
from pathlib import Path
from headstart.store.store import Store
from tests.store.helpers import *

become_ordinary(Path(sys.argv[1]), owner=True)
store = Store(Path(sys.argv[1]))
with store.build(KIND, KEY, fill) as leased:
    module = Path(leased.environment.site_packages, "answer", "__init__.py")
    for change in (lambda: module.write_text("changed"), lambda: module.unlink(),
                   lambda: module.with_name("more.py").write_text(""),
                   lambda: Path(leased.environment.prefix, "bin", "pip").write_text("")):
        try:
            change()
            print("changed")
        except PermissionError:
            print("refused")
print(store.remove(KIND, KEY), len(list(Path(sys.argv[1]).glob("v1/trash/*"))))
"""


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    fill(tmp_path / "prefix")
    return tmp_path / "prefix"


def modes(top: Path) -> set[int]:
    return {path.stat().st_mode & 0o222 for path in top.rglob("*") if not path.is_symlink()}


def protect_tree(top: Path) -> None:
    tree = list_tree(top)
    protect(top, tree.files, tree.folders)


def test_protection_takes_write_permission_from_everything_below(prefix: Path) -> None:
    protect_tree(prefix)
    assert modes(prefix) == {0}
    assert prefix.stat().st_mode & 0o200, "the top must stay writable to be renamed"


def test_protection_does_not_follow_links(prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text("")
    (prefix / "lib64").symlink_to(tmp_path / "outside")
    (prefix / "link").symlink_to(tmp_path / "outside/file")
    protect_tree(prefix)
    assert (tmp_path / "outside/file").stat().st_mode & 0o200
    assert (tmp_path / "outside").stat().st_mode & 0o200


def test_protection_reaches_other_links_to_the_same_file(prefix: Path, tmp_path: Path) -> None:
    module = prefix / SITE_PACKAGES / "answer/__init__.py"
    os.link(module, tmp_path / "in-the-cache")
    protect_tree(prefix)
    assert (tmp_path / "in-the-cache").stat().st_mode & 0o222 == 0


def test_a_user_cannot_change_a_published_environment_but_remove_it(store_root: Path) -> None:
    assert answer(CHANGE_AND_REMOVE, store_root).split("\n") == ["refused"] * 4 + ["True 0"]


def test_without_protection_a_user_could_change_it(store_root: Path) -> None:
    unprotected = "import headstart.store.publish as publish\n"
    unprotected += "publish.protect = lambda top, files, folders: None\n"
    assert answer(unprotected + CHANGE_AND_REMOVE, store_root).count("changed") == 4


def test_a_protected_tree_is_deleted(prefix: Path) -> None:
    protect_tree(prefix)
    assert delete_tree(prefix)
    assert not prefix.exists()


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to(path.parent / "kept")])
def test_what_is_no_folder_is_deleted(tmp_path: Path, make) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    make(tmp_path / "tree")
    assert delete_tree(tmp_path / "tree")
    assert delete_tree(tmp_path / "tree"), "that is so already"
    assert (tmp_path / "kept/file").exists()
    assert not (tmp_path / "tree").is_symlink()


def test_links_in_a_tree_are_not_followed(prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").touch()
    (prefix / "link").symlink_to(tmp_path / "outside")
    assert delete_tree(prefix)
    assert (tmp_path / "outside/file").exists()


def test_a_very_deep_tree_is_deleted(tmp_path: Path) -> None:
    top = tmp_path / "top"
    folder = top
    for _ in range(1500):
        folder.mkdir()
        folder = folder / "d"
    assert delete_tree(top)


def test_writing_never_replaces_or_follows(tmp_path: Path) -> None:
    write_new(tmp_path / "file", "text ü\n", mode=0o444)
    assert (tmp_path / "file").read_text("utf-8") == "text ü\n"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o444
    (tmp_path / "link").symlink_to("elsewhere")
    for name in ("file", "link"):
        with pytest.raises(FileExistsError):
            write_new(tmp_path / name, "other")
    sync_folder(tmp_path)
