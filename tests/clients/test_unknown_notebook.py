"""Clients that say to nobody which notebook they run: the kernel sees the header itself."""

from __future__ import annotations

import pytest

from headstart.testing.notebooks import header_cell, save_notebook

from .drive import ended, last_lines

pytestmark = pytest.mark.real_index

# As nbval runs notebooks: it has only a kernel's client, and no cell is recorded.
BARE = """
import json, sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="headstart")
for cell in json.load(open(sys.argv[1]))["cells"]:
    code = "".join(cell["source"])
    reply = client.execute_interactive(code, timeout=240, store_history=False)
    print(reply["content"].get("evalue", "It ran."))
client.stop_channels()
manager.shutdown_kernel()
"""

OWN_MANAGER = """
import sys, nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
manager = KernelManager(kernel_name="headstart")
manager.start_kernel()
try:
    NotebookClient(nbformat.read(sys.argv[1], 4), km=manager).execute()
finally:
    manager.shutdown_kernel(now=True)
"""

CELLS = (header_cell("hs-lib"), "print('goes on')")


def test_the_headers_cell_fails_in_a_kernel_that_somebody_else_has_started(clients, folder):
    notebook = save_notebook(folder / "a.ipynb", *CELLS)
    bare = clients.start("python", "-c", BARE, notebook)
    own = clients.start("python", "-c", OWN_MANAGER, notebook)

    said = ended(bare)
    assert "holds a header" in said
    assert "It ran." in said
    assert "HeadstartError: This cell holds a header" in last_lines([own])[0]


def test_a_notebook_without_a_header_runs_there(clients, folder):
    notebook = save_notebook(folder / "a.ipynb", "1", "print('goes on')")

    assert "goes on" in clients.python(BARE, notebook)
    clients.python(OWN_MANAGER, notebook)
