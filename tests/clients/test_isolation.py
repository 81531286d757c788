"""What a notebook's folder or its user does cannot change an environment, nor any other Python."""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from pathlib import Path

import pytest

from headstart.testing.notebooks import header_cell, save_notebook

from .drive import NBCLIENT, all_ended, as_user, printed, said

pytestmark = pytest.mark.real_index

PLANTED = ("headstart", "headstart_kernel", "ipykernel_launcher", "json", "traitlets", "zmq")

# All of them could install it if they were real: it lies in that folder.
BOTH = """
import sys, nbformat
from nbclient import NotebookClient
first, *paths = sys.argv[1:]
notebook = nbformat.read(first, 4)
client = NotebookClient(notebook)
with client.setup_kernel():
    client.execute_cell(notebook.cells[0], 0)
    for path in paths:
        other = nbformat.read(path, 4)
        NotebookClient(other).execute()
        nbformat.write(other, path)
    client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
nbformat.write(notebook, first)
"""
"""Starts the first notebook's kernel, runs the other notebooks, and then its last cell."""

INSTALL = "install --no-index --find-links {wheels} hs-other"
INSTALLS = [
    "%pip {install}",
    "%uv pip {install}",
    "!pip {install}",
    "!pip3 {install}",
    "!pip3.{minor} {install}",
    "!uv pip {install}",
    "!uv add hs-other",
    "!{{sys.executable}} -m pip {install}",
    "!python -m pip {install}",
]

ASK_WHERE = "import sys; print(sys.prefix)"

FIND = """
import importlib.util
print(importlib.util.find_spec("hs_other"), sys.prefix)
"""


def other_pythons() -> list[Path]:
    """Where packages of Jupyter's Python and of its base lie."""
    base = sysconfig.get_path("purelib", vars={"base": sys.base_prefix})
    return [Path(sysconfig.get_path("purelib")), Path(base)]


def tree_hash(top: Path) -> str:
    """Of every file, link and folder below ``top``."""
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*")):
        content = path.readlink() if path.is_symlink() else b""
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
        digest.update(f"{path.relative_to(top)} {path.lstat().st_mode} {content!r}\n".encode())
    return digest.hexdigest()


def installed() -> list[str]:
    return sorted(path.name for folder in other_pythons() for path in folder.glob("*.dist-info"))


def greedy(path: Path, wheels: Path) -> Path:
    """A notebook that tries to install a package in every way there is."""
    install = INSTALL.format(wheels=wheels)
    cells = [line.format(install=install, minor=sys.version_info.minor) for line in INSTALLS]
    return save_notebook(path, header_cell("hs-own"), ASK_WHERE, *cells, FIND)


def test_installing_changes_neither_the_environment_nor_any_other_python(
    clients, folder, client_wheels
):
    """Nor for root, who may write whatever is write protected."""
    first = save_notebook(folder / "first.ipynb", header_cell("hs-own"), ASK_WHERE)
    clients.python(NBCLIENT, first)
    prefix = Path(said(first))
    before = tree_hash(prefix), installed()
    pair = [greedy(folder / f"{n}.ipynb", client_wheels) for n in range(2)]

    run = [sys.executable, "-c", NBCLIENT]
    all_ended([clients.start(*run, pair[0]), clients.start(*as_user(), *run, pair[1])])

    assert (tree_hash(prefix), installed()) == before
    for notebook in pair:
        _, where, *answers, found = printed(notebook)
        assert found == f"None {where}" == f"None {prefix}"
        for command, answer in zip(INSTALLS, answers, strict=True):
            assert '"hs-other"' in answer, command
            assert "restart the kernel" in answer, command


CHECK_CALL = """
import subprocess, sys
print(subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "hs-own>=0"]))
"""
ANSWERS = (CHECK_CALL, "!pip install hs-own", "!pip check", "!pip install hs-other")


def test_the_kernel_s_pip_succeeds_for_what_is_there_and_shows_the_header_with_the_rest(
    clients, folder
):
    """A cell that installs what is missing, and only that, goes on where nothing is."""
    notebook = save_notebook(folder / "a.ipynb", header_cell("hs-own"), *ANSWERS)

    clients.python(NBCLIENT, notebook)

    _, called, satisfied, checked, advice = printed(notebook)
    assert called == "0"
    assert "Requirement already satisfied: hs-own" in satisfied
    assert checked == "No broken requirements found."
    assert "write so in cell 1" in advice
    assert '# dependencies = ["hs-own", "hs-other"]' in advice


SPOIL = """
import hs_lib
try:
    with open(hs_lib.__file__, "a") as module:
        module.write("spoilt = True\\n")
    print("written")
except PermissionError:
    print("refused")
"""

LOOK = """
import hs_lib
print(open(hs_lib.__file__).read(), hasattr(hs_lib, "spoilt"))
"""


def test_a_notebook_that_writes_into_its_packages_changes_no_other_environment(clients, folder):
    """Environments with a wheel in common, whose kernels run at the same time."""
    spoiling = save_notebook(folder / "a.ipynb", header_cell("hs-lib==2.0", "hs-own"), SPOIL)
    others = [
        save_notebook(folder / f"{name}.ipynb", header_cell("hs-lib==2.0", *more), LOOK)
        for name, more in (("b", ()), ("c", ("hs-other",)))
    ]
    clients.python(NBCLIENT, others[0])
    before = said(others[0])

    clients.python(BOTH, others[0], spoiling, others[1])

    assert said(spoiling) == ("written" if os.geteuid() == 0 else "refused")
    assert said(others[0]) == said(others[1]) == before
    assert before.endswith("False")


def test_modules_beside_the_notebook_are_not_loaded_by_a_kernel_that_starts(clients, folder):
    for name in PLANTED:
        text = f"open({str(folder / 'loaded')!r}, 'a').write({name!r} + ' ')"
        (folder / f"{name}.py").write_text(text)
    notebook = save_notebook(folder / "a.ipynb", header_cell("hs-lib"), "print('ran')")
    plain = save_notebook(folder / "b.ipynb", "print('ran')")

    running = [
        clients.start("jupyter", "execute", "--inplace", path, folder=folder)
        for path in (notebook, plain)
    ]
    all_ended(running)

    assert printed(notebook)[-1] == printed(plain)[-1] == "ran"
    assert not (folder / "loaded").exists()
