"""When zygotes start, refuse, hang and end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.kernels.launch.launch_in_thread import launched
from headstart.kernels.launch.zygote import zygote_launcher as module
from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from headstart.kernels.launch.zygote.zygote_launcher import ZygoteLauncher, zygote_folder
from headstart_kernel.launch_request import FAILURE
from tests.clients.drive import alive
from tests.waiting import until
from tests.zygotes import Zygotes, kill

from ...forks import Forks

ELSEWHERE = """
import os, socket, sys
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
connection.settimeout(60)
assert connection.recv(1) == b""
"""


def end(forks: Forks) -> None:
    for process in forks.started:
        process.kill()
        process.wait()


def socket_of(forks: Forks) -> str:
    (path,) = forks.zygotes.folder.glob("*.sock")
    return str(path)


def test_a_zygote_ends_after_an_idle_time_and_leaves_nothing(forks: Forks) -> None:
    forks = replace(forks, idle=0.3)
    process = forks.launch()
    zygote = forks.zygotes.wait()
    until(lambda: not alive(zygote))
    assert list(forks.zygotes.folder.iterdir()) == []
    until(lambda: not Path(f"/proc/{zygote}").exists())  # nor is it there as a zombie
    assert process.poll() is None


def test_a_zygote_with_a_kernel_is_not_idle(forks: Forks) -> None:
    forks = replace(forks, idle=0.3)
    forks.launch()
    zygote = forks.zygotes.wait()
    process = forks.fork()
    time.sleep(0.6)  # twice the idle time: that nothing happens can only be waited for
    assert alive(zygote)
    process.kill()
    until(lambda: not alive(zygote))


def test_a_zygote_ends_with_its_last_client(forks: Forks) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.kernels.forks import Forks; "
        "from tests.zygotes import Zygotes; "
        "from headstart.kernels.launch.zygote import start_zygote; "
        "start_zygote.LINGER = 0.3; zygotes = Zygotes(Path(sys.argv[2])); "
        "forks = Forks(Path(sys.argv[1]), zygotes); forks.fork(); forks.end(); "
        "print(zygotes.wait())"
    )
    client = subprocess.run(
        [sys.executable, "-X", "dev", "-c", code, forks.folder, forks.zygotes.folder],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ResourceWarning: subprocess" not in client.stderr
    until(lambda: not alive(int(client.stdout)))


def test_a_zygote_that_cannot_be_found_any_more_ends(forks: Forks) -> None:
    forks.fork()
    zygote = forks.zygotes.pids()[0]
    Path(socket_of(forks)).unlink()
    end(forks)
    until(lambda: not alive(zygote))


def test_a_zygote_that_is_told_to_end_does_and_its_kernels_live(forks: Forks) -> None:
    process = forks.fork()
    assert module.end_zygotes(forks.zygotes.folder) == forks.zygotes.pids()
    until(lambda: not forks.zygotes.pids())
    assert forks.ask("", "6 * 7") == 42
    assert process.poll() is None


def test_there_is_one_zygote_however_many_kernels_start_first(forks: Forks) -> None:
    crowd = [replace(forks, folder=forks.folder / str(number), started=[]) for number in range(3)]
    for member in crowd:
        member.folder.mkdir()
        member.launch()
    zygote = forks.zygotes.wait()
    assert len(list(forks.zygotes.folder.glob("*.lock"))) == 1
    for member in crowd:
        assert isinstance(member.launch(), ForkedProcess)
        end(member)
    assert forks.zygotes.pids() == [zygote]


def test_a_hanging_zygote_is_killed_and_the_kernel_starts(forks: Forks, monkeypatch) -> None:
    before = forks.fork()
    zygote = forks.zygotes.pids()[0]
    monkeypatch.setattr(module, "ANSWER", 0.3)
    os.kill(zygote, signal.SIGSTOP)
    assert not isinstance(forks.launch(), ForkedProcess)
    until(lambda: not alive(zygote))
    assert before.poll() is None
    assert isinstance(forks.zygotes.wait(), int)


def test_half_a_message_is_given_up_and_delays_no_other_client(forks: Forks) -> None:
    forks.fork()
    with socket.socket(socket.AF_UNIX) as slow, socket.socket(socket.AF_UNIX) as silent:
        slow.connect(socket_of(forks))
        silent.connect(socket_of(forks))
        slow.send(struct.pack("!I", 100) + b"{")
        assert isinstance(forks.launch(), ForkedProcess)
        for connection in (slow, silent):
            connection.settimeout(60)
            assert connection.recv(1) == b""


@pytest.mark.parametrize("data", [b"\0\0\0\2{}", b"\0\0\0\2[]", b"\xff\xff\xff\xff"])
def test_what_is_no_request_is_refused(forks: Forks, data: bytes) -> None:
    forks.fork()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(socket_of(forks))
        connection.settimeout(60)
        connection.send(data)
        while connection.recv(100):
            pass
    assert isinstance(forks.launch(), ForkedProcess)


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can be another user.")
def test_another_user_is_refused(forks: Forks) -> None:
    forks.fork()
    path = Path(socket_of(forks))
    ask = [sys.executable, "-I", "-S", "-c", ELSEWHERE, path]
    assert b"PermissionError" in subprocess.run(ask, capture_output=True).stderr
    for directory in (path, *path.parents[:2]):
        directory.chmod(0o777)
    assert subprocess.run(ask, capture_output=True).stderr == b""
    path.parent.chmod(0o700)
    assert isinstance(forks.launch(), ForkedProcess)


def test_a_folder_that_others_may_enter_is_made_private(zygotes: Zygotes) -> None:
    assert zygote_folder() == zygotes.folder
    zygotes.folder.chmod(0o755)
    assert zygote_folder() == zygotes.folder
    assert zygotes.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "options",
    [
        {"stdout": subprocess.PIPE},
        {"preexec_fn": os.getpid},
        {"env": {**os.environ, "PYTHONPATH": "src"}},
        {"env": {**os.environ, "LD_LIBRARY_PATH": "/lib:"}},
        {"env": {**os.environ, "IN_SPHINX_RUN": "1"}},
        {"env": {**os.environ, FAILURE: '{"message": "What."}'}},
    ],
    ids=["pipe", "preexec", "relative", "empty", "read", "failed"],
)
def test_any_doubt_makes_a_plain_start(forks: Forks, options) -> None:
    forks.fork()
    if "env" in options:
        runtime = {"JUPYTER_RUNTIME_DIR": os.environ["JUPYTER_RUNTIME_DIR"]}
        options = {**options, "env": {**options["env"], **runtime}}
    process = forks.launch(**options)
    assert not isinstance(process, ForkedProcess)
    if process.stdout is not None:
        process.stdout.close()


def test_a_folder_that_is_gone_fails_as_ever(forks: Forks) -> None:
    forks.fork()
    with pytest.raises(FileNotFoundError):
        forks.launch(cwd=str(forks.folder / "none"))


def test_standard_descriptors_are_those_that_were_asked_for(forks: Forks) -> None:
    forks.fork()
    path = forks.folder / "said"
    with path.open("wb") as file:
        forks.launch(stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    forks.ask("import sys; print('out', file=sys.__stdout__); print('err', file=sys.__stderr__)")
    forks.ask("sys.__stdout__.flush()")
    assert sorted(path.read_text().split()) == ["err", "out"]


def test_a_process_whose_client_has_given_up_is_killed() -> None:
    release, started = threading.Event(), []

    def slowly() -> subprocess.Popen[bytes]:
        release.wait(60)
        started.append(subprocess.Popen(["sleep", "600"]))
        return started[0]

    async def run() -> None:
        task = asyncio.create_task(launched(slowly))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        release.set()

    asyncio.run(run())
    until(lambda: started and started[0].returncode == -signal.SIGKILL)


def test_what_a_killed_zygote_left_is_removed_by_the_next(forks: Forks) -> None:
    forks.fork()
    kill(forks.zygotes.pids()[0])
    path = Path(socket_of(forks))
    stale, elsewhere = (path.with_name(f"{host}-0.sock") for host in (path.name[:8], "0" * 8))
    elsewhere.hardlink_to(path.rename(stale))
    assert not isinstance(forks.launch(), ForkedProcess)
    forks.zygotes.wait()
    assert (stale.exists(), elsewhere.exists()) == (False, True)


def test_a_command_with_another_before_it_is_a_process(forks: Forks) -> None:
    forks.fork()
    command = ["nice", "-n", "5", sys.executable, "-c", ""]
    process = ZygoteLauncher(60.0).launch(command, [], env=dict(os.environ))
    assert not isinstance(process, ForkedProcess)
    assert process.wait() == 0
