"""Servers that have no sessions: Voilà, and a kernel gateway."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websocket import create_connection

from headstart.testing.notebooks import header_cell, save_notebook
from tests.waiting import LIMIT, until

from .drive import Clients

pytestmark = pytest.mark.real_index

HEADER = header_cell("hs-lib==1.0")
ASK = "import hs_lib; print('It has', hs_lib.__version__)"
EMPTY = "try:\n    import hs_lib\nexcept ImportError:\n    print('It has none')"

Serve = Callable[..., str]


@pytest.fixture
def serve(clients: Clients) -> Serve:
    """Starts a server in the clients' folder; its address, once it answers there."""

    def start(*command: str | Path) -> str:
        port = free_port()
        process = clients.start(*command, f"--port={port}")
        until(lambda: listens(process, port))
        return f"http://127.0.0.1:{port}/"

    return start


def free_port() -> int:
    """A port below the ephemeral ones: any kernel may take one of those before the server does."""
    first = 20_000 + os.getpid() % 10_000
    for port in range(first, first + 100):
        with socket.socket() as candidate, suppress(OSError):
            candidate.bind(("127.0.0.1", port))
            return port
    raise AssertionError("No port is free.")


def listens(process: subprocess.Popen[str], port: int) -> bool:
    assert process.poll() is None, process.communicate()
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def fetch(address: str, body: Any = None) -> str:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(address, data, timeout=LIMIT) as response:
        return response.read().decode()


def test_voila_shows_a_notebook_with_what_its_header_asks_for(serve, clients, folder):
    notebook = save_notebook(folder / "a.ipynb", HEADER, ASK)
    alone = serve("voila", notebook.relative_to(clients.top), "--no-browser")
    ahead = serve("voila", notebook, "--no-browser", "--preheat_kernel=True")
    tree = serve("voila", "--no-browser")

    for page in (alone, ahead, f"{tree}voila/render/a%20folder/a.ipynb"):
        assert "It has 1.0" in fetch(page)


def test_a_gateway_knows_the_notebook_that_it_serves(serve, clients, folder):
    cell = f"# GET /version\n{ASK}"
    notebook = save_notebook(folder / "a.ipynb", HEADER, "import hs_lib", cell)
    api = "--KernelGatewayApp.api=kernel_gateway.notebook_http"
    gateway = serve("jupyter", "kernelgateway", api, f"--KernelGatewayApp.seed_uri={notebook}")

    assert "It has 1.0" in fetch(f"{gateway}version")


def test_in_a_gateway_that_knows_no_notebook_the_headers_cell_says_so(serve):
    gateway = serve("jupyter", "kernelgateway")
    kernel = json.loads(fetch(f"{gateway}api/kernels", {"name": "headstart"}))["id"]
    message = {
        "header": {"msg_id": "1", "msg_type": "execute_request", "session": "s", "username": ""},
        "content": {"code": f"{HEADER}\n{EMPTY}", "silent": False, "store_history": True},
        "parent_header": {},
        "metadata": {},
        "channel": "shell",
    }
    streams = {"stderr": "", "stdout": ""}
    address = f"{gateway.replace('http', 'ws')}api/kernels/{kernel}/channels"
    channel = create_connection(address, timeout=LIMIT)
    channel.send(json.dumps(message))
    while "It has none" not in streams["stdout"]:
        said = json.loads(channel.recv())
        if said["msg_type"] == "stream":
            streams[said["content"]["name"]] += said["content"]["text"]
    channel.close()

    assert "does not know which notebook" in streams["stderr"]
