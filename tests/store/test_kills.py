"""Processes are killed at every step; what the store has afterwards is right, or missing."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from headstart.store.layout import Layout
from headstart.store.store import Store
from tests.store.helpers import EPHEMERAL, KEY, KIND, answer, fill, start, tree

# Runs an action in forked children, the n-th of which is killed after its n-th step, until one
# gets through; after each it calls `check(n)`. A step is what can change the disk: a call of the
# operating system, or the return of a function that writes text or calls the C library.
KILL = """
import os, signal, sys
from pathlib import Path
from headstart.store.store import Store
from tests.store.helpers import *

store = Store(Path(sys.argv[1]))
key = "{:064x}".format

def kill_after(steps):
    def count(frame, event, value):
        nonlocal steps
        call = event == "c_return" and value.__module__ in ("posix", "fcntl")
        writes = event == "return" and frame.f_code.co_name in ("_call", "write_new", "write_text")
        if call or writes:
            steps -= 1
            if steps == 0:
                kill_here()
    sys.setprofile(count)

def kill_at_every_step(action, check, stride=1):
    for n in range(1, 10_000, stride):
        child = os.fork()
        if child == 0:
            kill_after(n)
            action(n)
            sys.setprofile(None)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        check(n)
        if status == 0:
            return n
        assert os.WTERMSIG(status) == signal.SIGKILL, status
"""

KILL_BUILDERS = (
    KILL
    + """
with store.scratch() as folder:
    fill(folder / "expected")
    expected = tree(folder / "expected" / "lib")

def check(n):
    killed = store.find(KIND, key(n))
    with killed or store.build(KIND, key(n), fill) as leased:
        files = tree(Path(leased.environment.prefix, "lib"))
    assert {k: v for k, v in files.items() if "__pycache__" not in k} == expected, n
    assert store.remove(KIND, key(n))

print(kill_at_every_step(lambda n: store.build(KIND, key(n), fill), check))
store.remove_leftovers()
"""
)

# What the store does not do: build in a folder in which another process may have built before.
RETRY_IN_PLACE = """
from contextlib import contextmanager
import headstart.store.building as module

@contextmanager
def same_folder(layout, name):
    (layout.building / name).mkdir(exist_ok=True)
    yield layout.building / name

module.build_folder = same_folder
"""

KILL_EPHEMERAL = (
    KILL
    + """
store.prepare()

def check(n):
    store.remove_leftovers()
    left = [path for name in ("ephemeral", "building", "pycache", "leases", "trash")
            for path in (store.root / "v1" / name).iterdir()]
    assert not left, (n, left)

print(kill_at_every_step(lambda n: store.build_ephemeral(fill), check))
"""
)

KILL_REMOVERS = (
    KILL
    + """
def remove(n):
    store.remove(KIND, key(0))
    store.remove_leftovers()

def check(n):
    with store.find(KIND, key(0)) or store.build(KIND, key(0), fill) as leased:
        assert Path(leased.environment.site_packages, "answer/__init__.py").read_text(), n

store.build(KIND, key(0), fill).close()
print(kill_at_every_step(remove, check))
store.remove_leftovers()
"""
)

KILL_REMEMBERING = (
    KILL
    + """
def check(n):
    assert store.recall_lock(key(0)) in ("old", "new" * 1000), n
    store.remember_lock(key(0), "old")

store.remember_lock(key(0), "old")
print(kill_at_every_step(lambda n: store.remember_lock(key(0), "new" * 1000), check))
store.remove_leftovers()
"""
)

KILL_VERIFIERS = (
    KILL
    + """
def damage():
    with store.find(KIND, key(0)) or store.build(KIND, key(0), fill) as leased:
        module = Path(leased.environment.site_packages, "answer/__init__.py")
        module.chmod(0o600)
        module.write_text("value = 43\\n")

def check(n):
    leased = store.find(KIND, key(0))
    if leased is not None:
        leased.close()
        assert store.verify(KIND, key(0)), n
    damage()

damage()
print(kill_at_every_step(lambda n: store.verify(KIND, key(0)), check))
store.remove_leftovers()
"""
)

DIE_WHILE_BUILDING = """
import sys
from pathlib import Path
from headstart.store.store import Store
from tests.store.helpers import *

def fill_half(prefix):
    fill(prefix)
    print(prefix.parent, flush=True)
    sys.stdin.readline()

Store(Path(sys.argv[1])).build(KIND, KEY, fill_half)
"""


def leftovers(store_root: Path) -> list[Path]:
    folders = [store_root / "v1" / name for name in ("building", "trash", "ephemeral")]
    return [path for folder in folders for path in folder.iterdir()]


def test_a_builder_killed_at_any_step_leaves_the_right_environment_or_none(store_root) -> None:
    assert int(answer(KILL_BUILDERS, store_root)) > 50
    assert leftovers(store_root) == []


def test_builders_that_retry_in_place_do_not_survive_kills(store_root) -> None:
    with start(RETRY_IN_PLACE + KILL_BUILDERS, store_root, stderr=subprocess.DEVNULL) as process:
        assert process.wait(60) == 1


def test_an_ephemeral_builder_killed_at_any_step_leaves_nothing_for_long(store_root) -> None:
    assert int(answer(KILL_EPHEMERAL, store_root)) > 50


def test_a_remover_killed_at_any_step_leaves_a_whole_environment_or_none(store_root) -> None:
    assert int(answer(KILL_REMOVERS, store_root)) > 50
    assert leftovers(store_root) == []


def test_a_lock_is_remembered_whole_or_not_at_all(store_root) -> None:
    assert int(answer(KILL_REMEMBERING, store_root)) > 50
    assert leftovers(store_root) == []


def test_what_a_killed_check_has_found_damaged_is_found_again_or_not_used(store_root) -> None:
    assert int(answer(KILL_VERIFIERS, store_root)) > 20
    assert leftovers(store_root) == []


def test_the_next_who_asks_takes_over_from_a_dead_builder(store: Store) -> None:
    with start(DIE_WHILE_BUILDING, store.root) as process:
        folder = Path(process.stdout.readline().strip())
        process.kill()
    assert process.returncode == -signal.SIGKILL
    before = tree(folder)
    store.build(KIND, KEY, fill).close()
    assert tree(folder) == before, "no process builds in the folder of a dead builder"
    assert store.remove_leftovers() == [f"building/{folder.name}"]
    assert leftovers(store.root) == []


def test_the_build_of_a_living_builder_is_no_leftover(store: Store) -> None:
    with start(DIE_WHILE_BUILDING, store.root) as process:
        folder = Path(process.stdout.readline().strip())
        assert store.remove_leftovers() == []
        assert folder.is_dir()
        process.kill()


def test_an_ephemeral_environment_outlives_its_builder_only_with_a_lease(store: Store) -> None:
    leased = store.build_ephemeral(fill)
    name = leased.environment.key
    assert store.remove_leftovers() == []
    assert Layout(store.root).prefix(EPHEMERAL, name).is_dir()
    leased.close()
    assert store.remove_leftovers() == [f"ephemeral/{name}"]
    assert not [path for path in store.root.rglob("*") if name in path.name]
