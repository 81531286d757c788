from __future__ import annotations

import logging
from pathlib import Path

import pytest

from headstart.core.store.manifest import EnvironmentKind
from headstart.store.store import Store
from headstart.store.system_store import StoreOnSystem, open_store
from tests.store.helpers import KEY, KIND, LAYER, OTHER_KEY, fill, start, tree
from tests.waiting import LIMIT

# Another user than the one who filled the system store, if the tests run as root.
USE = """
import os, sys
from pathlib import Path
from headstart.store.system_store import StoreOnSystem
from tests.store.helpers import *

system, own = map(Path, sys.argv[1:])
own.mkdir()
become_ordinary(own, owner=True)
store = StoreOnSystem(own / "store", system)
with store.find(KIND, KEY) as leased:
    print(leased.environment.prefix, store.recall_lock(KEY), flush=True)
    sys.stdin.readline()
with store.build(KIND, OTHER_KEY, fill) as built:
    print(built.environment.prefix)
"""


@pytest.fixture
def system(store_root: Path) -> Store:
    """A system store with an environment and a remembered lock."""
    store_root.chmod(0o755)
    store = Store(store_root / "system", public=True)
    store.build(KIND, KEY, fill).close()
    store.remember_lock(KEY, "of the system")
    return store


@pytest.fixture
def own(store_root: Path, system: Store) -> StoreOnSystem:
    return StoreOnSystem(store_root / "own", system.root)


def prefix_of(store: Store, kind: EnvironmentKind, key: str) -> str:
    with store.find(kind, key) as leased:
        return leased.environment.prefix


def test_what_the_system_store_has_is_used_from_there(system: Store, own: StoreOnSystem) -> None:
    before = tree(system.root)
    assert prefix_of(own, KIND, KEY) == prefix_of(system, KIND, KEY)
    assert own.recall_lock(KEY) == "of the system"
    assert not own.root.exists()
    assert tree(system.root) == before


def test_what_it_has_not_is_built_in_the_users_own(system: Store, own: StoreOnSystem) -> None:
    own.build(LAYER, OTHER_KEY, fill).close()
    own.remember_lock(OTHER_KEY, "own")
    assert prefix_of(own, LAYER, OTHER_KEY).startswith(f"{own.root}/")
    assert own.recall_lock(OTHER_KEY) == "own"
    assert system.find(LAYER, OTHER_KEY) is None
    assert [entry.kind for entry in own.entries()] == [LAYER]


def test_a_lease_on_it_keeps_it_from_its_administrator(system: Store, own: StoreOnSystem) -> None:
    with own.find(KIND, KEY):
        assert not system.remove(KIND, KEY)
    assert system.remove(KIND, KEY)


def test_other_users_can_use_it_and_change_nothing(system: Store, store_root: Path) -> None:
    store_root.chmod(0o777)
    before = tree(system.root)
    with start(USE, system.root, store_root / "user") as process:
        prefix, _, version = process.stdout.readline().strip().partition(" ")
        assert (prefix, version) == (prefix_of(system, KIND, KEY), "of the system")
        assert tree(system.root) == before
        assert not system.remove(KIND, KEY)
        built, _ = process.communicate("go on\n", timeout=LIMIT)
    assert built.startswith(f"{store_root}/user/store/")
    assert system.remove(KIND, KEY)


def test_a_damaged_environment_there_is_built_in_the_users_own(system, own, caplog) -> None:
    Path(prefix_of(system, KIND, KEY), "pyvenv.cfg").unlink()
    with own.find(KIND, KEY) or own.build(KIND, KEY, fill) as leased:
        assert leased.environment.prefix.startswith(f"{own.root}/")


def test_a_system_store_that_others_can_write_is_left_alone(system, own, caplog) -> None:
    caplog.set_level(logging.WARNING)
    (system.root / "v1").chmod(0o777)
    assert own.find(KIND, KEY) is None
    assert own.recall_lock(KEY) is None
    assert "can be written by other users" in caplog.text


def test_a_system_store_that_is_missing_is_none(store_root: Path) -> None:
    store = open_store(store_root / "own", store_root / "nowhere")
    assert store.find(KIND, KEY) is None
    assert store.recall_lock(KEY) is None
    store.build(KIND, KEY, fill).close()
    assert not (store_root / "nowhere").exists()


def test_the_system_store_itself_has_none_below_it(store_root: Path) -> None:
    assert type(open_store(store_root, store_root)) is Store
    assert type(open_store(store_root, None)) is Store
