"""Notebooks that bring a lock, and the receipts that they keep, in clients that know of neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.testing.notebooks import header_cell, save_notebook

from .drive import NBCLIENT, said
from .test_failures import TRY

pytestmark = pytest.mark.real_index

ASK = "import hs_lib; print(hs_lib.__version__)"


def ours(notebook: Path) -> dict[str, Any]:
    return json.loads(notebook.read_text())["metadata"]["headstart"]


@pytest.fixture
def locked(clients, folder) -> Path:
    """A notebook that asks for the newest version, with an older one in its lock."""
    notebook = save_notebook(folder / "a.ipynb", header_cell("hs-lib<2"), ASK)
    clients.run("headstart", "lock", notebook)
    document = json.loads(notebook.read_text())
    document["cells"][0]["source"] = header_cell("hs-lib")
    notebook.write_text(json.dumps(document, indent=1))
    # What the header still allows stays as it is.
    clients.run("headstart", "lock", notebook)
    return notebook


def test_a_notebook_runs_with_the_versions_of_its_lock(clients, locked):
    clients.python(NBCLIENT, locked)
    assert said(locked) == "1.0"
    assert "receipt" not in ours(locked)


@pytest.mark.parametrize("receipts", ["headless", "save"])
def test_a_headless_run_leaves_a_receipt_where_the_settings_say_so(clients, locked, receipts):
    having = clients.having(**{envvars.RECEIPTS: receipts})
    having.python(NBCLIENT, locked)
    receipt = ours(locked)["receipt"]
    found = json.loads(clients.run("headstart", "verify", locked, "--json"))
    assert found["ok"]
    assert found["receipt"]["ran"] == receipt
    assert found["lock"]["digest"] == receipt["lock"]
    assert found["store"]["key"] == receipt["key"]


def test_each_console_script_keeps_the_receipt(clients, folder, locked):
    having = clients.having(**{envvars.RECEIPTS: "headless"})
    having.run("headstart", "run", locked, "-o", folder / "run.ipynb")
    having.run("papermill", locked, folder / "papermill.ipynb")
    nbconvert = ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--output"]
    having.run(*nbconvert, folder / "nbconvert.ipynb", locked)
    for name in ("run", "papermill", "nbconvert"):
        assert ours(folder / f"{name}.ipynb")["receipt"]["lock"], name


def test_a_run_whose_header_does_not_fit_its_lock_fails_and_says_why(clients, locked):
    locked.write_text(locked.read_text().replace('\\"hs-lib\\"', '\\"hs-lib\\", \\"hs-other\\"'))
    plain = json.loads(locked.read_text())
    plain["metadata"]["kernelspec"]["name"] = "python3"
    other = locked.with_name("b.ipynb")
    other.write_text(json.dumps(plain))
    having = clients.having(**{envvars.DEFAULT_PROVISIONER: "headstart"})
    for line in json.loads(having.python(TRY, locked, other)):
        assert line.startswith("headstart.errors.LockOutdated: ")
        assert 'adds "hs-other"' in line
        assert "headstart lock NOTEBOOK" in line
