from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from headstart.store.disk.filesystem import host_name
from headstart.store.gc.users import NOTEBOOKS, User, started_at
from headstart.store.layout import Layout
from headstart.store.store import Store
from headstart.store.upkeep import Upkeep
from tests.store.helpers import KEY, KIND, OTHER_KEY, fill


@pytest.fixture
def upkeep(store: Store) -> Upkeep:
    return Upkeep(store.root)


def this_user(**fields) -> User:
    pid = os.getpid()
    user = User(KEY, OTHER_KEY, pid, started_at(pid), "/home/a.ipynb", "jupyter-lab", host_name())
    return replace(user, **fields)


def test_a_kernel_is_listed_until_its_end_is_recorded(upkeep: Upkeep) -> None:
    upkeep.record_user(this_user())
    assert upkeep.users() == [this_user()]
    upkeep.forget_user(this_user())
    upkeep.forget_user(this_user())
    assert upkeep.users() == []


def test_a_kernel_whose_end_was_not_recorded_is_listed_while_its_process_lives(
    upkeep: Upkeep,
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        user = this_user(pid=process.pid, started=started_at(process.pid))
        upkeep.record_user(user)
        assert upkeep.users() == [user]
    assert upkeep.users() == []
    assert list(Layout(upkeep.root).users.iterdir()) == []


def test_another_process_with_the_same_number_is_not_the_kernel(upkeep: Upkeep) -> None:
    upkeep.record_user(this_user(started=1))
    assert upkeep.users() == []


def test_kernels_of_other_hosts_are_listed_as_recorded(upkeep: Upkeep) -> None:
    elsewhere = this_user(host="elsewhere", pid=1, started=2)
    upkeep.record_user(elsewhere)
    upkeep.tidy()
    assert upkeep.users() == [elsewhere]


def test_a_file_that_may_be_being_written_is_not_removed(upkeep: Upkeep) -> None:
    upkeep.record_user(this_user())
    new, old = (Layout(upkeep.root).users / name for name in ("new", "old"))
    for file in (new, old):
        file.write_text("{")
    os.utime(old, (1, 1))
    assert upkeep.users() == [this_user()]
    assert old.exists()
    upkeep.tidy()
    assert (new.exists(), old.exists()) == (True, False)


def test_the_notebooks_of_an_environment_are_remembered_the_last_first(upkeep: Upkeep) -> None:
    for number in range(NOTEBOOKS + 5):
        upkeep.note_notebook(KEY, f"/{number}.ipynb")
    upkeep.record_user(this_user(notebook="/7.ipynb"))
    upkeep.note_notebook(KEY, "")
    names = [use.notebook for use in upkeep.notebooks(KEY)]
    assert names[:2] == ["/7.ipynb", f"/{NOTEBOOKS + 4}.ipynb"]
    assert len(names) == len(set(names)) == NOTEBOOKS
    assert upkeep.notebooks(OTHER_KEY) == []


def test_notebooks_are_forgotten_with_the_environment(store: Store, upkeep: Upkeep) -> None:
    store.build(KIND, KEY, fill).close()
    for key in (KEY, OTHER_KEY):
        upkeep.note_notebook(key, "/a.ipynb")
    upkeep.tidy()
    assert [path.name for path in Layout(store.root).notebooks.iterdir()] == [KEY]


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"pid": 1})])
def test_what_cannot_be_read_is_left_out(upkeep: Upkeep, text: str) -> None:
    upkeep.record_user(this_user())
    layout = Layout(upkeep.root)
    for path in (layout.users / "strange", layout.notebook_uses(KEY)):
        path.write_text(text)
    assert upkeep.users() == [this_user()]
    assert upkeep.notebooks(KEY) == []


def test_a_store_that_does_not_exist_has_no_users(store_root) -> None:
    upkeep = Upkeep(store_root / "none")
    upkeep.forget_user(this_user())
    upkeep.tidy()
    assert (upkeep.users(), upkeep.notebooks(KEY), upkeep.kept()) == ([], [], frozenset())
    assert not (store_root / "none").exists()
