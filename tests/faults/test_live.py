"""Live kernels, and pruners that would have everything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from headstart import envvars
from headstart.environments.context import Context, open_context
from headstart.environments.upkeep.gc import prune
from headstart.settings import read_settings
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.wheels import make_wheel
from tests.clients.drive import alive
from tests.faults.alone import alone
from tests.faults.extent import times
from tests.faults.figures import record
from tests.faults.live import live_kernels
from tests.waiting import until

REAL = times(1, 5, 20)

# Starts the notebook's kernel, says where it is, and waits.
CLIENT = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
client = NotebookClient(notebook)
with client.setup_kernel():
    for index, cell in enumerate(notebook.cells):
        client.execute_cell(cell, index)
    print(notebook.cells[-1].outputs[0].text, end="", flush=True)
    sys.stdin.readline()
"""

WHERE = "import json, os, sys; print(json.dumps([os.getpid(), sys.prefix]))"


def test_nothing_that_a_live_kernel_uses_is_pruned(quick_folder: Path) -> None:
    found = alone(live_kernels, folder=quick_folder, count=times(8, 50, 1000), seed=1)
    record("prune against live kernels", found)
    assert (found["removed_early"], found["broken"], found["not_removable_after"]) == ([], [], [])
    assert found["left"] == 0


def test_without_leases_it_is(quick_folder: Path) -> None:
    found = alone(live_kernels, folder=quick_folder, count=4, seed=2, without="lease")
    record("control, prune against live kernels without leases", found)
    assert found["removed_early"]
    assert found["broken"]


@pytest.fixture
def context(folder: Path) -> Context:
    house = folder / "house"
    for number in range(REAL):
        make_wheel(house, f"tree{number}", "1.0")
    given = read_settings({**os.environ, envvars.FIND_LINKS: str(house)})
    return open_context(replace(given, store=folder / "store", auto_prune=False))


@pytest.fixture
def kernels(folder: Path, context: Context) -> Iterator[list[tuple[int, Path]]]:
    """Process ids and prefixes of real kernels that have lost their clients."""
    environ = {**os.environ, **_variables(folder)}
    with ExitStack() as stack:
        clients = []
        for number in range(REAL):
            notebook = save_notebook(
                folder / f"{number}.ipynb",
                header_cell(f"tree{number}"),
                f"import tree{number}",
                WHERE,
            )
            command = [sys.executable, "-c", CLIENT, notebook]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            client = stack.enter_context(subprocess.Popen(command, env=environ, text=True, **pipes))
            stack.callback(client.kill)
            clients.append(client)
        found = [json.loads(client.stdout.readline()) for client in clients]
        for (pid, _), client in zip(found, clients, strict=True):
            stack.callback(lambda pid=pid: alive(pid) and os.kill(pid, signal.SIGKILL))
            os.kill(pid, signal.SIGSTOP)  # it would end when it sees that its client has
            client.kill()
            client.wait(60)
        yield [(pid, Path(prefix)) for pid, prefix in found]


def _variables(folder: Path) -> dict[str, str]:
    return {
        envvars.STORE: str(folder / "store"),
        envvars.FIND_LINKS: str(folder / "house"),
        envvars.AUTO_PRUNE: "0",
    }


@pytest.mark.faults
@pytest.mark.real_index
def test_real_kernels_keep_theirs_until_they_are_killed(kernels, context: Context) -> None:
    for number, (pid, prefix) in enumerate(kernels):
        prune(context, everything=True)
        assert all(path.is_dir() for _, path in kernels[number:])
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not alive(pid))
        prune(context, everything=True)
        assert not prefix.exists()
    assert context.store.entries() == []
    record("prune against real kernels", {"kernels": len(kernels), "removed_early": 0})
