"""Kernels that were initialised before anybody wanted them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from headstart.testing.notebooks import header_cell
from tests.clients.drive import alive
from tests.kernels.launch.zygote.test_zygote_launcher import kernel
from tests.waiting import LIMIT, until
from tests.zygotes import Zygotes, children, is_parked, is_spare, kill

pytestmark = pytest.mark.real_index


@pytest.fixture(autouse=True)
def store(shared_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(envvars.STORE, str(shared_store))
    monkeypatch.setenv(envvars.PARKED, "1")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def parked(zygote: int, others: Iterable[int] = ()) -> int:
    """The kernel that a zygote has ready, once there is one."""
    pids: list[int] = []

    def look() -> bool:
        pids[:] = filter(is_parked, children(zygote) - set(others))
        return bool(pids)

    until(look)
    return pids[0]


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def first_parked(zygotes: Zygotes) -> int:
    """The kernel that is parked after a first one was forked."""
    async with kernel():
        zygote = zygotes.wait()
        async with kernel() as forked:
            assert isinstance(forked.process, ForkedProcess), zygotes.said()
            return parked(zygote)


async def next_is_forked(zygotes: Zygotes, pid: int, **options: Any) -> None:
    """Whatever is parked, the next kernel is forked, and answers."""
    async with kernel(**options) as ours:
        assert isinstance(ours.process, ForkedProcess), zygotes.said()
        assert ours.process.pid != pid
        assert await ours.ask("1 + 1") == 2


def test_the_kernel_after_the_first_forked_one_was_parked(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        async with kernel() as ours:
            assert ours.process.pid == pid, zygotes.said()
            assert await ours.ask("__import__('os').getpid()") == pid
            assert parked(zygotes.wait(), [pid]) != pid

    asyncio.run(work())


def test_it_has_all_that_was_asked_for(zygotes: Zygotes, tmp_path: Path) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        printed = tmp_path / "printed.txt"
        environ = {**os.environ, "COLOUR": "blue", envvars.SESSION_NAME: "/a/b.ipynb"}
        with printed.open("w") as file:
            options = {"cwd": str(tmp_path), "env": environ, "stdout": file, "stderr": file}
            async with kernel(**options) as ours:
                assert ours.process.pid == pid, zygotes.said()
                assert await ours.ask("__import__('os').environ['COLOUR']") == "blue"
                assert await ours.ask("(__session__, list(map(str, _dh)))") == (
                    "/a/b.ipynb",
                    [str(tmp_path)],
                )
                assert await ours.ask("__import__('os').getcwd()") == str(tmp_path)
                assert await ours.ask("__import__('os').system('echo from a child')") == 0
                assert await ours.ask("get_ipython().config.IPKernelApp.connection_file") == (
                    os.path.realpath(ours.manager.connection_file)
                )
        assert printed.read_text() == "from a child\n"

    asyncio.run(work())


def test_it_sees_a_header_that_it_was_started_without(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        async with kernel() as ours:
            assert ours.process.pid == pid, zygotes.said()
            reply = await ours.client.execute(header_cell("six"), reply=True, timeout=LIMIT)
            assert reply["content"]["status"] == "error"
            assert "holds a header" in reply["content"]["evalue"]

    asyncio.run(work())


def test_a_profile_that_has_changed_is_read_by_a_forked_one(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        profile = Path(os.environ["IPYTHONDIR"]) / "profile_default" / "ipython_kernel_config.py"
        profile.write_text("c.IPKernelApp.exec_lines = ['line = 7']")
        try:
            await next_is_forked(zygotes, pid)
            async with kernel() as ours:
                assert await ours.ask("line") == 7
        finally:
            profile.unlink()

    asyncio.run(work())


def test_start_up_files_run_when_it_is_taken(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        file = Path(os.environ["IPYTHONDIR"]) / "profile_default" / "startup" / "first.py"
        file.write_text("import os, sys\nstarted = sys.prefix, os.environ['COLOUR']")
        try:
            async with kernel(env={**os.environ, "COLOUR": "blue"}) as ours:
                assert ours.process.pid == pid, zygotes.said()
                assert await ours.ask("started == (__import__('sys').prefix, 'blue')")
        finally:
            file.unlink()

    asyncio.run(work())


def test_start_up_files_may_configure_how_results_are_shown(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        file = Path(os.environ["IPYTHONDIR"]) / "profile_default" / "startup" / "first.py"
        file.write_text("get_ipython().config.PlainTextFormatter.max_width = 33")
        try:
            async with kernel() as ours:
                assert ours.process.pid == pid, zygotes.said()
                formatters = "get_ipython().display_formatter.formatters"
                assert await ours.ask(f"{formatters}['text/plain'].max_width") == 33
        finally:
            file.unlink()

    asyncio.run(work())


def test_another_value_of_a_variable_that_was_read_makes_a_fork(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        await next_is_forked(zygotes, pid, env={**os.environ, "COLUMNS": "37"})

    asyncio.run(work())


def test_a_restarted_kernel_is_forked(zygotes: Zygotes) -> None:
    async def work() -> None:
        await first_parked(zygotes)
        async with kernel() as ours:
            pid = parked(zygotes.wait(), [ours.process.pid])
            await ours.manager.restart_kernel(now=True)
            assert ours.process.pid != pid
            assert await ours.ask("1 + 1") == 2

    asyncio.run(work())


def test_a_killed_parked_kernel_costs_a_fork(zygotes: Zygotes) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        kill(pid)
        await next_is_forked(zygotes, pid)

    asyncio.run(work())


def test_it_ends_with_its_zygote(zygotes: Zygotes) -> None:
    pid = asyncio.run(first_parked(zygotes))
    kill(zygotes.wait())
    until(lambda: not alive(pid))


def test_one_that_is_never_requested_begins_no_session_of_the_history(zygotes: Zygotes) -> None:
    async def work() -> None:
        await first_parked(zygotes)
        async with kernel() as ours:
            number = "get_ipython().history_manager.session_number"
            first = await ours.ask(number)
            kill(parked(zygotes.wait(), [ours.process.pid]))
            async with kernel() as other:
                assert await other.ask(number) == first + 1

    asyncio.run(work())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_its_client_learns_how_it_ended(zygotes: Zygotes, number: int) -> None:
    async def work() -> None:
        pid = await first_parked(zygotes)
        async with kernel() as ours:
            assert ours.process.pid == pid
            os.kill(pid, number)
            until(lambda: ours.process.poll() is not None)
            assert ours.process.wait() == -number

    asyncio.run(work())


def test_many_at_once_leave_nothing_behind(zygotes: Zygotes) -> None:
    async def one() -> None:
        async with kernel() as ours:
            assert await ours.ask("6 * 7") == 42

    async def work() -> None:
        await first_parked(zygotes)
        zygote = zygotes.wait()
        until(lambda: any(map(is_spare, children(zygote))))
        before = descriptors(zygote)
        for _ in range(3):
            await asyncio.gather(*(one() for _ in range(4)))
        parked(zygote)
        until(lambda: (len(children(zygote)), descriptors(zygote)) == (2, before))

    asyncio.run(work())
