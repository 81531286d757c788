"""nbclient's class, in every way that programs use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart import envvars
from headstart.testing.notebooks import header_cell, save_notebook

from .drive import NBCLIENT, all_ended, printed, said

pytestmark = pytest.mark.real_index

ASK = "import hs_lib, sys; print(hs_lib.__version__, sys.prefix)"

IN_ASYNC_CODE = """
import asyncio, sys, nbformat
from nbclient import NotebookClient

async def main():
    notebooks = [nbformat.read(path, 4) for path in sys.argv[1:]]
    await asyncio.gather(*[NotebookClient(each).async_execute() for each in notebooks])
    for path, notebook in zip(sys.argv[1:], notebooks):
        nbformat.write(notebook, path)

asyncio.run(main())
"""

IN_A_RUNNING_LOOP = """
import asyncio, sys, nbformat
from nbclient import NotebookClient

async def main():
    for path in sys.argv[1:]:
        notebook = nbformat.read(path, 4)
        NotebookClient(notebook).execute()
        nbformat.write(notebook, path)

asyncio.run(main())
"""

OUTER = f"""
import os, nbformat
from nbclient import NotebookClient
print(os.environ["{envvars.SESSION_NAME}"])
for path in {{paths}}:
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook).execute()
    nbformat.write(notebook, path)
"""

SHOW_CLIENT = """
import sys, nbformat
from nbclient import NotebookClient
client = NotebookClient(nbformat.read(sys.argv[1], 4))
client.on_notebook_start = lambda notebook: print(type(client.kc).__name__)
client.execute()
"""

ASK_INNER = f"""
import importlib.util, os, sys
names = [name for name in ("hs_lib", "hs_other") if importlib.util.find_spec(name)]
print(names, os.environ.get("{envvars.SESSION_NAME}"), sys.prefix != sys.base_prefix)
"""


@pytest.fixture
def pair(folder: Path) -> list[Path]:
    """Two notebooks that want different versions of one package."""
    return [
        save_notebook(folder / f"{version}.ipynb", header_cell(f"hs-lib=={version}"), ASK)
        for version in ("1.0", "2.0")
    ]


@pytest.mark.parametrize("script", [NBCLIENT, IN_ASYNC_CODE, IN_A_RUNNING_LOOP])
def test_each_notebook_gets_its_own_versions_and_the_same_again(clients, pair, script):
    clients.python(script, *pair)
    first = [said(path) for path in pair]
    assert [text.split()[0] for text in first] == ["1.0", "2.0"]

    clients.python(script, *pair)
    assert [said(path) for path in pair] == first


def test_two_programs_build_at_the_same_time(clients, pair, store_root):
    twins = clients.having(**{envvars.STORE: str(store_root)})

    all_ended([twins.start("python", "-c", NBCLIENT, path) for path in pair])

    assert [said(path).split()[0] for path in pair] == ["1.0", "2.0"]


def test_a_notebook_that_runs_notebooks_keeps_its_name_and_its_header_to_itself(clients, folder):
    inner = [
        save_notebook(folder / "inner.ipynb", header_cell("hs-other"), ASK_INNER),
        save_notebook(folder / "bare.ipynb", ASK_INNER),
    ]
    cell = OUTER.format(paths=[str(path) for path in inner])
    outer = save_notebook(folder / "outer.ipynb", header_cell("hs-lib"), cell, kernel="python3")

    session = clients.having(**{envvars.SESSION_NAME: str(outer)})
    session.python(NBCLIENT, outer)

    assert said(outer) == str(outer)
    assert [said(path) for path in inner] == ["['hs_other'] None True", "[] None True"]


@pytest.mark.parametrize(
    "kernel, name", [("headstart", "PromptKernelClient"), ("python3", "AsyncKernelClient")]
)
def test_kernels_of_ours_have_a_client_that_waits_for_no_silence(clients, folder, kernel, name):
    notebook = save_notebook(folder / "a.ipynb", "1", kernel=kernel)

    assert clients.python(SHOW_CLIENT, notebook).split() == [name]


def test_the_metadata_form_is_read_as_well(clients, folder):
    requirements = {"headstart": {"dependencies": ["hs-lib<2"]}}
    notebook = save_notebook(folder / "a.ipynb", ASK, metadata=requirements)

    clients.python(NBCLIENT, notebook)

    assert said(notebook).startswith("1.0 ")


def test_an_ephemeral_environment_is_new_each_time_and_gone_afterwards(clients, folder):
    ask = "import hs_lib, sys; print(sys.prefix); print(hs_lib.__cached__)"
    notebook = save_notebook(folder / "a.ipynb", header_cell("hs-lib", refresh=True), ask)

    runs = []
    for _ in range(2):
        clients.python(NBCLIENT, notebook)
        runs.append([Path(line) for line in said(notebook).splitlines()])

    assert runs[0][0] != runs[1][0]
    assert all(prefix.parent.is_dir() for prefix, _ in runs)
    assert not any(path.exists() for run in runs for path in run), "its bytecode goes with it"


def test_notebooks_run_on_the_python_that_they_ask_for(clients, folder, other_pythons):
    ask = "import hs_lib, json, sys; print(json.dumps([hs_lib.__version__, *sys.version_info[:2]]))"
    notebooks = {
        minor: save_notebook(
            folder / f"{minor}.ipynb",
            header_cell("hs-lib", requires_python=f"==3.{minor}.*"),
            ask,
        )
        for minor in other_pythons
    }

    all_ended([clients.start("python", "-c", NBCLIENT, path) for path in notebooks.values()])

    for minor, notebook in notebooks.items():
        assert json.loads(said(notebook)) == ["2.0", 3, minor]
        assert printed(notebook)[0] == ""
