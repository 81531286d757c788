"""``JUPYTER_DEFAULT_PROVISIONER_NAME=headstart``: ordinary kernels, if they have a header."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart import envvars
from headstart.testing.notebooks import header_cell, save_notebook

from .drive import NBCLIENT, all_ended, printed, said

pytestmark = pytest.mark.real_index

OURS = {envvars.DEFAULT_PROVISIONER: "headstart"}

ASK = """
import json, os, sys
from importlib.metadata import distributions
from ipykernel.kernelapp import IPKernelApp
app = IPKernelApp.instance()
print(json.dumps({
    "executable": sys.executable,
    "path": sys.path,
    "argv": sys.argv[0],
    "packages": sorted({item.metadata["Name"] for item in distributions()}),
    "transport": app.transport,
    "environ": sorted(set(os.environ) - {"JUPYTER_DEFAULT_PROVISIONER_NAME"}),
    "parent": os.getppid() == int(os.environ["JPY_PARENT_PID"]),
}))
"""


@pytest.fixture
def copies(folder: Path) -> list[Path]:
    """The same notebook without a header, three times; it names the kernel ``python3``."""
    return [save_notebook(folder / f"{n}.ipynb", ASK, kernel="python3") for n in range(3)]


def test_a_notebook_without_a_header_starts_as_before_whatever_state_we_are_in(clients, copies):
    nowhere = {envvars.STORE: "/proc/no/store", envvars.BUILD_TIMEOUT: "soon"}
    # The same names in all three: the kernels inherit them.
    as_before = clients.having(**{envvars.BUILD_TIMEOUT: "9"})
    ours, broken = as_before.having(**OURS), clients.having(**OURS, **nowhere)

    all_ended(
        [
            each.start("python", "-c", NBCLIENT, path)
            for each, path in zip((as_before, ours, broken), copies, strict=True)
        ]
    )

    answers = [json.loads(said(path)) for path in copies]
    assert answers[0]["transport"] == "tcp"
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]


def test_a_notebook_with_a_header_gets_its_environment(clients, folder, shared_store):
    ask = "import hs_lib, sys; print(hs_lib.__version__, sys.prefix)"
    pair = [
        save_notebook(folder / f"{v}.ipynb", header_cell(f"hs-lib=={v}"), ask, kernel="python3")
        for v in ("1.0", "2.0")
    ]

    clients.having(**OURS).python(NBCLIENT, *pair)

    for path, wanted in zip(pair, ("1.0", "2.0"), strict=True):
        version, prefix = said(path).split()
        assert version == wanted
        assert Path(prefix).is_relative_to(shared_store)


def test_a_kernel_of_ours_does_not_ask_for_us_where_we_are_not_installed(clients, folder):
    ask = f"import os; print(os.environ.get({envvars.DEFAULT_PROVISIONER!r}))"
    notebook = save_notebook(folder / "a.ipynb", header_cell("hs-lib"), ask, kernel="python3")

    clients.having(**OURS).python(NBCLIENT, notebook)

    assert printed(notebook)[-1] == "None"
