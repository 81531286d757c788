"""Kernels that have imported a notebook's modules before anybody wanted them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from headstart import envvars
from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from headstart.testing.wheels import make_wheel
from tests.kernels.launch.zygote.test_parked import parked
from tests.waiting import until
from tests.zygotes import Zygotes, children, is_spare

pytestmark = pytest.mark.real_index

FRACTIONS = '["fractions"]'

HEADER = """\
# /// script
# dependencies = {packages}
# [tool.headstart]
# preload = {modules}
# ///
"""


@pytest.fixture(autouse=True)
def store(shared_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(envvars.STORE, str(shared_store))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


class Notebook:
    """A notebook whose kernel runs."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    @property
    def pid(self) -> int:
        process = self._client.km.provisioner.process
        return process.pid if isinstance(process, ForkedProcess) else 0

    def run(self, source: str) -> str:
        """What a cell prints."""
        cell = nbformat.v4.new_code_cell(source)
        self._client.nb.cells.append(cell)
        self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        return "".join(output.get("text", "") for output in cell.outputs)


def kernels(zygote: int) -> set[int]:
    """A zygote's children but for the one that becomes any kernel."""
    return {child for child in children(zygote) if not is_spare(child)}


@contextmanager
def notebook(folder: Path, modules: str = FRACTIONS, packages: str = "[]") -> Iterator[Notebook]:
    """A notebook that names modules to be imported ahead."""
    cells = [nbformat.v4.new_code_cell(HEADER.format(modules=modules, packages=packages))]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        kernel_name="headstart",
        ipython_hist_file="",
        resources={"metadata": {"path": str(folder)}},
    )
    client.create_kernel_manager()
    with client.setup_kernel():
        yield Notebook(client)


def first(zygotes: Zygotes, folder: Path, *header: str) -> int:
    """The kernel that is ready for the notebook after it ran in a forked one."""
    with notebook(folder, *header):
        zygote = zygotes.wait()
        with notebook(folder, *header) as forked:
            assert forked.pid, zygotes.said()
            return parked(zygote)


def test_the_modules_are_there_before_the_first_cell(zygotes: Zygotes, tmp_path: Path) -> None:
    pid = first(zygotes, tmp_path)
    with notebook(tmp_path) as ours:
        assert ours.pid == pid, zygotes.said()
        assert ours.run("import sys; print('fractions' in sys.modules)") == "True\n"
        assert ours.run("import os; print(os.environ['VIRTUAL_ENV'] == sys.prefix)") == "True\n"
        assert ours.run("print(os.environ['PATH'].split(':').count(sys.prefix + '/bin'))") == "1\n"
        assert ours.run("print(os.getcwd())") == f"{tmp_path}\n"


def test_a_module_next_to_the_notebook_comes_first(zygotes: Zygotes, tmp_path: Path) -> None:
    # The layer has it, and no kernel loads it by itself.
    pid = first(zygotes, tmp_path, '["jedi"]')
    (tmp_path / "jedi.py").write_text("mine = True")
    with notebook(tmp_path, '["jedi"]') as ours:
        assert ours.pid not in {0, pid}
        assert ours.run("import jedi; print(jedi.mine)") == "True\n"


def test_a_notebook_without_the_field_gets_another_kernel(zygotes: Zygotes, tmp_path: Path) -> None:
    pid = first(zygotes, tmp_path)
    with notebook(tmp_path, modules="[]") as ours:
        assert ours.pid not in {0, pid}
        assert ours.run("import sys; print('fractions' in sys.modules)") == "False\n"


NOTING = "import os, sys\nbackend = os.environ['MPLBACKEND']\nprefix = sys.prefix"


def test_modules_find_what_a_kernel_has_set_for_them(
    zygotes: Zygotes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(tmp_path, "hs-noting", "1.0", {"noting.py": NOTING})
    monkeypatch.setenv(envvars.FIND_LINKS, str(tmp_path))
    header = ('["noting"]', '["hs-noting"]')
    pid = first(zygotes, tmp_path, *header)
    with notebook(tmp_path, *header) as ours:
        assert ours.pid == pid, zygotes.said()
        assert ours.run("import noting; print(noting.backend)").endswith("backend_inline\n")
        assert ours.run("import sys; print(noting.prefix == sys.prefix)") == "True\n"


def test_a_module_from_elsewhere_may_have_changed_and_is_not_preloaded(
    zygotes: Zygotes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    tmp_path.joinpath("mine.py").write_text("")
    with notebook(tmp_path, '["mine"]'):
        zygote = zygotes.wait()
        with notebook(tmp_path, '["mine"]') as forked:
            until(lambda: len(kernels(zygote)) == 2)
            until(lambda: kernels(zygote) == {forked.pid})


def test_a_module_that_cannot_be_imported_costs_a_fork(zygotes: Zygotes, tmp_path: Path) -> None:
    with notebook(tmp_path, '["missing_module"]'):
        zygotes.wait()
        for _ in range(2):
            with notebook(tmp_path, '["missing_module"]') as ours:
                assert ours.pid, zygotes.said()
                assert ours.run("print(1 + 1)") == "2\n"
