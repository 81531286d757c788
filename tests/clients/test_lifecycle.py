"""Kernels from start to end, without a notebook, and what they hold while they live."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from headstart import envvars
from headstart.core.store.manifest import EnvironmentKind
from headstart.store.store import Store
from headstart.testing.notebooks import header_cell, save_notebook
from tests.waiting import until

from .drive import Clients, alive

pytestmark = pytest.mark.real_index

BARE = """
import asyncio, json, os, signal
from jupyter_client.manager import AsyncKernelManager

async def ask(client, code):
    reply = await client.execute_interactive(
        "pass", user_expressions={"answer": code}, timeout=240, store_history=False
    )
    return eval(reply["content"]["user_expressions"]["answer"]["data"]["text/plain"])

async def main():
    manager, said = AsyncKernelManager(kernel_name="headstart"), {}
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(60)
    where = "(__import__('os').getpid(), __import__('sys').prefix)"
    said["start"] = await ask(client, where)

    sleeping = client.execute("import time; print('sleeps', flush=True); time.sleep(60)")
    while True:
        message = await client.get_iopub_msg(timeout=240)
        if message["msg_type"] == "stream":
            break
    await manager.interrupt_kernel()
    said["interrupt"] = (await client.get_shell_msg(timeout=240))["content"]["ename"]

    await manager.restart_kernel()
    await client.wait_for_ready(60)
    said["restart"] = await ask(client, where)

    os.kill(said["restart"][0], signal.SIGKILL)
    while await manager.is_alive():
        await asyncio.sleep(0.01)
    await manager.restart_kernel(now=True)  # as the restarter does
    await client.wait_for_ready(60)
    said["killed"] = await ask(client, where)

    client.stop_channels()
    await manager.shutdown_kernel()
    said["left"] = await manager.is_alive(), os.path.exists(manager.connection_file)
    print(json.dumps(said))

asyncio.run(main())
"""

# Runs the notebook up to its last cell, says where the kernel is, and waits for a line.
KEEP = """
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

WHERE = """
import json, os, subprocess, sys
# Not with the client's pipes: whoever reads them would wait for these.
quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
background = subprocess.Popen(["sleep", "600"], **quiet)
os.system("sleep 601 </dev/null >/dev/null 2>&1 & echo $! > background")
layer = os.environ["HEADSTART_KERNEL_LAYER"].split(os.pathsep)[1]
pids = [os.getpid(), background.pid, int(open("background").read())]
print(json.dumps([sys.prefix, layer.split("/lib/")[0], *pids]))
"""


@dataclass(frozen=True)
class Running:
    """A client with a kernel that has started processes of its own."""

    client: subprocess.Popen[str]
    kind: EnvironmentKind
    key: str
    layer: str
    kernel: int
    children: tuple[int, ...]


def keep(clients: Clients, notebook: Path) -> Running:
    """Start a kernel for the notebook, and keep it."""
    client = clients.start("python", "-c", KEEP, notebook)
    assert client.stdout is not None
    prefix, layer, kernel, *children = json.loads(client.stdout.readline())
    ephemeral = Path(prefix).parent.name == "ephemeral"
    kind = EnvironmentKind.EPHEMERAL if ephemeral else EnvironmentKind.ENVIRONMENT
    return Running(client, kind, Path(prefix).name, Path(layer).name, kernel, tuple(children))


@pytest.fixture(params=["process", "zygote"])
def clients(request, clients, folder) -> Iterator[Clients]:
    """Clients whose kernels are processes of their own, or forked."""
    if request.param == "process":
        yield clients
        return
    zygotes = request.getfixturevalue("zygotes")
    places = {name: os.environ[name] for name in (envvars.ZYGOTE, "JUPYTER_RUNTIME_DIR")}
    clients = clients.having(**places)
    first = keep(clients, save_notebook(folder / "first.ipynb", header_cell(), WHERE))
    zygotes.wait()
    yield clients
    end(first)


@pytest.fixture
def running(clients, folder) -> Iterator[Running]:
    """A kernel of an environment that nobody else uses."""
    running = keep(clients, save_notebook(folder / "a.ipynb", header_cell("hs-own"), WHERE))
    yield running
    end(running)


def end(running: Running) -> None:
    running.client.kill()
    for pid in (running.kernel, *running.children):
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_bare_kernel_starts_restarts_and_ends_in_the_empty_environment(clients, shared_store):
    said = json.loads(clients.python(BARE))

    assert said["interrupt"] == "KeyboardInterrupt"
    assert said["left"] == [False, False]
    processes, prefixes = zip(said["start"], said["restart"], said["killed"], strict=True)
    assert len(set(processes)) == 3
    assert len(set(prefixes)) == 1
    assert Path(prefixes[0]).is_relative_to(shared_store)


def test_a_kernel_is_forked_where_there_is_a_zygote(request, running):
    parent = psutil.Process(running.kernel).ppid()
    if "zygote" in request.node.name.rpartition("[")[2]:
        assert [parent] == request.getfixturevalue("zygotes").pids()
    else:
        assert parent == running.client.pid


def test_a_kernel_keeps_its_environment_when_its_client_is_killed(running, shared_store):
    store = Store(shared_store)
    assert not store.remove(running.kind, running.key)

    # A kernel ends when it sees that its client has; stopped, it does not see it yet.
    os.kill(running.kernel, signal.SIGSTOP)
    running.client.kill()
    running.client.wait(60)
    assert not store.remove(running.kind, running.key)
    assert not store.remove(EnvironmentKind.LAYER, running.layer)

    os.kill(running.kernel, signal.SIGKILL)
    until(lambda: store.remove(running.kind, running.key))
    assert all(alive(pid) for pid in running.children), "they hold nothing of it"


def test_a_kernel_that_is_killed_frees_its_environment_when_its_client_ends(running, shared_store):
    store = Store(shared_store)

    os.kill(running.kernel, signal.SIGKILL)
    until(lambda: not alive(running.kernel))
    assert not store.remove(running.kind, running.key), "it may be restarted"

    running.client.communicate("\n", timeout=240)
    assert store.remove(running.kind, running.key)


def test_an_ephemeral_environment_is_left_to_the_next_clean_up_if_its_client_is_killed(
    clients, folder, shared_store
):
    header = header_cell("hs-lib", refresh=True)
    running = keep(clients, save_notebook(folder / "a.ipynb", header, WHERE))
    store = Store(shared_store)
    assert f"ephemeral/{running.key}" not in store.remove_leftovers()

    end(running)

    until(lambda: f"ephemeral/{running.key}" in store.remove_leftovers())
