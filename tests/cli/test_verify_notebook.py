"""``headstart verify NOTEBOOK``."""

from __future__ import annotations

import json

from .conftest import block


def test_a_notebook_is_compared_with_its_lock_and_the_store(headstart, notebook):
    path = notebook(block("beta"))
    assert headstart("lock", path).returncode == 0
    assert headstart("sync", path).returncode == 0
    done = headstart("verify", path)
    rows = [line.split()[:2] for line in done.stdout.splitlines()[:4]]
    assert rows == [["header", "ok"], ["lock", "ok"], ["receipt", "none"], ["store", "ok"]]
    assert done.stdout.endswith(f"{path} agrees with itself.\n")
    assert done.returncode == 0


def test_what_does_not_agree_is_an_exit_code_and_json(headstart, notebook):
    path = notebook(block("alpha"))
    assert headstart("lock", path).returncode == 0
    path.write_text(path.read_text().replace('\\"alpha\\"', '\\"alpha<2\\"'))
    done = headstart("verify", path, "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["ok"], said["lock"]["state"]) == (1, False, "wrong")
    assert said["lock"]["error"]["code"] == "lock-outdated"
    assert f"headstart lock '{path}'" in headstart("verify", path).stdout


def test_a_file_that_is_no_notebook_is_an_error(headstart, tmp_path):
    done = headstart("verify", tmp_path / "missing.ipynb", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "notebook"


def test_something_has_to_be_verified(headstart):
    assert headstart("verify").returncode == 2
