"""Text notebooks, run by jupytext itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.testing.notebooks import header_cell

from .drive import last_lines, said

pytestmark = pytest.mark.real_index

KERNEL = """\
# ---
# jupyter:
#   kernelspec:
#     name: headstart
#     display_name: Python (notebook header)
#     language: python
# ---
"""
ASK = "import hs_lib; print(hs_lib.__version__)"
HEADER = header_cell("hs-lib==1.0")
NOTEBOOKS = {
    "percent.py": f"{KERNEL}\n{HEADER}\n\n# %%\n{ASK}\n",
    "light.py": f"{KERNEL}\n{HEADER}\n\n# A remark\n\n{ASK}\n",
    "front.py": KERNEL.replace("# jup", "# headstart: hs-lib==1.0\n# jup", 1) + f"\n# %%\n{ASK}\n",
    "myst.md": "---\nheadstart: hs-lib==1.0\nkernelspec:\n  name: headstart\n  display_name: P\n"
    f"---\n\n```{{code-cell}} ipython3\n{ASK}\n```\n",
}


def test_jupytext_runs_text_notebooks_with_what_their_headers_ask_for(clients, folder: Path):
    paths = [folder / name for name in NOTEBOOKS]
    for path in paths:
        path.write_text(NOTEBOOKS[path.name])

    clients.run("jupytext", "--to", "ipynb", "--execute", *paths)

    assert [said(path.with_suffix(".ipynb")) for path in paths] == ["1.0"] * len(paths)


def test_a_header_that_cannot_be_read_ends_the_run(clients, folder: Path):
    path = folder / "a.py"
    path.write_text(NOTEBOOKS["light.py"].replace("hs-lib==", "hs-lib="))

    process = clients.start("jupytext", "--to", "ipynb", "--execute", path)

    assert "hs-lib=1.0" in last_lines([process])[0]
    assert not path.with_suffix(".ipynb").exists()
