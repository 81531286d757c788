"""A pruner is killed at every fourth of its 500 steps; what is used, and what is left, is whole."""

from __future__ import annotations

from pathlib import Path

from tests.store.helpers import answer
from tests.store.test_kills import KILL

KILL_PRUNERS = (
    KILL
    + """
from dataclasses import replace
import headstart.store.publish
from headstart.core.store.manifest import Distribution
from headstart.environments.context import Context
from headstart.environments.upkeep.gc import prune
from headstart.settings import Settings
from headstart.store.layout import Layout
from headstart.store.upkeep import Upkeep
from headstart.testing.fake_uv import FakeUv

# The disk outlives a kill; waiting for it would take a minute.
headstart.store.publish.sync_file_system = os.fsync = lambda _: None
layout, upkeep = Layout(store.root), Upkeep(store.root)
context = Context(Settings(store.root), store, FakeUv(store.root))

def fill_with_wheel(prefix):
    return fill(prefix)._replace(distributions=(Distribution("answer", "1.0", wheel=key(9)),))

def stock():
    for number in (0, 1):
        (store.find(KIND, key(number)) or store.build(KIND, key(number), fill_with_wheel)).close()
    store.build_ephemeral(fill).close()
    (layout.wheels / key(8)).mkdir(parents=True, exist_ok=True)
    store.remember_lock(key(0), "text")
    upkeep.note_notebook(key(0), "a.ipynb")
    layout.building.joinpath("dead").mkdir(exist_ok=True)

def check(n):
    with store.find(KIND, key(0)) or store.build(KIND, key(0), fill) as leased:
        assert Path(leased.environment.site_packages, "answer/__init__.py").read_text(), n
    assert tree(Path(used.environment.prefix)) == before, n
    assert store.recall_lock(key(0)) == "text", n
    upkeep.users(), upkeep.notebooks(key(0))
    stock()

stock()
used = store.find(KIND, key(1))
before = tree(Path(used.environment.prefix))
print(kill_at_every_step(lambda n: prune(context, everything=True), check, stride=4))
prune(context, everything=True)
folders = [layout.folder(EPHEMERAL), layout.building, layout.trash]
left = [path for folder in folders for path in folder.iterdir()]
assert not left, left
assert [entry.key for entry in store.entries()] == [key(1)]
"""
)


def test_a_pruner_killed_anywhere_harms_nothing(store_root: Path) -> None:
    assert int(answer(KILL_PRUNERS, store_root)) > 100
