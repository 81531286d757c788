from __future__ import annotations

import json
import os
import shutil
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from headstart.errors import StoreError
from headstart.store import consents
from headstart.store.consents import Consent, Consents
from headstart.store.disk.trees import DAY
from headstart.store.layout import Layout
from headstart.store.store import Store
from headstart.store.upkeep import Upkeep
from headstart.store.verify_all import names
from tests.store.helpers import answer, start
from tests.waiting import LIMIT

TEXT = b"a header"
CONSENT = Consent("", "2026-12-01T12:00:00Z", "/x/a.ipynb", "headstart", 3)


@pytest.fixture
def agreed(store: Store) -> Consents:
    """A store where `TEXT` was agreed to."""
    store.consents.record(TEXT, CONSENT)
    return store.consents


@pytest.fixture
def record(agreed: Consents, layout: Layout) -> Path:
    """Its file."""
    return layout.consents / agreed.all()[0].digest


def test_what_was_agreed_to_is_known_from_then_on(store: Store, agreed: Consents) -> None:
    assert agreed.has(TEXT)
    assert Store(store.root).consents.has(TEXT)
    assert not agreed.has(b"another header")


def test_it_is_shown_with_date_and_notebook(agreed: Consents) -> None:
    later = CONSENT._replace(date="2026-12-02T00:00:00Z", notebook="/x/b.ipynb", packages=0)
    agreed.record(b"another", later)
    shown = [consent._replace(digest="") for consent in agreed.all()]
    assert shown == [later, CONSENT]
    assert len({consent.digest for consent in agreed.all()}) == 2


def test_to_agree_again_changes_nothing(agreed: Consents) -> None:
    agreed.record(TEXT, CONSENT._replace(date="2030-01-01T00:00:00Z"))
    assert [consent.date for consent in agreed.all()] == [CONSENT.date]


def test_it_can_be_taken_back(agreed: Consents) -> None:
    [consent] = agreed.all()
    assert agreed.forget(consent.digest)
    assert (agreed.has(TEXT), agreed.all()) == (False, [])
    assert not agreed.forget(consent.digest)


@pytest.mark.parametrize("digest", ["key", "../x", "", "k" * 64])
def test_only_a_record_can_be_forgotten(agreed: Consents, digest: str) -> None:
    with pytest.raises(StoreError):
        agreed.forget(digest)
    assert agreed.has(TEXT)


def test_nothing_is_made_by_looking(store: Store) -> None:
    assert not store.consents.has(TEXT)
    assert store.consents.all() == []
    assert not store.consents.forget("a" * 64)
    assert list(store.root.iterdir()) == []


def test_only_this_user_can_read_the_key_and_the_records(record: Path) -> None:
    folder = record.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert (folder / "key").stat().st_size == 32


def test_a_file_of_another_store_says_nothing(record: Path, tmp_path: Path) -> None:
    other = Store(tmp_path / "other")
    other.consents.record(b"anything", CONSENT)
    shutil.copy(record, other.layout.consents)
    assert not other.consents.has(TEXT)
    assert len(other.consents.all()) == 1


def test_a_record_that_is_renamed_says_nothing(agreed: Consents, record: Path) -> None:
    agreed.record(b"another", CONSENT)
    [other] = [it.digest for it in agreed.all() if it.digest != record.name]
    shutil.copyfile(record.with_name(other), record)
    assert not agreed.has(TEXT)
    assert agreed.has(b"another")


@pytest.mark.parametrize("text", ["", "{}", "x", "\x00" * 200, "\n".join(["a" * 64, "{}"])])
def test_a_record_that_was_written_without_the_key_says_nothing(
    agreed: Consents, record: Path, text: str
) -> None:
    record.write_text(text)
    assert (agreed.has(TEXT), agreed.all()) == (False, [])
    agreed.record(TEXT, CONSENT)
    assert agreed.has(TEXT)


def test_a_record_whose_content_was_changed_says_nothing(agreed: Consents, record: Path) -> None:
    seal, body = record.read_text().splitlines()
    record.write_text(f"{seal}\n{json.dumps({**json.loads(body), 'packages': 0})}\n")
    assert not agreed.has(TEXT)


def test_a_link_or_a_pipe_is_not_read(agreed: Consents, record: Path, tmp_path: Path) -> None:
    shutil.move(record, tmp_path / "record")
    record.symlink_to(tmp_path / "record")
    assert not agreed.has(TEXT)
    record.unlink()
    os.mkfifo(record)
    assert not agreed.has(TEXT)
    agreed.record(TEXT, CONSENT)
    assert agreed.has(TEXT)


def damage(key: Path, how: str) -> None:
    content = key.read_bytes()
    if how == "readable for others":
        key.chmod(0o640)
        return
    key.unlink()
    match how:
        case "a link":
            key.with_name("elsewhere").write_bytes(content)
            key.with_name("elsewhere").chmod(0o600)
            key.symlink_to("elsewhere")
        case "a folder":
            key.mkdir()
        case "empty":
            key.write_bytes(b"")
            key.chmod(0o600)
        case "short":
            key.write_bytes(content[:-1])
            key.chmod(0o600)
        case "long":
            key.write_bytes(content + b"x")
            key.chmod(0o600)


