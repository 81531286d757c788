"""Kernels of Jupyter's own Python, started by a `ZygoteLauncher` without a store or a manager."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file

import headstart_kernel
from headstart.kernels.jupyter.transport import listening
from headstart.kernels.launch.kernel_launch import KernelLaunch
from headstart.kernels.launch.process_launcher import ProcessLauncher
from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from headstart.kernels.launch.zygote.zygote_launcher import ZygoteLauncher
from headstart_kernel.install import launcher_path
from tests.waiting import LIMIT
from tests.zygotes import Zygotes

T = TypeVar("T")

LAUNCHER = launcher_path(str(Path(headstart_kernel.__file__).parent.parent))


async def answer(client: AsyncKernelClient, code: str, expression: str) -> Any:
    """Run code; the value of an expression after it.

    Without a look at iopub, which may be connected only when all has been said.
    """
    request = client.execute(
        code, user_expressions={"answer": expression}, allow_stdin=False, store_history=False
    )
    while True:
        reply = await client.get_shell_msg(timeout=LIMIT)
        if reply["parent_header"]["msg_id"] == request:
            break
    assert reply["content"]["status"] == "ok", reply["content"]
    return eval(reply["content"]["user_expressions"]["answer"]["data"]["text/plain"])


@dataclass
class Forks:
    """Starts kernels in a folder, and ends what still runs of them."""

    folder: Path
    zygotes: Zygotes
    idle: float = 60.0
    parked: bool = False
    started: list[Any] = field(default_factory=list)

    def launch(
        self,
        leases: Sequence[int] = (),
        plain: bool = False,
        listens: bool = True,
        headerless: str = "",
        link: int | None = None,
        **options: Any,
    ) -> Any:
        """The process of a new kernel, whose connection file is `file`.

        :param listens: does it get sockets to which its clients can connect already?
        :param headerless: was it started without a header, and where?
        :param link: the descriptor by which it gets its environment later.
        """
        launcher = ProcessLauncher() if plain else ZygoteLauncher(self.idle, self.parked)
        number = len(self.started)
        self.file = str(self.folder / f"{number}.json")
        _, connection = write_connection_file(
            self.file, transport="ipc", ip=str(self.folder / f"{number}"), key=b"key"
        )
        self.manager = SimpleNamespace(**connection)
        launch = KernelLaunch(
            sys.executable, LAUNCHER, leases=tuple(leases), headerless=headerless, link=link
        )
        options = {"env": dict(os.environ), "cwd": str(self.folder), **options}
        with listening(self.manager) if listens else nullcontext({}) as listeners:
            command = launch.with_listeners(launch.command(self.file, []), listeners)
            links = [] if link is None else [link]
            process = launcher.launch(command, [*leases, *listeners.values(), *links], **options)
        self.started.append(process)
        return process

    def fork(self, leases: Sequence[int] = (), **options: Any) -> ForkedProcess:
        """The same, by a zygote, which is started if there is none."""
        if not self.zygotes.pids():
            self.launch(**options).kill()
            self.zygotes.wait()
        process = self.launch(leases, **options)
        assert isinstance(process, ForkedProcess), self.zygotes.said()
        return process

    def talk(self, talk: Callable[[AsyncKernelClient], Awaitable[T]]) -> T:
        """What comes of talking to the kernel that was started last."""

        async def run() -> T:
            client = AsyncKernelClient(connection_file=self.file)
            client.load_connection_file()
            client.start_channels(stdin=False, hb=False)
            try:
                return await talk(client)
            finally:
                client.stop_channels()
                client.context.term()

        return asyncio.run(run())

    def ask(self, code: str, expression: str = "None") -> Any:
        """Run code in the kernel that was started last; the value of an expression after it."""
        return self.talk(lambda client: answer(client, code, expression))

    def end(self) -> None:
        """Kill every kernel."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
