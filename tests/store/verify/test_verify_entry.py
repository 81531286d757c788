"""The full check finds every change to a file, and what it finds is not used any more."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from headstart.core.store.parts import BYTECODE
from headstart.errors import EnvironmentDamaged
from headstart.store.layout import MANIFEST, RECORDS, Layout
from headstart.store.store import Store
from headstart.store.verify_all import names, verify_all, verify_some
from tests.store.helpers import KEY, KIND, OTHER_KEY, SITE_PACKAGES, fill, tree
from tests.store.parts.making_parts import MODULE, add_part, filling, name_of, two_parts

Change = Callable[[Path], object]


@pytest.fixture
def prefix(store: Store) -> Path:
    """An environment of two parts and a file of our own, copied, as root has it."""
    store.build(KIND, KEY, filling(two_parts(store), "copy")).close()
    return Layout(store.root).prefix(KIND, KEY)


def unprotect(prefix: Path) -> None:
    for path in [prefix, *prefix.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o700)


def same_size(path: Path) -> None:
    before = path.stat()
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, tuple[Change, str]] = {
    "appended": (lambda p: (p / MODULE).write_text("value = 42\n#"), "12 bytes, and not 11"),
    "same size and time": (lambda p: same_size(p / MODULE), "other bytes"),
    "cut short": (lambda p: os.truncate(p / "bin/tool", 3), "3 bytes, and not 10"),
    "deleted": (lambda p: (p / MODULE).unlink(), "is missing"),
    "of our own": (lambda p: (p / "share/ours").write_text("OURS"), "other bytes"),
    "more": (lambda p: (p / "bin/more").write_text(""), "should not be there"),
    "more links": (lambda p: (p / "bin/more").symlink_to("x"), "should not be there, a link"),
    "a pipe": (lambda p: ((p / MODULE).unlink(), os.mkfifo(p / MODULE)), "is not a file"),
    "a folder": (lambda p: ((p / MODULE).unlink(), (p / MODULE).mkdir()), "is missing"),
    "another link": (
        lambda p: ((p / "bin/python").unlink(), (p / "bin/python").symlink_to("/bin/ls")),
        "does not link to /bin/sh",
    ),
    "no record": (lambda p: next((p / RECORDS).glob("1*")).unlink(), "cannot be read"),
    "half a record": (lambda p: os.truncate(p / RECORDS / "own.json", 80), "damaged"),
    "no manifest": (lambda p: (p / MANIFEST).unlink(), "manifest cannot be read"),
}


def test_an_environment_in_order_has_no_problems(store: Store, prefix: Path) -> None:
    assert store.verify(KIND, KEY) == []
    store.find(KIND, KEY).close()


def test_an_environment_that_is_not_there_has_none(store: Store) -> None:
    assert store.verify(KIND, KEY) == []
    assert not store.root.exists() or not list(store.root.iterdir())


def test_an_environment_without_parts_is_checked_as_well(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    assert store.verify(KIND, KEY) == []


@pytest.mark.parametrize("change,what", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_is_found(store: Store, prefix: Path, change: Change, what: str) -> None:
    unprotect(prefix)
    change(prefix)
    problems = store.verify(KIND, KEY)
    assert what in str(problems[0])
    assert store.find(KIND, KEY) is None
    assert not prefix.exists()


def test_what_is_in_use_stays_for_its_users_but_is_built_again(
    store: Store, prefix: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = tree(prefix)
    with store.find(KIND, KEY):
        unprotect(prefix)
        (prefix / MODULE).write_text("value = 43\n")
        assert store.verify(KIND, KEY)
        assert (prefix / MODULE).exists(), "a kernel that runs in it may still import from it"
        with store.build(KIND, KEY, filling(two_parts(store), "copy")):
            assert tree(prefix).keys() == before.keys()
            assert (prefix / MODULE).read_text() == "value = 42\n"
    assert caplog.records[-1].levelno == logging.WARNING
    assert "answer/__init__.py has other bytes" in caplog.text


def test_a_part_with_the_same_damage_goes_as_well(store: Store) -> None:
    parts = two_parts(store)
    store.build(KIND, KEY, filling(parts, "hardlink")).close()
    shared = Layout(store.root).prefix(KIND, KEY) / MODULE
    shared.chmod(0o600)
    same_size(shared)
    assert store.verify(KIND, KEY)
    assert store.find(KIND, KEY) is None
    assert store.parts.find(parts[0].name) is None
    assert store.parts.find(parts[1].name) is not None


CACHE = f"{SITE_PACKAGES}/answer/__pycache__"
CODE = f"{CACHE}/__init__.cpython-311.pyc"


@pytest.fixture
def shared(store: Store) -> Path:
    """The bytecode that an environment shares with the part of a wheel."""
    parts = [*two_parts(store), add_part(store, name_of("1", BYTECODE), {CODE: "bytecode"})]
    store.build(KIND, KEY, filling(parts, share_bytecode=True)).close()
    prefix = Layout(store.root).prefix(KIND, KEY)
    assert (prefix / CACHE).is_symlink()
    assert (prefix / CODE).read_text() == "bytecode"
    assert store.verify(KIND, KEY) == []
    return prefix / CODE


def test_damage_to_shared_bytecode_is_found(store: Store, shared: Path) -> None:
    shared.chmod(0o600)
    same_size(shared)
    assert [str(problem) for problem in store.verify(KIND, KEY)] == [f"{CODE} has other bytes"]
    assert store.find(KIND, KEY) is None
    assert store.parts.find(name_of("1", BYTECODE)) is None


def test_missing_shared_bytecode_is_found(store: Store, shared: Path) -> None:
    store.parts.discard(name_of("1", BYTECODE))
    assert "is not in the store any more" in str(store.verify(KIND, KEY)[0])
    assert store.find(KIND, KEY) is None


def test_a_link_to_other_bytecode_is_found(store: Store, shared: Path) -> None:
    shared.parent.parent.chmod(0o700)
    shared.parent.unlink()
    shared.parent.symlink_to("/tmp")
    assert f"{CACHE} does not link to" in str(store.verify(KIND, KEY)[0])


def test_all_of_the_store_is_checked(store: Store, prefix: Path) -> None:
    same_size_of_part = Layout(store.root).wheels / name_of("1") / "tree" / MODULE
    same_size_of_part.chmod(0o600)
    same_size(same_size_of_part)
    found = {item.name: item.problems for item in verify_all(store)}
    assert [name for name, problems in found.items() if problems] == [f"wheels/{name_of('1')}"]
    assert f"environments/{KEY}" in found


def test_of_ephemeral_environments_those_in_use_are_checked(store: Store) -> None:
    running, over = store.build_ephemeral(fill), store.build_ephemeral(fill)
    over.close()
    assert list(names(store)) == [f"ephemeral/{running.environment.key}"]
    running.close()


def test_a_little_at_a_time_comes_round_to_everything(store: Store, prefix: Path) -> None:
    store.build(KIND, OTHER_KEY, filling(two_parts(store), "copy")).close()
    unprotect(prefix)
    same_size(prefix / MODULE)
    calls = [verify_some(store, 0.0) for _ in range(len(list(names(store))))]
    assert [[item.name for item in found] for found in calls].count([f"environments/{KEY}"]) == 1
    assert sum(map(len, calls)) == 1


def test_with_time_enough_everything_is_checked_once(store: Store, prefix: Path) -> None:
    unprotect(prefix)
    same_size(prefix / MODULE)
    assert [item.name for item in verify_some(store, 60.0)] == [f"environments/{KEY}"]
    assert verify_some(store, 60.0) == []


@pytest.mark.parametrize("record", ["own.json", f"{name_of('2').replace('/', '.')}.json"])
def test_parts_are_checked_too_where_the_records_cannot_tell(store: Store, record: str) -> None:
    parts = two_parts(store)
    store.build(KIND, KEY, filling(parts, "hardlink")).close()
    prefix = Layout(store.root).prefix(KIND, KEY)
    (prefix / MODULE).chmod(0o600)
    same_size(prefix / MODULE)
    (prefix / RECORDS).chmod(0o700)
    (prefix / RECORDS / record).unlink()
    assert store.verify(KIND, KEY)
    assert store.parts.find(parts[0].name) is None, "the next build would take it as it is"


@pytest.mark.parametrize("change,what", CHANGES.values(), ids=CHANGES.keys())
def test_looking_finds_every_change_and_changes_nothing(store, prefix, change, what) -> None:
    unprotect(prefix)
    change(prefix)
    before = stamps(store.root)
    assert what in str(store.examine(KIND, KEY)[0])
    with suppress(EnvironmentDamaged):
        store.look(KIND, KEY)
    list(verify_all(store))
    assert stamps(store.root) == before


def test_looking_at_what_is_in_order_leaves_no_trace(store: Store, shared: Path) -> None:
    (Layout(store.root).lease(KEY)).unlink()  # as in a store that was copied without its leases
    before = stamps(store.root)
    assert store.examine(KIND, KEY) == []
    assert store.look(KIND, KEY).key == KEY
    assert (store.examine(KIND, OTHER_KEY), store.look(KIND, OTHER_KEY)) == (None, None)
    assert stamps(store.root) == before


def test_looking_says_of_what_is_added_at_the_top_what_it_is(store: Store, prefix: Path) -> None:
    unprotect(prefix)
    (prefix / SITE_PACKAGES / "added.py").write_text("")
    problems = list(map(str, store.examine(KIND, KEY)))
    assert problems[:2] == [
        "its site-packages was changed",
        f"{SITE_PACKAGES}/added.py should not be there",
    ]


def test_looking_finds_a_damaged_part_that_stays_where_it_is(store: Store, shared: Path) -> None:
    record = Layout(store.root).wheels / name_of("1") / "files.json"
    record.parent.chmod(0o700)
    record.chmod(0o600)
    record.write_text("{")
    found = {item.name: list(map(str, item.problems)) for item in verify_all(store)}
    assert found[f"wheels/{name_of('1')}"] == ["files.json cannot be read"]
    assert record.read_text() == "{"


def stamps(folder: Path) -> dict[str, tuple[int, ...]]:
    """Everything below a folder: what it is, and when it was changed last."""
    return {
        str(path): (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ino)
        for path in [folder, *folder.rglob("*")]
        for found in [path.lstat()]
    }
