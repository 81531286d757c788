"""Start kernels as unmodified nbclient does, and ask them.

Nobody waits here for a silent iopub channel, as stock clients do for 0.2 s: what is measured is the
kernel, not the client. Imports nothing of Headstart: `drive` runs this beside other tools.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import nbformat
from nbclient import NotebookClient

T = TypeVar("T")

TIMEOUT = 120.0
"""Seconds that an answer may take: for environments that are built on the way."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel that can be started.

    :param spec: the name of its kernelspec.
    :param notebook: the notebook that it is for.
    :param environ: variables that are set while it starts.
    :param sockets: a folder for Unix sockets, for kernels that take them only when told to.
    """

    spec: str
    notebook: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    sockets: Path | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A kernel that has been started, ``begun`` on the clock of `time.perf_counter`."""

    client: NotebookClient
    channels: Any
    begun: float

    async def ask(self, code: str) -> float:
        """Run a cell; seconds until its reply.

        :raises RuntimeError: if it failed.
        """
        begin = time.perf_counter()
        request = self.channels.execute(code)
        while True:
            reply = await self.channels.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"]["msg_id"] == request:
                break
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"The cell failed: {reply['content']}")
        return time.perf_counter() - begin

    @property
    def provisioner(self) -> Any:
        return self.client.km.provisioner


@asynccontextmanager
async def started(kernel: Kernel) -> AsyncIterator[Running]:
    """A kernel, which is killed afterwards. Its variables have been set, see `with_kernel`."""
    client = NotebookClient(
        nbformat.read(kernel.notebook, as_version=4),
        kernel_name=kernel.spec,
        # As in a server: an argument of its own keeps a kernel from being one that started ahead.
        ipython_hist_file="",
        resources={"metadata": {"path": str(kernel.notebook.parent)}},
    )
    manager = client.create_kernel_manager()
    if kernel.sockets is not None:
        manager.transport, manager.ip = "ipc", str(kernel.sockets / uuid4().hex[:8])
        manager.cache_ports = False
    begin = time.perf_counter()
    await client.async_start_new_kernel(
        cwd=str(kernel.notebook.parent),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # ipykernel warns of tcp
    )
    try:
        channels = manager.client()
        channels.start_channels(stdin=False, hb=False)
        try:
            yield Running(client, channels, begin)
        finally:
            channels.stop_channels()
    finally:
        await manager.shutdown_kernel(now=True)


def with_kernel(kernel: Kernel, work: Callable[[Running], Awaitable[T]]) -> T:
    """What ``work`` returns, which is done while a kernel runs, with its variables set."""

    async def start_and_work() -> T:
        async with started(kernel) as running:
            return await work(running)

    with variables(kernel.environ):
        return asyncio.run(start_and_work())


def first_reply(kernel: Kernel, code: str = "1 + 1") -> float:
    """Seconds from start_kernel to the reply to a kernel's first cell."""

    async def measure(running: Running) -> float:
        await running.ask(code)
        return time.perf_counter() - running.begun

    return with_kernel(kernel, measure)


def only_reply(kernel: Kernel, code: str) -> float:
    """Seconds from the request to the reply, of a kernel that has started."""
    return with_kernel(kernel, lambda running: running.ask(code))


@contextmanager
def variables(environ: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for a while."""
    before = {name: os.environ.get(name) for name in environ}
    os.environ.update(environ)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