@pytest.mark.parametrize(
    "how", ["missing", "a link", "a folder", "empty", "short", "long", "readable for others"]
)
def test_without_a_sound_key_nothing_is_agreed_to_until_it_is_made_again(
    agreed: Consents, record: Path, how: str
) -> None:
    damage(record.with_name("key"), how)
    assert (agreed.has(TEXT), agreed.all()) == (False, [])
    agreed.record(b"another", CONSENT)
    assert agreed.has(b"another")
    assert not agreed.has(TEXT)
    status = record.with_name("key").lstat()
    assert (status.st_mode & 0o777, status.st_size) == (0o600, 32)


def test_a_key_that_cannot_be_read_at_the_moment_is_left_alone(
    agreed: Consents, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many(_path: Path, _forbidden: int = 0) -> bytes:
        raise OSError(24, "Too many open files")

    key = record.with_name("key").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(consents, "_read", too_many)
        assert not agreed.has(TEXT)
        with pytest.raises(StoreError, match="Too many"):
            agreed.record(b"another", CONSENT)
    assert record.with_name("key").read_bytes() == key
    assert agreed.has(TEXT)


def test_a_file_in_the_place_of_the_folder_is_damage(store: Store, layout: Layout) -> None:
    layout.consents.write_text("")
    assert (store.consents.has(TEXT), store.consents.all()) == (False, [])
    store.consents.record(TEXT, CONSENT)
    assert store.consents.has(TEXT)


def test_a_store_that_others_can_write_says_nothing(agreed: Consents, layout: Layout) -> None:
    layout.version.chmod(0o777)
    assert (agreed.has(TEXT), agreed.all()) == (False, [])
    with pytest.raises(StoreError):
        agreed.record(TEXT, CONSENT)


RECORD = """
import sys
from pathlib import Path
from headstart.store.consents import Consent
from headstart.store.store import Store
store = Store(Path(sys.argv[1]))
store.prepare()
print("ready", flush=True)
sys.stdin.readline()
text = sys.argv[2].encode()
store.consents.record(text, Consent("", "2026", "", "k", 0))
assert store.consents.has(text)
"""


def test_processes_that_make_the_key_at_once_have_one(store: Store) -> None:
    with ExitStack() as stack:
        processes = [
            stack.enter_context(start(RECORD, store.root, str(number))) for number in range(8)
        ]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        assert [process.wait(LIMIT) for process in processes] == [0] * 8
    assert all(store.consents.has(str(number).encode()) for number in range(8))


def test_where_locks_do_not_work_threads_agree_on_one_key_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consents, "flock_within", lambda *_arguments: None)
    barrier = threading.Barrier(8)

    def agree(number: int) -> None:
        barrier.wait()
        store.consents.record(str(number).encode(), CONSENT)

    threads = [threading.Thread(target=agree, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.consents.all()) >= 1
    for number in range(8):
        store.consents.record(str(number).encode(), CONSENT)
    assert len(store.consents.all()) == 8


def test_the_oldest_are_dropped(agreed: Consents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consents, "MOST", 3)
    [first] = agreed.all()
    folder = agreed._host_layout.layout.consents
    for number in range(1, 4):
        agreed.record(str(number).encode(), CONSENT)
        for path in folder.iterdir():
            age = time.time() - path.stat().st_mtime + 10 * DAY
            os.utime(path, (time.time() - age,) * 2)
        assert agreed.has(TEXT), "what is looked for counts as new"
    assert first in agreed.all()
    assert [agreed.has(str(number).encode()) for number in range(1, 4)] == [False, True, True]


def test_a_killed_process_leaves_nothing_that_stays(store: Store, layout: Layout) -> None:
    killed = """
import os, signal, sys
from pathlib import Path
from headstart import files
from headstart.store.store import Store
from headstart.store.consents import Consent
store = Store(Path(sys.argv[1]))
store.prepare()
files.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store.consents.record(b"x", Consent("", "2026", "", "k", 0))
"""
    with start(killed, store.root) as process:
        assert process.wait(LIMIT) == -9
    [build] = layout.building.iterdir()
    os.utime(build, (0, 0))
    store.remove_leftovers()
    assert {path.name for path in layout.consents.iterdir()} == {"key.lock"}
    assert not store.consents.has(b"x")


def test_checks_and_pruning_leave_it_alone(store: Store, record: Path) -> None:
    before = sorted(path.name for path in record.parent.iterdir())
    assert list(names(store)) == []
    assert (store.remove_leftovers(), Upkeep(store.root).leftovers()) == ([], [])
    Upkeep(store.root).tidy()
    inventory = Upkeep(store.root).inventory()
    assert not inventory.items
    assert sorted(path.name for path in record.parent.iterdir()) == before
    assert store.consents.has(TEXT)


def test_to_look_lists_no_folder(agreed: Consents, store: Store) -> None:
    script = """
import sys
from pathlib import Path
from headstart.store.store import Store
store, listed = Store(Path(sys.argv[1])), []
store.consents.has(b"anything")
sys.addaudithook(lambda event, where: listed.append(event) if "dir" in event else None)
assert store.consents.has(b"a header")
print(listed, "hmac" in sys.modules)
"""
    assert answer(script, store.root) == "[] False"
