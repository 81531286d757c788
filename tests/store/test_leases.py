"""A lease lasts as long as any process that has its descriptor, and no longer."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from headstart.store.layout import Layout
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, fill, start
from tests.waiting import until

WAIT = "import sys; print('up', flush=True); sys.stdin.read()"

# Starts a child that inherits the lease (if told so) and this process's pipes, then dies.
DIE_WITH_A_CHILD = f"""
import subprocess, sys
from pathlib import Path
from headstart.store.store import Store
from tests.store.helpers import *

lease = Store(Path(sys.argv[1])).find(KIND, KEY).lease
passed = [lease.fileno()] if sys.argv[2] == "inherit" else []
subprocess.Popen([sys.executable, "-c", {WAIT!r}], pass_fds=passed)
sys.stdin.close()
kill_here()
"""


def test_an_environment_in_use_is_not_removed(store: Store) -> None:
    with store.build(KIND, KEY, fill) as leased:
        assert not store.remove(KIND, KEY)
        assert Path(leased.environment.python).exists()
    assert store.remove(KIND, KEY), "without the lease it can be removed"
    assert store.find(KIND, KEY) is None


def test_every_user_has_a_lease_of_its_own(store: Store) -> None:
    first, second = store.build(KIND, KEY, fill), store.find(KIND, KEY)
    first.close()
    first.close()
    assert not store.remove(KIND, KEY)
    second.close()
    assert store.remove(KIND, KEY)


def test_a_child_that_inherits_the_lease_holds_it_when_the_parent_is_dead(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    with start(DIE_WITH_A_CHILD, store.root, "inherit") as process:
        assert process.wait(60) == -signal.SIGKILL
        assert process.stdout.readline() == "up\n"
        assert not store.remove(KIND, KEY)
    until(lambda: store.remove(KIND, KEY))


def test_a_child_that_does_not_inherit_the_lease_does_not_hold_it(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    with start(DIE_WITH_A_CHILD, store.root, "do not") as process:
        assert process.wait(60) == -signal.SIGKILL
        assert process.stdout.readline() == "up\n"
        assert store.remove(KIND, KEY)


def test_closing_a_lease_does_not_take_it_from_children(store: Store) -> None:
    leased = store.build(KIND, KEY, fill)
    child = subprocess.Popen(
        [sys.executable, "-c", WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[leased.lease.fileno()],
    )
    leased.close()
    assert not store.remove(KIND, KEY)
    child.communicate()
    assert store.remove(KIND, KEY)


def test_lease_files_stay(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    lease = Layout(store.root).lease(KEY)
    before = lease.stat().st_ino
    assert store.remove(KIND, KEY)
    store.build(KIND, KEY, fill).close()
    assert lease.stat().st_ino == before


def test_an_environment_without_a_lease_file_gets_one(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    Layout(store.root).lease(KEY).unlink()
    with store.find(KIND, KEY):
        assert not store.remove(KIND, KEY)
