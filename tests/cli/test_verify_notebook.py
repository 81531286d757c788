"""``headstart verify NOTEBOOK``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from headstart import envvars
from tests.isolation import remove_tree

from .conftest import block


def test_a_notebook_is_compared_with_its_lock_and_the_store(headstart, notebook):
    path = notebook(block("beta"))
    assert headstart("lock", path).returncode == 0
    assert headstart("sync", path).returncode == 0
    done = headstart("verify", path)
    rows = dict(line.split()[:2] for line in done.stdout.splitlines()[:6])
    assert rows == {"header": "ok", "lock": "ok", "packages": "ok", "receipt": "none",
                    "store": "ok", "layer": "ok"}  # fmt: skip
    assert done.stdout.endswith(f"{path} agrees with itself.\n")
    assert done.returncode == 0


def test_what_does_not_agree_is_an_exit_code_and_json(headstart, notebook):
    path = notebook(block("alpha"))
    assert headstart("lock", path).returncode == 0
    path.write_text(path.read_text().replace('\\"alpha\\"', '\\"alpha<2\\"'))
    done = headstart("verify", path, "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["ok"], answer["lock"]["state"]) == (1, False, "wrong")
    assert answer["lock"]["error"]["code"] == "lock-outdated"
    assert f"headstart lock '{path}'" in headstart("verify", path).stdout


def test_a_file_that_is_no_notebook_is_an_error(headstart, tmp_path):
    done = headstart("verify", tmp_path / "missing.ipynb", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "notebook"


def test_something_has_to_be_verified(headstart):
    assert headstart("verify").returncode == 2


@pytest.fixture
def store(store_root: Path) -> Path:
    """A store of each test's own."""
    return store_root


def states(done) -> dict[str, str]:
    answer = json.loads(done.stdout)
    return {name: row["state"] for name, row in answer.items() if isinstance(row, dict)}


NO_INDEX = {envvars.DEFAULT_INDEX: "http://127.0.0.1:9/simple"}


def test_what_cannot_be_checked_is_an_exit_code_of_its_own(headstart, notebook, store):
    path = notebook(block("beta"))
    assert headstart("lock", path).returncode == 0
    done = headstart("verify", path)
    assert done.returncode == 3
    assert "What beta requires is not known here." in done.stdout
    assert f"headstart ensure '{path}'" in done.stdout
    assert done.stdout.endswith("but for what could not be checked: packages.\n")


def test_a_store_that_is_not_there_is_not_made(headstart, notebook, store, tmp_path):
    path = notebook(block("beta"))
    assert headstart("lock", path).returncode == 0
    elsewhere = tmp_path / "elsewhere"
    done = headstart("verify", path, "--json", **{envvars.STORE: str(elsewhere)})
    assert (done.returncode, states(done)["lock"]) == (3, "ok")
    assert not elsewhere.exists()


def test_what_the_store_has_needs_no_index(headstart, notebook, store):
    path = notebook(block("beta"))
    assert headstart("lock", path).returncode == 0
    assert headstart("sync", path).returncode == 0
    assert states(headstart("verify", path, "--json", HEADSTART_OFFLINE="1"))["packages"] == "ok"
    # The environment outlives the parts that it was put together from, which may be pruned.
    for part in (store / "v1" / "wheels").iterdir():
        remove_tree(part)
    done = headstart("verify", path, "--json", HEADSTART_OFFLINE="1")
    assert (done.returncode, states(done)["packages"]) == (0, "ok")


def test_that_an_index_cannot_be_asked_hides_nothing_else(headstart, notebook, store, tmp_path):
    path = notebook(block("beta"))
    assert headstart("lock", path).returncode == 0
    shutil.rmtree(store / "v1" / "locks")  # what is known of the index
    done = headstart("verify", path, "--json", **NO_INDEX)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["unchecked"]) == (3, ["lock", "packages"])
    document = json.loads(path.read_text())
    document["metadata"]["headstart"]["lock"]["created"] = "2020-01-01T00:00:00Z"
    path.write_text(json.dumps(document))
    done = headstart("verify", path, "--json", **NO_INDEX)
    assert (done.returncode, json.loads(done.stdout)["wrong"]) == (1, ["lock"])
