"""Text notebooks, opened in JupyterLab with jupytext."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import header
from .jupyter import wait_for
from .pages import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.real_index]

Open = Callable[..., NotebookPage]

KERNEL = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python (notebook header)
#     language: python
#     name: headstart
# ---

"""
WHERE = "import hs_lib, sys; print(hs_lib.VERSION, sys.prefix)"


def test_a_script_runs_with_what_its_header_asks_for_and_is_edited(open_notebook: Open):
    text = f"{KERNEL}{header('hs-lib==1.0')}\n\n# A remark\n\n{WHERE}\n"
    page = open_notebook("text", "light.py", text)
    page.wait_until_idle()

    version, prefix = page.result(2).split()
    status = page.status()
    assert version == "1.0"
    assert prefix == status["environment"]["prefix"]
    assert status["header"]["requirements"] == ["hs-lib==1.0"]

    page.open_panel()
    page.wait_for_state("Ready")
    page.choose("Fresh at each start")
    wait_for(lambda: page.status()["changes"], what="the server to hear of the edit")
    page.page.keyboard.press("Control+s")
    file = page.server.root / "light.py"
    wait_for(lambda: "refresh" in file.read_text(), what="the file to be saved")
    edited = header("hs-lib==1.0", more="#\n# [tool.headstart]\n# refresh = true\n")
    assert edited in file.read_text()
    page.restart()
    assert "/ephemeral/" in page.result(2)
