"""The main job, as a person does it in JupyterLab and in Notebook 7."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import header
from .jupyter import wait_for
from .pages import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.real_index]

Open = Callable[..., NotebookPage]

WHERE = "import hs_lib, sys, os; print(hs_lib.VERSION, sys.prefix, os.getpid())"


def test_a_notebook_runs_with_what_its_header_asks_for(app: str, open_notebook: Open):
    page = open_notebook(app, "a folder/runs.ipynb", header("hs-lib==1.0"), WHERE)
    page.wait_until_idle()

    version, prefix, _ = page.result(1).split()

    assert version == "1.0"
    assert prefix == page.status()["environment"]["prefix"]


def test_a_restart_takes_the_header_as_it_stands_in_the_editor(app: str, open_notebook: Open):
    page = open_notebook(app, "edited.ipynb", header("hs-lib==1.0"), WHERE)
    page.wait_until_idle()
    assert page.result(1).startswith("1.0")

    page.write(0, header("hs-lib==2.0"))
    wait_for(lambda: page.status()["changes"], what="the server to hear of the edit")
    page.restart()

    assert page.result(1).startswith("2.0")
    assert "hs-lib==1.0" in (page.server.root / "edited.ipynb").read_text()


def test_a_renamed_notebook_keeps_its_header(open_notebook: Open):
    page = open_notebook("notebook", "before.ipynb", header("hs-lib==1.0"), WHERE)
    page.wait_until_idle()
    session = page.server.request("GET", "api/sessions")[0]
    page.server.request("PATCH", "api/contents/before.ipynb", {"path": "after.ipynb"})
    page.server.request(
        "PATCH", f"api/sessions/{session['id']}", {"path": "after.ipynb", "name": "after.ipynb"}
    )

    page.server.request("POST", f"api/kernels/{session['kernel']['id']}/restart")

    status = page.server.status("after.ipynb", session["kernel"]["id"])
    assert status["state"] == "ready"
    assert status["header"]["requirements"] == ["hs-lib==1.0"]


def test_a_cell_is_interrupted(open_notebook: Open):
    page = open_notebook(
        "lab", "stuck.ipynb", header(), "print('in', flush=True)\nwhile True: pass"
    )
    page.wait_until_idle()
    page.run(1)
    wait_for(lambda: "in" in page.output(1), what="the cell to run")

    page.menu("Kernel", "Interrupt Kernel")

    wait_for(lambda: "KeyboardInterrupt" in page.output(1), what="the interrupt")


def test_a_killed_kernel_comes_back_where_it_was(open_notebook: Open):
    page = open_notebook("notebook", "killed.ipynb", header("hs-lib==1.0"), WHERE)
    page.wait_until_idle()
    _, prefix, process = page.result(1).split()
    page.write(0, header("hs-lib=="))
    wait_for(lambda: page.status()["header_error"], what="the server to hear of the edit")

    os.kill(int(process), signal.SIGKILL)
    page.accept("Ok")
    page.wait_until_idle()

    answer = page.result(1).split()
    assert answer[1] == prefix
    assert answer[2] != process


def test_two_notebooks_have_conflicting_versions_side_by_side(open_notebook: Open):
    first = open_notebook("lab", "first.ipynb", header("hs-lib==1.0"), WHERE)
    second = open_notebook("lab", "second.ipynb", header("hs-lib==2.0"), WHERE)
    first.wait_until_idle()
    second.wait_until_idle()

    assert first.result(1).startswith("1.0")
    assert second.result(1).startswith("2.0")


def test_a_failed_kernel_explains_itself_until_the_header_is_mended(app: str, open_notebook: Open):
    page = open_notebook(app, "typo.ipynb", header("hs-lib==9.9"), WHERE)
    page.wait_until_idle()

    text = page.result(1)
    assert "hs-lib" in text
    assert "run the cell again" in text
    page.write(0, header("hs-lib==2.0"))
    wait_for(
        lambda: page.status()["header"]["requirements"] == ["hs-lib==2.0"],
        what="the server to hear of the edit",
    )
    kernel = page.kernel()
    assert page.result(1).startswith("2.0")
    assert page.kernel() == kernel, "it was not restarted"


def test_a_kernel_that_is_shut_down_gives_its_environment_back(open_notebook: Open):
    page = open_notebook(
        "lab",
        "fresh.ipynb",
        header("hs-lib==1.0", more="# [tool.headstart]\n# refresh = true\n"),
        WHERE,
    )
    page.wait_until_idle()
    _, prefix, process = page.result(1).split()
    assert "/ephemeral/" in prefix

    page.server.request("DELETE", f"api/kernels/{page.kernel()}")

    wait_for(lambda: not _is_alive(int(process)), what="the process to end")
    wait_for(lambda: not Path(prefix).exists(), what="the environment to go")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
