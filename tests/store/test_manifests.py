"""The quick check, and what happens to an environment that fails it."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from headstart.core.store.manifest import Manifest
from headstart.errors import EnvironmentDamaged
from headstart.store.disk.trees import delete_tree
from headstart.store.layout import MANIFEST, Layout
from headstart.store.manifests import inspect
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, LAYER, OTHER_KEY, SITE_PACKAGES, answer, fill, tree


def drop(*parts: str):
    return lambda prefix: prefix.joinpath(*parts).unlink()


def rewrite(text: str):
    def act(prefix: Path) -> None:
        (prefix / MANIFEST).chmod(0o644)
        (prefix / MANIFEST).write_text(text)

    return act


def change(old: str, new: str):
    return lambda prefix: rewrite((prefix / MANIFEST).read_text().replace(old, new))(prefix)


def as_if_written(**fields):
    def act(prefix: Path) -> None:
        manifest = Manifest.from_json((prefix / MANIFEST).read_text())
        rewrite(manifest._replace(**fields).to_json())(prefix)

    return act


def add_bytes(prefix: Path) -> None:
    (prefix / MANIFEST).chmod(0o644)
    with (prefix / MANIFEST).open("ab") as file:
        file.write(b"\xa0")


def add_a_package(prefix: Path) -> None:
    (prefix / SITE_PACKAGES).chmod(0o755)
    (prefix / SITE_PACKAGES / "more").mkdir()


def lose_the_base_python(prefix: Path) -> None:
    (prefix / "bin").chmod(0o755)
    (prefix / "bin/python").unlink()
    (prefix / "bin/python").symlink_to("/does/not/exist/python3")


DAMAGE = {
    "no manifest": (drop(MANIFEST), "its manifest cannot be read"),
    "cut short": (rewrite('{"key": "aa'), "manifest cannot be read"),
    "empty": (rewrite(""), "manifest cannot be read"),
    "not text": (rewrite("[1, 2]"), "manifest cannot be read"),
    "another format": (change('"format": 1', '"format": 2'), "The manifest has format 2"),
    "another key": (as_if_written(key=OTHER_KEY), "is that of another environment"),
    "another kind": (as_if_written(kind=LAYER), "is that of another environment"),
    "other text": (change("2026-11-20", "2026-11-21"), "The manifest is not as it was written"),
    "no UTF-8": (add_bytes, "manifest cannot be read"),
    "no pyvenv.cfg": (drop("pyvenv.cfg"), r"pyvenv\.cfg is missing"),
    "no base Python": (lose_the_base_python, "its base Python is missing"),
    "a package more": (add_a_package, "its site-packages was changed"),
    "an empty folder": (lambda prefix: (delete_tree(prefix), prefix.mkdir()), "cannot be read"),
}


@pytest.mark.parametrize("damage,reason", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_environment_is_discarded_and_built_again(store, caplog, damage, reason) -> None:
    store.build(KIND, KEY, fill).close()
    prefix = Layout(store.root).prefix(KIND, KEY)
    sound = tree(prefix)
    damage(prefix)
    with pytest.raises(EnvironmentDamaged, match=reason):
        inspect(prefix, KIND, KEY)
    with caplog.at_level(logging.WARNING):
        assert store.find(KIND, KEY) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert not prefix.exists()
    store.build(KIND, KEY, fill).close()
    assert tree(prefix).keys() == sound.keys()


def test_building_replaces_a_damaged_environment_that_was_not_checked(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    prefix = Layout(store.root).prefix(KIND, KEY)
    (prefix / "pyvenv.cfg").unlink()
    store.build(KIND, KEY, fill).close()
    assert inspect(prefix, KIND, KEY)


def test_an_environment_that_was_rebuilt_meanwhile_is_not_discarded(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    prefix = Layout(store.root).prefix(KIND, KEY)
    (prefix / "pyvenv.cfg").unlink()
    results = []

    def look_while_building(new: Path):
        (prefix / "pyvenv.cfg").write_text("") if prefix.exists() else None
        results.append(store.find(KIND, KEY))
        return fill(new)

    store.build(KIND, KEY, look_while_building).close()
    assert results == [None]
    assert inspect(prefix, KIND, KEY)


def test_bytecode_that_root_writes_is_no_damage(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    cache = Layout(store.root).prefix(KIND, KEY) / SITE_PACKAGES / "__pycache__"
    cache.chmod(0o755)
    (cache / "answer.cpython-311.pyc").write_bytes(b"")
    store.find(KIND, KEY).close()


def test_an_environment_survives_a_copy_that_keeps_whole_seconds(store, store_root) -> None:
    with store.build(KIND, KEY, fill) as built:
        changed = built.environment.manifest.site_packages_mtime
    assert changed % 10**9 == 0
    copy = store_root / "copy"
    shutil.copytree(store_root / "v1", copy / "v1", symlinks=True)
    Store(copy).find(KIND, KEY).close()


def test_nothing_is_no_damage(store: Store) -> None:
    assert inspect(store.root / "nothing", LAYER, KEY) is None


FIND_WITHOUT_DESCRIPTORS = """
import os, resource, sys
from pathlib import Path
from headstart.errors import StoreError
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND

store = Store(Path(sys.argv[1]))
store.find(KIND, KEY).close()
free = os.open("/", os.O_RDONLY)
os.close(free)
resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, free + 1))
try:
    print("found" if store.find(KIND, KEY) else "nothing")
except StoreError as error:
    print(error.details["reason"])
"""


def test_who_has_too_many_files_open_moves_nothing_away(store: Store) -> None:
    with store.build(KIND, KEY, fill) as leased:
        inode = Path(leased.environment.prefix).stat().st_ino
        assert "Too many open files" in answer(FIND_WITHOUT_DESCRIPTORS, store.root)
        assert Path(leased.environment.prefix).stat().st_ino == inode
