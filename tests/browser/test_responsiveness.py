"""The server has time for others while it builds an environment."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from statistics import median
from typing import Any
from urllib.error import HTTPError

import pytest

from .conftest import header, write_notebook
from .index import HeldIndex
from .jupyter import Server, wait_for

pytestmark = [pytest.mark.real_index, pytest.mark.slow]

PACKAGES = 6


def test_the_server_answers_while_an_environment_is_built(
    servers: Callable[[str], Server], index: HeldIndex
):
    server = servers("lab")
    write_notebook(server.root / "long.ipynb", header(index.add_chain("long", PACKAGES)))
    # Jupyter itself needs a moment for the first kernel of a server.
    server.request("DELETE", start_kernel(server, "first.ipynb", "python3"))

    with index.slow(0.5), ThreadPoolExecutor() as pool:
        begin = time.perf_counter()
        ready = pool.submit(start_and_wait, server, "long.ipynb")
        times = answer_times(server, ready)
        took = time.perf_counter() - begin

    session, status = ready.result(), server.status("long.ipynb")
    server.request("DELETE", session)
    assert status["state"] == "ready", status["error"]
    assert len(status["environment"]["packages"]) == PACKAGES
    print(f"{len(times)} answers, median {median(times):.4f} s, longest {max(times):.4f} s")
    # It is asked, answers, and is left alone for a moment: were it busy with the build, it would be
    # waited for nearly all of the time.
    assert sum(times) < took / 2


def start_kernel(server: Server, path: str, kernel: str) -> str:
    """Start a notebook's kernel, and return the place of its session in the REST interface."""
    body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": kernel}}
    session = server.request("POST", "api/sessions", body, limit=200)
    return f"api/sessions/{session['id']}"


def start_and_wait(server: Server, path: str) -> str:
    """Start a notebook's kernel, and return its session's place when its environment is there."""
    session = start_kernel(server, path, "headstart")
    wait_for(lambda: server.status(path)["state"] != "building", what="the environment")
    return session


def answer_times(server: Server, start: Future[Any]) -> list[float]:
    """Seconds that the server needed to answer, time and again until the environment is there."""
    times = []
    while not start.done():
        asked = time.perf_counter()
        try:
            server.request("GET", "api/status")
        except HTTPError as error:
            if error.code != 500:
                raise
            # Jupyter's own, for a moment once a kernel has come: it lists the kernel, and has not
            # noted its last activity yet. Then the start is over.
            wait([start], timeout=10)
            assert start.done()
            break
        times.append(time.perf_counter() - asked)
        wait([start], timeout=0.02)
    return times
