"""Clients that are told to end while an index keeps their build waiting."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart import envvars
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.package_index import LocalIndex
from tests.waiting import LIMIT, until

from .drive import NBCLIENT, Clients, alive, below

OPEN = """
import json, sys, urllib.request
for kernel in sys.argv[2:]:
    body = {"path": kernel, "type": "notebook", "name": "", "kernel": {"name": kernel}}
    urllib.request.urlopen(urllib.request.Request(
        f"{sys.argv[1]}api/sessions?token=secret", json.dumps(body).encode(), method="POST"
    ))
"""

HEADLESS = {
    "papermill": ["papermill", "a.ipynb", "b.ipynb"],
    "jupyter execute": ["jupyter", "execute", "a.ipynb"],
    "nbclient": ["python", "-c", NBCLIENT, "a.ipynb"],
    "headstart run": ["headstart", "run", "a.ipynb"],
}


@pytest.fixture
def waiting(clients, client_wheels, store_root, tmp_path) -> Iterator[Clients]:
    """Clients whose index answers after ten minutes, beside a notebook that needs it."""
    save_notebook(tmp_path / "a.ipynb", header_cell("hs-lib"), "print(1)")
    with LocalIndex(client_wheels, delay=600) as slow:
        nothing = {envvars.XDG_CONFIG_HOME: str(tmp_path), envvars.STORE: str(store_root)}
        patient = {"UV_HTTP_TIMEOUT": "600"}  # or a uv that is left ends by itself
        yield clients.having(**nothing, **patient, **{envvars.UV_DEFAULT_INDEX: slow.url})


def end(process: subprocess.Popen[str], told: signal.Signals) -> str:
    """Tell a client to end when uv is waiting for it; what it said until it had ended."""
    until(lambda: below(process, "uv") or process.poll() is not None)
    pids = [child.pid for child in below(process)]
    process.send_signal(told)
    output, errors = process.communicate(timeout=LIMIT)
    until(lambda: not any(map(alive, pids)))
    return output + errors


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("client", HEADLESS)
def test_a_headless_client_ends_at_once_and_uv_with_it(waiting, client, told):
    process = waiting.start(*HEADLESS[client])
    said = end(process, told)
    assert process.returncode != 0
    assert "Fatal Python error" not in said
    assert "Exception ignored" not in said


@pytest.fixture
def server(waiting) -> tuple[subprocess.Popen[str], str]:
    """A server and its URL."""
    command = ["jupyter-server", "--no-browser", "--port=0", "--IdentityProvider.token=secret"]
    root = ["--allow-root"] if os.geteuid() == 0 else []
    process = waiting.start(*command, *root)
    told = Path(os.environ["JUPYTER_RUNTIME_DIR"], f"jpserver-{process.pid}.json")
    until(told.exists)
    until(told.read_text)
    return process, json.loads(told.read_text())["url"]


@pytest.mark.parametrize("kernels", [["headstart"], ["python3", "headstart"]])
def test_a_server_ends_at_once_and_uv_with_it(waiting, server, kernels):
    process, url = server
    waiting.start("python", "-c", OPEN, url, *kernels)
    said = end(process, signal.SIGTERM)
    assert process.returncode == 0
    assert "failed in a way that it should not" not in said
