"""Many processes want the same at the same time."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from headstart.errors import BuildCancelled
from headstart.store.disk.file_locks import try_lock
from headstart.store.layout import Layout
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, SITE_PACKAGES, fill, start, tree
from tests.waiting import LIMIT

BUILD = """
import sys
from pathlib import Path
from headstart.store.store import Store
from tests.store.helpers import *

def slow_fill(prefix):
    print("building", flush=True)
    sys.stdin.readline()
    return fill(prefix)

def waiting(seconds):
    if not seconds >= 1:
        print("waiting", flush=True)

with Store(Path(sys.argv[1])).build(KIND, KEY, slow_fill, waiting=waiting) as leased:
    print(leased.environment.prefix, flush=True)
"""

GET_AND_PRUNE = """
import os, sys
from pathlib import Path
from headstart.store.store import Store
from tests.store.helpers import *

store, missing = Store(Path(sys.argv[1])), 0
for turn in range(60):
    key = f"{turn % 4:064x}"
    with store.find(KIND, key) or store.build(KIND, key, fill) as leased:
        missing += not Path(leased.environment.python).exists()
        missing += tree(Path(leased.environment.prefix, SITE_PACKAGES)) == {}
    store.remove(KIND, f"{(turn + os.getpid()) % 4:064x}")
    store.remove_leftovers()
print(missing)
"""


def test_of_sixteen_processes_one_builds(store_root: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(start(BUILD, store_root)) for _ in range(16)]
        lines = [process.stdout.readline() for process in processes]
        assert sorted(lines) == ["building\n"] + ["waiting\n"] * 15
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=LIMIT)[0] for process in processes]
    assert len(set(outputs)) == 1, "all of them use the one that was built"
    assert [process.returncode for process in processes] == [0] * 16


def test_of_eight_threads_one_builds(store: Store) -> None:
    built, environments = [], []

    def count_and_fill(prefix: Path):
        built.append(prefix)
        return fill(prefix)

    def get() -> None:
        with store.build(KIND, KEY, count_and_fill) as leased:
            environments.append(leased.environment)

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(built) == 1
    assert environments == environments[:1] * 8


def test_environments_in_use_stay_while_others_remove(store_root: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(start(GET_AND_PRUNE, store_root)) for _ in range(4)]
        outputs = [process.communicate(timeout=LIMIT)[0] for process in processes]
    assert outputs == ["0\n"] * 4


def test_without_working_locks_the_first_to_publish_wins(store: Store) -> None:
    def lose_the_race(prefix: Path):
        store._build(KIND, KEY, fill).manifest  # noqa: B018  (another host, same file system)
        winner.update(tree(published))
        filled = fill(prefix)
        (prefix / SITE_PACKAGES / "loser.py").write_text("")
        return filled

    published, winner = Layout(store.root).prefix(KIND, KEY), {}
    with store.build(KIND, KEY, lose_the_race) as leased:
        assert Path(leased.environment.prefix) == published
        assert tree(published) == winner
    assert list(Layout(store.root).building.iterdir()) == []


def test_waiting_is_reported_and_can_be_cancelled(store: Store) -> None:
    store.prepare()
    told: list[float] = []
    lock = try_lock(Layout(store.root).build_lock(KEY))
    assert lock is not None
    with lock, pytest.raises(BuildCancelled):
        store.build(KIND, KEY, fill, waiting=told.append, cancelled=lambda: len(told) == 2)
    assert told[0] < 1 <= told[1] < 2, "without delay, and after a second"
    store.build(KIND, KEY, fill).close()


def test_who_waits_needs_no_turn_for_what_is_there(store: Store) -> None:
    store.prepare()
    lock = try_lock(Layout(store.root).build_lock(KEY))
    assert lock is not None

    def publish(_seconds: float) -> None:
        store._build(KIND, KEY, fill)

    with lock, store.build(KIND, KEY, pytest.fail, waiting=publish) as leased:
        assert leased.environment.key == KEY
        assert not store.remove(KIND, KEY), "it is leased"


def test_a_build_that_need_not_wait_says_nothing_of_it(store: Store) -> None:
    told: list[float] = []
    store.build(KIND, KEY, fill, waiting=told.append).close()
    assert told == []
