"""Where the relative paths of a header begin: at the notebook, or nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.testing.notebooks import save_notebook
from tests.core.factory import block

from .drive import NBCLIENT, last_lines, said

pytestmark = pytest.mark.real_index

HEADER = block("[tool.headstart]", 'requirements = "requirements.txt"')
ASK = "import hs_lib; print(hs_lib.__version__)"

IN_A_FOLDER = """
import sys, nbformat
from nbclient import NotebookClient
path, folder = sys.argv[1:]
notebook = nbformat.read(path, 4)
NotebookClient(notebook, resources={"metadata": {"path": folder}}).execute()
nbformat.write(notebook, path)
"""


@pytest.fixture
def notebook(clients, folder: Path) -> Path:
    """A notebook with a requirements file, and another such file where clients are called."""
    (folder / "requirements.txt").write_text("hs-lib==1.0\n")
    (clients.top / "requirements.txt").write_text("hs-lib==2.0\n")
    return save_notebook(folder / "a.ipynb", HEADER, ASK)


@pytest.mark.parametrize("options", [[], ["--cwd", "elsewhere"]], ids=["plain", "cwd"])
@pytest.mark.parametrize("from_top", [True, False], ids=["above", "beside"])
def test_under_papermill_it_is_the_folder_of_the_input(clients, notebook, options, from_top):
    called_in = clients.top if from_top else notebook.parent
    (called_in / "elsewhere").mkdir()
    (called_in / "elsewhere" / "requirements.txt").write_text("hs-lib==2.0\n")
    path = notebook.relative_to(called_in)
    clients.run("papermill", path, "out.ipynb", *options, folder=called_in)

    assert said(called_in / "out.ipynb") == "1.0"


@pytest.mark.parametrize(
    "command",
    [
        ["jupyter", "execute", "--inplace"],
        ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace"],
        ["jupytext", "--to", "ipynb", "--execute"],
    ],
    ids=["execute", "nbconvert", "jupytext"],
)
def test_a_notebook_in_the_folder_of_the_process_has_that_one(clients, notebook, command):
    clients.run(*command, notebook.name, folder=notebook.parent)

    assert said(notebook) == "1.0"


def test_nbclient_may_be_told_the_folder(clients, notebook):
    clients.python(IN_A_FOLDER, notebook, notebook.parent)

    assert said(notebook) == "1.0"


def test_a_place_that_nobody_knows_is_not_guessed(clients, notebook):
    """What papermill left in a notebook that it wrote is of no use to others."""
    clients.run("papermill", notebook, notebook)
    text = notebook.read_text()
    plain = clients.start("python", "-c", NBCLIENT, notebook)
    piped = clients.start("papermill", "-", clients.top / "out.ipynb")
    piped.stdin.write(text)

    for line in last_lines([plain, piped]):
        assert 'names "requirements.txt"' in line
        assert "not known where the notebook is" in line
        assert 'resources={"metadata"' in line
