"""A server whose kernels start before their environments, as its front ends see it."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from headstart import envvars
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.wheels import make_wheel
from tests.benchmarks.launchings import settle
from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import Line, Plan, Row
from tests.benchmarks.workbench import LINK_MODE, Workbench
from tests.browser.index import HeldIndex
from tests.browser.jupyter import Server, process_environ, start_server
from tests.front_end import Connection, request
from tests.zygotes import Zygotes

TITLE = "A server, before an environment is there"

HEADSTART = "headstart"

CROWD = 3
"""Notebooks that are opened at once, in times of the plan's kernels."""


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """Plain kernels, and ours of headers that nobody has agreed to, or that are built just now."""
    notebook = bench.notebook(plan.packages, cell="1 + 1")
    plain = bench.theirs(notebook).spec
    house = bench.path("house")
    house.mkdir()
    numbers = itertools.count()
    rows: list[Line] = []
    with HeldIndex(house) as index, index.held():
        for trust, what in (("run", "is held"), ("always", "is being built")):
            with _server(bench, index, HEADSTART_TRUST=trust) as (server, zygotes):
                pages = _Pages(server, zygotes, house, numbers)
                rows.append(_opening(pages, plan, what, plain))
                if trust == "run":
                    rows.append(_first_progress(pages, plan, plain))
    rows.append(_crowd(bench, plan, notebook, plain))
    return rows


class _Pages:
    """Front ends of one server; each opens a notebook that was never there before."""

    def __init__(
        self, server: Server, zygotes: Zygotes, house: Path, numbers: Iterator[int]
    ) -> None:
        self._server, self._zygotes = server, zygotes
        self._house, self._numbers = house, numbers

    def new(self, spec: str) -> str:
        """Write a notebook; its path."""
        number = next(self._numbers)
        name = f"new-{number}"
        make_wheel(self._house, name, "1.0")
        path = f"{name}.ipynb"
        save_notebook(self._server.root / path, header_cell(name), "1", kernel=spec)
        return path

    def opened(self, spec: str) -> float:
        """Seconds from opening a notebook until its kernel has answered and is idle."""
        path = self.new(spec)
        settle(found=self._zygotes)
        return asyncio.run(_open_and_end(self._server, path, spec))

    def shown(self, spec: str, code: str) -> float:
        """Seconds from running a cell until it shows something."""
        path = self.new(spec)

        async def measure() -> float:
            session, connection, _ = await _open(self._server, path, spec)
            begin = time.perf_counter()
            cell = await connection.send(
                "execute_request", code=code, silent=False, store_history=True, allow_stdin=False
            )
            assert cell is not None
            await connection.until(
                lambda message: (
                    message["parent_header"].get("msg_id") == cell.msg_id
                    and message["msg_type"] in ("display_data", "stream")
                )
            )
            taken = time.perf_counter() - begin
            await _end(self._server, session, connection)
            return taken

        settle(found=self._zygotes)
        return asyncio.run(measure())


def _opening(pages: _Pages, plan: Plan, what: str, plain: str) -> Row:
    contenders = {spec: (lambda spec=spec: pages.opened(spec)) for spec in (HEADSTART, plain)}
    samples = by_turns(contenders, plan.rounds, max(plan.warm_up, 1))
    return Row(
        f"from opening a notebook whose environment {what}, to idle",
        *(samples[HEADSTART], "plain ipykernel in the same server", samples[plain], 1.2, 1.0),
    )


def _first_progress(pages: _Pages, plan: Plan, plain: str) -> Row:
    contenders: dict[str, Callable[[], float]] = {
        HEADSTART: lambda: pages.shown(HEADSTART, "1"),
        plain: lambda: pages.shown(plain, "print(1)"),
    }
    samples = by_turns(contenders, plan.rounds, max(plan.warm_up, 1))
    return Row(
        "from running a cell until it shows how far its environment is",
        *(samples[HEADSTART], "the first output of a plain kernel", samples[plain]),
        limit=100,
    )


def _crowd(bench: Workbench, plan: Plan, notebook: Path, plain: str) -> Row:
    """Notebooks of one header, agreed to and known, opened as soon as a server answers."""
    count = CROWD * plan.kernels

    def start(spec: str) -> float:
        with _server(bench, None, HEADSTART_WARM_UP="1") as (server, _):
            document = nbformat.read(notebook, as_version=4)
            document.metadata.kernelspec.name = spec
            paths = [f"{number}.ipynb" for number in range(count)]
            for path in paths:
                nbformat.write(document, server.root / path)
            return asyncio.run(_all_at_once(server, paths, spec))

    contenders = {spec: (lambda spec=spec: start(spec)) for spec in (HEADSTART, plain)}
    samples = by_turns(contenders, plan.few)
    return Row(
        f"{count} notebooks opened at once in a server's first seconds",
        *(samples[HEADSTART], "plain ipykernel", samples[plain], 0.5),
    )


async def _all_at_once(server: Server, paths: list[str], spec: str) -> float:
    begin = time.perf_counter()
    opened = await asyncio.gather(*(_open(server, path, spec) for path in paths))
    taken = time.perf_counter() - begin
    await asyncio.gather(*(connection.close() for _, connection, _ in opened))
    return taken


async def _open_and_end(server: Server, path: str, spec: str) -> float:
    session, connection, taken = await _open(server, path, spec)
    await _end(server, session, connection)
    return taken


async def _open(server: Server, path: str, spec: str) -> tuple[str, Connection, float]:
    """Open a notebook as front ends do; its session, the kernel, and the seconds until idle."""
    begin = time.perf_counter()
    body: dict[str, Any] = {"path": path, "name": path, "type": "notebook"}
    code, session = await request(
        server, "POST", "api/sessions", {**body, "kernel": {"name": spec}}
    )
    assert code == 201, session
    connection = await Connection.open(server, session["kernel"]["id"], path)
    assert connection is not None
    info = await connection.send("kernel_info_request")
    assert info is not None
    await connection.until(lambda _message: connection.is_done(info))
    return session["id"], connection, time.perf_counter() - begin


async def _end(server: Server, session: str, connection: Connection) -> None:
    await request(server, "DELETE", f"api/sessions/{session}")
    await connection.close()


@contextmanager
def _server(
    bench: Workbench, index: HeldIndex | None, **variables: str
) -> Iterator[tuple[Server, Zygotes]]:
    """A server, and the zygotes of its kernels, which are there when it has warmed up."""
    home, root = bench.path("server"), bench.path("root")
    for folder in (home, root):
        folder.mkdir()
    environ = process_environ(
        **{
            envvars.STORE: str(bench.context.settings.store),
            envvars.LINK_MODE: LINK_MODE,
            envvars.ZYGOTE: "on",
            "HEADSTART_WARM_UP": "1",
            "JUPYTER_PATH": os.environ["JUPYTER_DATA_DIR"],
            **({envvars.EXTRA_INDEXES: index.url} if index is not None else {}),
            **variables,
        },
    )
    server = start_server("server", root, home, environ)
    zygotes = Zygotes(home / "run" / "zygotes")
    try:
        if index is not None:
            zygotes.wait()
        yield server, zygotes
    finally:
        server.stop()
        zygotes.end()
