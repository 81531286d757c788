from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import psutil

from headstart.environments.upkeep.auto_prune import start_pruning
from headstart.settings import Settings
from headstart.store.layout import Layout
from headstart.store.store import Store
from headstart.store.upkeep import Upkeep
from tests.store.helpers import KEY, KIND, OTHER_KEY, SITE_PACKAGES, fill
from tests.waiting import until

WHY = (
    "the store takes more bytes than its quota, and nothing more may go: "
    "1 environment (it was used in the last ten minutes)"
)
PRUNED = f"1 removed, 0 found damaged; {WHY}"


def automatic(settings: Settings, **limits: int) -> Settings:
    """The tests' settings, with a pruner and with limits that press."""
    return replace(settings, **{"auto_prune": True, "reserve": 0, "quota_bytes": 0, **limits})


def outcome(store: Store) -> str:
    try:
        return Layout(store.root).pruned.read_text().strip()
    except FileNotFoundError:
        return ""


def filled(settings: Settings) -> Store:
    """A store with two environments, of which one was not used for long."""
    store = Store(settings.store)
    for key in (KEY, OTHER_KEY):
        store.build(KIND, key, fill).close()
    os.utime(Layout(store.root).lease(KEY), (1, 1))
    return store


def test_a_detached_process_prunes_the_store(settings: Settings) -> None:
    store, before = filled(settings), psutil.Process().children()
    start_pruning(automatic(settings), delay=0)
    assert psutil.Process().children() == before
    until(lambda: outcome(store) == PRUNED)
    assert [entry.key for entry in store.entries()] == [OTHER_KEY]


def test_its_outcome_is_short_where_the_limits_are_kept(settings: Settings) -> None:
    store = filled(settings)
    start_pruning(automatic(settings, quota_bytes=10**12), delay=0)
    until(lambda: outcome(store) == "0 removed, 0 found damaged")


def test_it_does_so_once_an_hour(settings: Settings) -> None:
    store = filled(settings)
    hour = time.time() - 3500
    Layout(store.root).pruned.write_text("lately")
    os.utime(Layout(store.root).pruned, (hour, hour))
    start_pruning(automatic(settings), delay=0)
    assert outcome(store) == "lately"
    os.utime(Layout(store.root).pruned, (hour - 200, hour - 200))
    start_pruning(automatic(settings), delay=0)
    assert outcome(store) != "lately"
    until(lambda: outcome(store) == PRUNED)


def test_many_builds_start_one_process(settings: Settings) -> None:
    store = filled(settings)
    with Upkeep(store.root).take_turn():
        Layout(store.root).pruned.unlink()
        for _ in range(3):
            start_pruning(automatic(settings), delay=0)
        assert outcome(store) == "begun"
        until(lambda: not running(store.root))
    assert len(store.entries()) == 2, "somebody else was pruning"


def test_it_can_be_switched_off(settings: Settings) -> None:
    store = filled(settings)
    start_pruning(automatic(settings, auto_prune=False), delay=0)
    assert outcome(store) == ""


def test_it_ends_before_it_begins_where_there_is_no_store(settings: Settings) -> None:
    start_pruning(automatic(settings, store=settings.store / "none"), delay=0)
    assert not (settings.store / "none").exists()


def test_a_store_that_cannot_be_used_is_left_alone(settings: Settings, caplog) -> None:
    (settings.store / "v1").mkdir(mode=0o777)
    (settings.store / "v1").chmod(0o777)
    start_pruning(automatic(settings), delay=0)
    assert "can be written by other users" in caplog.text


def test_it_checks_some_of_what_is_left(settings: Settings) -> None:
    store = filled(settings)
    module = Layout(store.root).prefix(KIND, OTHER_KEY) / SITE_PACKAGES / "answer/__init__.py"
    found = module.stat()
    module.chmod(0o644)
    module.write_text(module.read_text().replace("42", "43"))
    os.utime(module, ns=(found.st_atime_ns, found.st_mtime_ns))
    start_pruning(automatic(settings), delay=0)
    until(lambda: outcome(store) == f"1 removed, 1 found damaged; {WHY}")
    assert store.find(KIND, OTHER_KEY) is None


def running(store: Path) -> list[psutil.Process]:
    """Pruners of that store."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if "headstart.environments.upkeep.auto_prune" in (process.info["cmdline"] or ()):
            try:
                environ = process.environ()
            except psutil.Error:
                continue
            if environ.get("HEADSTART_STORE") == str(store):
                found.append(process)
    return found
