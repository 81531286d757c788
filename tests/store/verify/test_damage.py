"""What the store believes is whole and under its own name, or it is discarded and made again."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from headstart.core.store.parts import Record
from headstart.store.disk.file_locks import try_lock
from headstart.store.gc.caches import list_locks
from headstart.store.gc.users import User
from headstart.store.host_layout import adapt
from headstart.store.layout import Layout
from headstart.store.parts.assemble import PartDamaged, assemble
from headstart.store.parts.part_store import RECORD
from headstart.store.store import Store
from headstart.store.upkeep import Upkeep
from tests.store.helpers import KEY, KIND, OTHER_KEY, answer, fill
from tests.store.parts.making_parts import MODULE, add_part, filling, name_of, two_parts

LOCK = "first = 1\n\nsecond = 2\n\nthird = 3\n"
YEAR = 365 * 86_400


def cut(path: Path) -> None:
    path.write_text(path.read_text().rpartition("\n\n")[0] + "\n")


def change_a_digit(path: Path) -> None:
    path.write_text(path.read_text().replace("second = 2", "second = 3"))


def empty(path: Path) -> None:
    path.write_text("")


def make_a_folder_of(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").write_text("somebody's")


def make_a_loop_of(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def make_a_pipe_of(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


PLACES = [make_a_folder_of, make_a_loop_of, make_a_pipe_of]
CHANGES = [cut, change_a_digit, empty, *PLACES]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def store(store_root: Path, told: list[str]) -> Store:
    return Store(store_root, notice=told.append)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_remembered_and_was_changed_is_discarded(
    store: Store, told: list[str], change: Callable[[Path], None]
) -> None:
    store.remember_lock(KEY, LOCK)
    assert store.read_lock(KEY) == LOCK
    change(Layout(store.root).remembered(KEY))
    assert (store.read_lock(KEY), told) == (None, [])
    assert store.recall_lock(KEY) is None
    assert len(told) == 1
    assert "damaged" in told[0]
    assert [path.name[:64] for path in Layout(store.root).trash.iterdir()] == [KEY]
    store.remember_lock(KEY, LOCK)
    assert (store.recall_lock(KEY), len(told)) == (LOCK, 1)


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_can_be_remembered_again_without_a_look(
    store: Store, change: Callable[[Path], None]
) -> None:
    store.remember_lock(KEY, LOCK)
    change(Layout(store.root).remembered(KEY))
    store.remember_lock(KEY, "new")
    assert store.recall_lock(KEY) == "new"


def test_what_is_remembered_counts_under_its_own_name_only(store: Store, told: list[str]) -> None:
    store.remember_lock(KEY, LOCK)
    store.remember_lock(OTHER_KEY, "other")
    remembered = Layout(store.root).remembered
    shutil.copyfile(remembered(KEY), remembered(OTHER_KEY))
    assert (store.recall_lock(OTHER_KEY), store.recall_lock(KEY)) == (None, LOCK)
    assert len(told) == 1


def test_what_was_remembered_without_a_digest_is_determined_again(store: Store) -> None:
    store.remember_lock(KEY, LOCK)
    Layout(store.root).remembered(KEY).write_text('lock-version = "1.0"\npackages = []\n')
    assert store.recall_lock(KEY) is None


def test_the_pruner_knows_the_lock_below_the_digest(store: Store) -> None:
    store.remember_lock(KEY, LOCK)
    [(item, digest)] = list_locks(Layout(store.root), 2**40)
    assert digest == hashlib.sha256(LOCK.encode()).hexdigest()
    make_a_folder_of(Layout(store.root).remembered(KEY))
    assert [item.key for item, _ in list_locks(Layout(store.root), 2**40)] == [KEY]
    assert Upkeep(store.root).remove(item)
    assert not Layout(store.root).remembered(KEY).exists()


@pytest.mark.parametrize("change", [empty, *PLACES])
def test_an_environment_whose_manifest_was_changed_is_built_again(
    store: Store, told: list[str], change: Callable[[Path], None]
) -> None:
    store.build(KIND, KEY, fill).close()
    manifest = Layout(store.root).prefix(KIND, KEY) / "headstart.json"
    manifest.parent.chmod(0o700)
    manifest.chmod(0o600)
    change(manifest)
    assert store.find(KIND, KEY) is None
    store.build(KIND, KEY, fill).close()
    assert len(told) == 1


@pytest.mark.parametrize("change", PLACES)
@pytest.mark.parametrize("which", ["lease", "build_lock"])
def test_a_folder_or_link_instead_of_a_lock_file_blocks_no_process(
    store: Store, change: Callable[[Path], None], which: str
) -> None:
    store.build(KIND, KEY, fill).close()
    change(getattr(Layout(store.root), which)(KEY))
    (Layout(store.root).prefix(KIND, KEY) / "pyvenv.cfg").unlink()
    assert store.find(KIND, KEY) is None
    with store.build(KIND, KEY, fill):
        assert not store.remove(KIND, KEY)
    assert store.remove(KIND, KEY)


@pytest.mark.parametrize("change", PLACES)
def test_a_lock_in_such_a_place_still_keeps_a_second_one_out(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "lock"
    path.write_text("")
    change(path)
    first = try_lock(path)
    assert first is not None
    with first:
        assert try_lock(path) is None
    second = try_lock(path)
    assert second is not None
    second.release()


UNREADABLE = """
import sys
from pathlib import Path
from headstart.store.store import Store
from tests.store.helpers import *

