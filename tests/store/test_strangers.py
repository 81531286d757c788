"""A system store whose files other users have locked, as any user may who can read them."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import headstart.store.store
from headstart.store import leases
from headstart.store.gc.inventory import take_inventory
from headstart.store.store import Store
from headstart.store.system_store import StoreOnSystem
from tests.store.helpers import KEY, KIND, OTHER_KEY, fill, start

# Another user, if the tests run as root.
HOLD = """
import fcntl, os, sys
from pathlib import Path
from tests.store.helpers import *

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(OTHER_USER)
    os.setuid(OTHER_USER)
held = []
for path in map(Path, sys.argv[2:]):
    try:
        held.append(open(path))
        fcntl.flock(held[-1], getattr(fcntl, sys.argv[1]))
    except PermissionError:
        pass
print(len(held), flush=True)
sys.stdin.readline()
"""

MEASURE = """
import os, sys
from pathlib import Path
from headstart.store.layout import Layout
from headstart.store.gc.disk_usage import measure
from tests.store.helpers import OTHER_USER

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(OTHER_USER)
    os.setuid(OTHER_USER)
else:
    Layout(Path(sys.argv[1])).uv_cache.chmod(0)
print(len(measure(Layout(Path(sys.argv[1])))), flush=True)
"""


@pytest.fixture
def system(store_root: Path) -> Store:
    store_root.chmod(0o755)
    store = Store(store_root / "system", public=True)
    store.build(KIND, KEY, fill).close()
    return store


@contextmanager
def held(store: Store, how: str) -> Iterator[int]:
    """While a stranger has locked all files that it may read; their number."""
    files = [path for path in store.root.rglob("*") if path.is_file()]
    with start(HOLD, how, *files) as process:
        yield int(process.stdout.readline())


def test_no_other_user_reaches_the_locks_of_uvs_cache(system: Store) -> None:
    assert stat.S_IMODE(system.uv_cache.stat().st_mode) == 0o700
    system.uv_cache.chmod(0o755)  # as an earlier uv has made it
    (system.uv_cache / ".lock").touch(0o666)
    Store(system.root, public=True).build(KIND, OTHER_KEY, fill).close()
    assert stat.S_IMODE(system.uv_cache.stat().st_mode) == 0o700


def test_others_may_still_measure_a_system_store(system: Store) -> None:
    with start(MEASURE, system.root) as process:
        assert int(process.stdout.readline()) > 0
    system.uv_cache.chmod(0o700)


def test_no_start_waits_for_a_user_who_has_locked_the_system_store(
    system: Store, store_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    own = StoreOnSystem(store_root / "own", system.root)
    with held(system, "LOCK_EX") as files:
        assert files
        assert own.find(KIND, KEY) is None
        assert f"The environment {KEY[:12]} of the system store is not used" in caplog.text
        with own.build(KIND, KEY, fill) as built:
            assert built.environment.prefix.startswith(f"{own.root}/")
    with own.find(KIND, KEY) as leased:
        assert leased.environment.prefix.startswith(f"{system.root}/")


def test_its_administrator_does_not_wait_for_ever_either(
    system: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (leases, headstart.store.store):
        monkeypatch.setattr(module, "PATIENCE", 0.1)
    with held(system, "LOCK_EX"):
        assert system.find(KIND, KEY) is None
        with system.build(KIND, KEY, fill), system.build(KIND, OTHER_KEY, fill):
            pass
        with system.find(KIND, KEY) as leased:
            assert leased.environment.key == KEY


def test_strangers_can_lock_nothing_but_leases_and_what_is_read(system: Store) -> None:
    for path in system.layout.leases.glob("*.build"):
        assert path.stat().st_mode & 0o077 == 0


def test_pruning_announces_what_goes_and_waits_for_its_grace(
    system: Store, store_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    own = StoreOnSystem(store_root / "own", system.root)
    with ExitStack() as stack:
        stack.enter_context(held(system, "LOCK_SH"))
        assert not any(item.in_use for item in take_inventory(system.layout, 0.0).items)
        assert not system.remove(KIND, KEY)
        assert f"The environment {KEY[:12]} is removed after" in caplog.text
        # From now on no process begins to use it.
        assert own.find(KIND, KEY) is None
        assert not system.remove(KIND, KEY)
        notice = system.layout.removal_notice(KEY)
        announced = notice.stat().st_mtime - leases.GRACE - 1
        os.utime(notice, (announced, announced))
        assert system.remove(KIND, KEY)
    assert not system.layout.prefix(KIND, KEY).exists()
    assert not notice.exists()


def test_what_was_to_go_stays_if_its_administrator_asks_for_it_again(
    system: Store, store_root: Path
) -> None:
    own = StoreOnSystem(store_root / "own", system.root)
    with held(system, "LOCK_SH"):
        assert not system.remove(KIND, KEY)
        system.build(KIND, KEY, fill).close()
        own.find(KIND, KEY).close()


def test_a_private_store_waits_for_leases_as_long_as_they_last(store_root: Path) -> None:
    store = Store(store_root / "own")
    with store.build(KIND, KEY, fill):
        assert not store.remove(KIND, KEY)
        assert not store.layout.removal_notice(KEY).exists()
