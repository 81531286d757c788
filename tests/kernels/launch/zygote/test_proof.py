"""The first kernel of a zygote that was initialised ahead has to show that it becomes one."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from headstart.kernels.launch.zygote import zygote_launcher
from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from headstart_kernel import wire
from headstart_kernel.launch_request import Launch


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process in place of the kernel that was initialised ahead."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def serve(listener: socket.socket, pid: int, *, works: bool) -> threading.Thread:
    """Hand over a kernel to the first client; it ends when it is let live, or it binds."""

    def work() -> None:
        listener.setblocking(True)
        connection, _ = listener.accept()
        reader = wire.Reader()
        while (request := reader.read(connection)) is None:
            pass
        line = socket.socket(fileno=reader.descriptors.pop(request["descriptors"]["line"]))
        reader.close()
        with connection, line, suppress(OSError, EOFError):
            wire.send(line, {"pid": pid, "ahead": True})
            wire.receive(line)
            if works:
                wire.send(line, {"bound": True})

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def ask(path: Path, child: subprocess.Popen[bytes], *, works: bool) -> ForkedProcess | None:
    command = ["python", "launcher.py", Launch(listeners={"1": 0}).to_json(), "-f", "k.json"]
    with wire.listen(str(path)) as listener:
        thread = serve(listener, child.pid, works=works)
        options: dict[str, Any] = {"env": dict(os.environ), "cwd": str(path.parent)}
        process = zygote_launcher._fork(path, command, [], options, {"parked": True})
        thread.join()
    path.unlink()
    return process


@pytest.fixture(autouse=True)
def proven(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    pids: set[int] = set()
    monkeypatch.setattr(zygote_launcher, "_proven", pids)
    return pids


def test_one_that_fails_costs_a_plain_start(tmp_path: Path, child, proven) -> None:
    assert ask(tmp_path / "z", child, works=False) is None
    assert child.wait(60) == -9, "there are never two kernels"
    assert proven == set()


def test_after_one_that_works_no_client_waits_for_the_next(tmp_path: Path, child, proven) -> None:
    assert isinstance(ask(tmp_path / "z", child, works=True), ForkedProcess)
    assert proven == {os.getpid()}
    assert isinstance(ask(tmp_path / "z", child, works=False), ForkedProcess)
    assert child.poll() is None