root = Path(sys.argv[1])
become_ordinary(root, owner=True)
store = Store(root)
store.build(KIND, KEY, fill).close()
store.remember_lock(KEY, "text")
for path in (store.layout.lease(KEY), store.layout.build_lock(KEY), store.layout.remembered(KEY)):
    path.chmod(0)
with store.find(KIND, KEY):
    print(store.recall_lock(KEY), store.remove(KIND, KEY))
print(store.remove(KIND, KEY))
with store.build(KIND, KEY, fill):
    print(store.remove(KIND, KEY))
"""


def test_files_without_read_permission_do_not_block_their_owner(store_root: Path) -> None:
    assert answer(UNREADABLE, store_root).split() == ["None", "False", "True", "False"]


@pytest.mark.parametrize("change", [empty, *PLACES])
def test_a_part_whose_record_was_changed_is_made_again(
    store: Store, told: list[str], change: Callable[[Path], None]
) -> None:
    part = add_part(store, name_of("1"), {"a": "first"})
    part.folder.chmod(0o700)
    (part.folder / RECORD).chmod(0o600)
    change(part.folder / RECORD)
    assert store.parts.find(part.name) is None
    assert len(told) == 1
    add_part(store, name_of("1"), {"a": "first"})
    assert store.parts.find(part.name) is not None


@pytest.mark.parametrize("level", ["part", "wheel"])
def test_a_link_in_the_way_of_a_part_is_discarded(store: Store, level: str) -> None:
    folder = add_part(store, name_of("1"), {"a": "first"}).folder
    path = folder if level == "part" else folder.parent
    shutil.rmtree(path)
    path.symlink_to(path)
    assert store.parts.find(name_of("1")) is None
    assert (add_part(store, name_of("1"), {"a": "again"}).tree / "a").read_text() == "again"


def test_the_record_of_another_part_is_no_record(store: Store) -> None:
    parts = [add_part(store, name_of(digit), {"a": "same"}) for digit in "12"]
    for part in parts:
        part.folder.chmod(0o700)
    shutil.copyfile(parts[0].folder / RECORD, parts[1].folder / "new")
    (parts[1].folder / "new").rename(parts[1].folder / RECORD)
    assert store.parts.find(parts[0].name) is not None
    assert store.parts.find(parts[1].name) is None


def test_a_record_from_before_they_had_names_counts(store: Store) -> None:
    part = add_part(store, name_of("1"), {"a": "first"})
    (part.folder / RECORD).chmod(0o600)
    (part.folder / RECORD).write_text(Record(part.record.files).to_json())
    assert store.parts.find(part.name) is not None


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
@pytest.mark.parametrize("change", PLACES)
def test_what_is_no_file_is_not_placed(
    store: Store, tmp_path: Path, change: Callable[[Path], None], mode: str
) -> None:
    parts = two_parts(store)
    (parts[0].tree / "bin").chmod(0o700)
    change(parts[0].tree / "bin/tool")
    with pytest.raises(PartDamaged, match="bin/tool"):
        assemble(tmp_path / "prefix", parts, mode)


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
@pytest.mark.parametrize("folder", ["tree", "tree/bin"])
def test_a_part_whose_folder_is_a_file_is_damaged(
    store: Store, tmp_path: Path, folder: str, mode: str
) -> None:
    parts = two_parts(store)
    shutil.rmtree(parts[0].folder / folder)
    parts[0].tree.parent.chmod(0o700)
    (parts[0].folder / folder).write_text("a file")
    with pytest.raises(PartDamaged):
        assemble(tmp_path / "prefix", parts, mode)


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
def test_parts_of_which_only_the_times_were_changed_are_good(
    store: Store, tmp_path: Path, mode: str
) -> None:
    parts = two_parts(store)
    file = parts[0].tree / "bin/tool"
    before = file.stat().st_mtime
    os.utime(file, (before - YEAR, before - YEAR))
    assemble(tmp_path / "prefix", parts, mode)
    assert (tmp_path / "prefix/bin/tool").read_text() == "#!/bin/sh\n"
    assert int(file.stat().st_mtime) == int(before), "it is not hashed at each build"


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
def test_parts_of_which_bytes_and_times_were_changed_are_not(
    store: Store, tmp_path: Path, mode: str
) -> None:
    parts = two_parts(store)
    (parts[0].tree / MODULE).chmod(0o600)
    (parts[0].tree / MODULE).write_text("value = 43\n")
    os.utime(parts[0].tree / MODULE, (YEAR, YEAR))
    with pytest.raises(PartDamaged, match="answer"):
        assemble(tmp_path / "prefix", parts, mode)


def test_a_copy_of_a_store_has_the_environments_of_the_store(
    store: Store, store_root: Path, told: list[str]
) -> None:
    with store.build(KIND, KEY, filling(two_parts(store), share_bytecode=True)) as leased:
        prefix = Path(leased.environment.prefix)
    copy = store_root / "copy"
    copy.mkdir(mode=0o700)
    subprocess.run(["cp", "-r", str(store_root / "v1"), str(copy / "v1")], check=True)
    site_packages = (
        copy / prefix.relative_to(store_root) / leased.environment.manifest.site_packages
    )
    os.utime(site_packages, (YEAR, YEAR))
    leased = Store(copy, notice=told.append).find(KIND, KEY)
    assert leased is not None
    leased.close()
    assert told == []
    assert site_packages.stat().st_mtime_ns == leased.environment.manifest.site_packages_mtime


@pytest.mark.parametrize("what", ["added", "changed"])
def test_what_was_changed_with_the_times_is_built_again(
    store: Store, told: list[str], what: str
) -> None:
    with store.build(KIND, KEY, filling(two_parts(store))) as leased:
        site_packages = Path(leased.environment.site_packages)
    for folder in (site_packages, site_packages / "answer"):
        folder.chmod(0o700)
    path = site_packages / ("new.py" if what == "added" else "answer/__init__.py")
    path.unlink(missing_ok=True)
    path.write_text("value = 43\n")
    os.utime(site_packages, (YEAR, YEAR))
    assert store.find(KIND, KEY) is None
    assert len(told) == 1


def test_an_environment_with_other_times_is_not_pruned_as_damaged(store: Store) -> None:
    with store.build(KIND, KEY, filling(two_parts(store))) as leased:
        os.utime(leased.environment.site_packages, (YEAR, YEAR))
    [entry] = store.entries()
    assert entry.manifest is not None


@pytest.mark.parametrize("change", PLACES)
@pytest.mark.parametrize("name", ["pruned", "verified", "prune.lock", "file-system"])
def test_upkeep_works_with_a_folder_or_link_instead_of_its_files(
    store: Store, change: Callable[[Path], None], name: str
) -> None:
    store.build(KIND, KEY, fill).close()
    path = Layout(store.root).version / name
    path.write_text("")
    change(path)
    upkeep = Upkeep(store.root)
    upkeep.is_due(60)
    turn = upkeep.take_turn()
    assert turn is not None
    turn.release()
    upkeep.note_pruned("done")
    assert upkeep.is_due(3600) is False


@pytest.mark.parametrize("change", [empty, *PLACES])
def test_a_damaged_file_about_the_disk_is_replaced(
    store: Store, change: Callable[[Path], None]
) -> None:
    store.prepare()
    layout = Layout(store.root)
    before = layout.file_system.read_text()
    change(layout.file_system)
    assert adapt(layout) == layout
    assert layout.file_system.read_text() == before


def test_a_changed_file_about_the_disk_is_not_used(store: Store) -> None:
    store.prepare()
    layout = Layout(store.root)
    text = layout.file_system.read_text()
    layout.file_system.write_text(text.replace('"locks": true', '"locks": false'))
    assert Store(store.root).layout == layout
    assert text != layout.file_system.read_text()


@pytest.mark.parametrize("change", [empty, *PLACES])
def test_who_uses_what_is_noted_whatever_was_there(
    store: Store, change: Callable[[Path], None]
) -> None:
    user = User(KEY, OTHER_KEY, os.getpid(), 1, "/a.ipynb", "test")
    upkeep = Upkeep(store.root)
    upkeep.record_user(user)
    for path in (Layout(store.root).notebook_uses(KEY), Layout(store.root).users / user.file):
        change(path)
    upkeep.users()
    upkeep.record_user(user)
    assert [use.notebook for use in upkeep.notebooks(KEY)] == ["/a.ipynb"]
    upkeep.keep(KEY)
    change(Layout(store.root).kept_mark(KEY))
    assert upkeep.kept() == {KEY}
    upkeep.unkeep(KEY)
    assert upkeep.kept() == frozenset()
