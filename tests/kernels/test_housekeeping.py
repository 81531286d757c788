from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.environments.context import Context
from headstart.environments.ready import Ready, ensure
from headstart.kernels.housekeeping import note_user, work_after_build
from headstart.settings import Settings
from headstart.store.disk.filesystem import host_name
from headstart.store.gc.users import User
from headstart.store.layout import Layout
from headstart.store.store import Store
from headstart.store.upkeep import Upkeep
from headstart.testing.fake_uv import FakeUv
from headstart.testing.wheels import make_wheel
from tests.local_uv import spec
from tests.stub_kernel import make_ipykernel
from tests.waiting import until


@pytest.fixture
def ready(settings: Settings, tmp_path: Path) -> Ready:
    make_ipykernel(tmp_path)
    make_wheel(tmp_path, "alpha", "1.0")
    context = Context(replace(settings, environ={}), Store(settings.store), FakeUv(tmp_path))
    with ensure(spec("alpha"), context) as ready:
        return ready


def test_the_store_knows_a_kernel_while_it_runs(ready: Ready, tmp_path: Path) -> None:
    upkeep, key = Upkeep(ready.store.root), ready.environment.environment.key
    ended = note_user(ready, os.getpid(), str(tmp_path), "folder/a.ipynb")
    until(lambda: upkeep.notebooks(key))
    (user,) = upkeep.users()
    assert (user.environment, user.layer) == (key, ready.layer.environment.key)
    assert (user.pid, user.notebook) == (os.getpid(), str(tmp_path / "a.ipynb"))
    assert user.client
    ended()
    until(lambda: not upkeep.users())


def test_an_end_right_after_the_start_leaves_nothing(ready: Ready, tmp_path: Path) -> None:
    ended = note_user(ready, os.getpid(), str(tmp_path), "")
    ended().join(60)
    assert Upkeep(ready.store.root).users() == []
    key = ready.environment.environment.key
    assert [use.notebook for use in Upkeep(ready.store.root).notebooks(key)] == [str(tmp_path)]


def test_a_kernel_that_starts_forgets_those_of_killed_servers(ready: Ready) -> None:
    root, (key, layer) = ready.store.root, (leased.environment.key for leased in ready[2:4])
    dead = User(key, layer, os.getpid(), 1, "/dead.ipynb", "jupyter-lab", host_name())
    Upkeep(root).record_user(dead)
    assert (Layout(root).users / dead.file).exists()
    ended = note_user(ready, os.getpid(), "", "")
    until(lambda: not (Layout(root).users / dead.file).exists())
    ended().join(60)


def test_a_store_that_cannot_be_written_is_no_reason_to_fail(ready: Ready, caplog) -> None:
    Layout(ready.store.root).users.write_text("in the way")
    note_user(ready, os.getpid(), "", "")().join(60)
    assert "The store" in caplog.text


def test_only_a_build_is_followed_by_pruning(ready: Ready, settings: Settings) -> None:
    pruned = Layout(ready.store.root).pruned
    automatic = replace(settings, auto_prune=True)
    work_after_build(ready._replace(reused=True), automatic)
    work_after_build(ready, settings)
    assert not pruned.exists()
    work_after_build(ready, automatic)
    until(pruned.exists)
