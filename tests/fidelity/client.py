"""A client in a process of its own, whose kernels are started after something was done to it.

Run as ``python -m tests.fidelity.client KERNEL HOW_OFTEN PREPARATION CODE``: prepares itself, then
starts kernels one after another, each of which runs the code. Prints a line of JSON for each with
the kernel's pid and what it has printed, and keeps the last one until there is something to read.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

__all__ = ["os", "resource", "signal"]  # for preparations

LIMIT = 240.0
"""Seconds to wait for a zygote, and for a kernel that is made ahead."""


def run(kernel_name: str, code: str, *, keep: bool) -> None:
    """Start a kernel and run the code in it."""
    cell = nbformat.v4.new_code_cell(code)
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=[cell]), kernel_name=kernel_name, ipython_hist_file=""
    )
    with client.setup_kernel():
        client.execute_cell(cell, 0)
        text = "".join(output.get("text", "") for output in cell.outputs)
        process = client.km.provisioner.process
        print(json.dumps([process.pid, type(process).__name__, text]), flush=True)
        if keep:
            sys.stdin.readline()


def wait_for_zygote() -> None:
    """Wait until one serves, if there are to be any."""
    folder, end = Path(os.environ["JUPYTER_RUNTIME_DIR"]) / "zygotes", time.monotonic() + LIMIT
    while os.environ["HEADSTART_ZYGOTE"] == "on" and not list(folder.glob("*.sock")):
        assert time.monotonic() < end
        time.sleep(0.01)


def main(kernel_name: str, how_often: str, preparation: str, code: str) -> None:
    exec(preparation)
    for left in reversed(range(int(how_often))):
        run(kernel_name, code, keep=left == 0)
        if left:
            wait_for_zygote()


if __name__ == "__main__":
    main(*sys.argv[1:])
