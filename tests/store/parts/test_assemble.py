"""Environments are put together from parts, exactly, in each link mode."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.core.store.parts import BYTECODE
from headstart.errors import BuildCancelled, BuildError, EnvironmentDamaged
from headstart.store.disk import link_files
from headstart.store.disk.trees import delete_tree
from headstart.store.layout import RECORDS
from headstart.store.parts.assemble import PartDamaged, assemble
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND
from tests.store.parts.making_parts import MODULE, add_part, filling, name_of, two_parts

MODES = ("hardlink", "copy")


def test_an_environment_has_all_files_of_its_parts(store: Store) -> None:
    with store.build(KIND, KEY, filling(two_parts(store))) as built:
        prefix = Path(built.environment.prefix)
    assert (prefix / MODULE).read_text() == "value = 42\n"
    assert (prefix / "bin/python").readlink() == Path("/bin/sh")
    assert (built.environment.manifest.files, built.environment.manifest.size) == (5, 42)


@pytest.mark.parametrize("mode", MODES)
def test_files_keep_their_bytes_and_their_mode(store: Store, tmp_path: Path, mode: str) -> None:
    part = add_part(store, name_of("1"), {"bin/tool": "#!/bin/sh\n", "empty": ""})
    assemble(tmp_path / "prefix", [part], mode)
    stat_result = (tmp_path / "prefix/bin/tool").stat()
    assert (tmp_path / "prefix/bin/tool").read_text() == "#!/bin/sh\n"
    assert stat_result.st_mode == (part.tree / "bin/tool").stat().st_mode
    assert os.path.samestat(stat_result, (part.tree / "bin/tool").stat()) == (mode == "hardlink")
    assert (tmp_path / "prefix/empty").read_bytes() == b""


def test_a_file_that_has_all_the_names_it_can_have_is_copied(store, tmp_path, monkeypatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(link_files.errno.EMLINK, "Too many links")

    part = add_part(store, name_of("1"), {"a": "a"})
    monkeypatch.setattr(os, "link", refuse)
    assemble(tmp_path / "prefix", [part], "hardlink")
    assert (tmp_path / "prefix/a").read_text() == "a"


def test_many_files_arrive_in_many_folders(store: Store, tmp_path: Path) -> None:
    files = {f"{i % 7}/{i % 3}/{i}": str(i) for i in range(2000)}
    assemble(tmp_path / "prefix", [add_part(store, name_of("1"), files)], "hardlink")
    assert all((tmp_path / "prefix" / path).read_text() == text for path, text in files.items())


def test_an_assembly_can_be_cancelled(store: Store, tmp_path: Path) -> None:
    files = {str(number): "" for number in range(2000)}
    part, looks = add_part(store, name_of("1"), files), iter((False, True))
    with pytest.raises(BuildCancelled):
        assemble(tmp_path / "prefix", [part], "hardlink", cancelled=lambda: next(looks))
    assert not (tmp_path / "prefix").exists()


def test_bytecode_comes_from_the_wheel_that_the_source_is_of(store: Store, tmp_path: Path) -> None:
    cache = "p/__pycache__/a.cpython-311.pyc"
    parts = [
        add_part(store, name_of("1"), {"p/a.py": "1"}),
        add_part(store, name_of("2"), {"p/a.py": "2"}),
        add_part(store, name_of("1", BYTECODE), {cache: "of 1"}),
    ]
    assemble(tmp_path / "prefix", parts, "hardlink")
    assert (tmp_path / "prefix/p/a.py").read_text() == "2"
    assert not (tmp_path / "prefix" / cache).exists()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("longer than before"),
        lambda path: path.unlink(),
    ],
)
def test_a_part_whose_file_was_changed_is_not_used(store, tmp_path, change, mode) -> None:
    part = add_part(store, name_of("1"), {"lib/a.py": "a"})
    (part.tree / "lib").chmod(0o700)
    (part.tree / "lib/a.py").chmod(0o600)
    change(part.tree / "lib/a.py")
    with pytest.raises(PartDamaged, match=r"lib/a\.py") as caught:
        assemble(tmp_path / "prefix", [part], mode)
    assert caught.value.part is part
    assert not (tmp_path / "prefix").exists()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_file_in_the_place_of_a_folder_is_refused(store, tmp_path, order) -> None:
    parts = [
        add_part(store, name_of("1"), {"lib/a": ""}),
        add_part(store, name_of("2"), {"lib": ""}),
    ]
    with pytest.raises(BuildError, match="one as a file and one as a folder"):
        assemble(tmp_path / "prefix", [parts[i] for i in order], "hardlink")
    assert not (tmp_path / "prefix").exists()


def test_an_incomplete_build_is_not_published(store: Store) -> None:
    fill = filling(two_parts(store))

    def lose_a_file(prefix: Path):
        filled = fill(prefix)
        (prefix / MODULE).unlink()
        return filled

    with pytest.raises(EnvironmentDamaged, match=r"answer/__init__\.py is missing"):
        store.build(KIND, KEY, lose_a_file)
    assert store.find(KIND, KEY) is None


def test_an_environment_has_the_records_of_its_parts(store: Store) -> None:
    parts = two_parts(store)
    with store.build(KIND, KEY, filling(parts)) as built:
        records = Path(built.environment.prefix, RECORDS)
    assert len(list(records.iterdir())) == len(parts) + 1
    assert {path.stat().st_mode & 0o222 for path in [records, *records.iterdir()]} == {0}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("removed", ["", "tree", "files.json"])
def test_a_part_that_is_pruned_meanwhile_is_reported(
    store, tmp_path, removed: str, mode: str
) -> None:
    part = add_part(store, name_of("1"), {"a": "a"})
    delete_tree(part.folder / removed)
    with pytest.raises(PartDamaged):
        assemble(tmp_path / "prefix", [part], mode)
    assert not (tmp_path / "prefix").exists()
