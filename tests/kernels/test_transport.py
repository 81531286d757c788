import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jupyter_client.manager import AsyncKernelManager

from headstart.kernels import transport


@pytest.fixture
def manager():
    return AsyncKernelManager(kernel_name="python3")


def test_a_kernel_talks_over_unix_sockets_in_a_private_folder(manager):
    transport.prefer_ipc(manager, "auto")

    folder = Path(manager.ip).parent
    assert manager.transport == "ipc"
    assert folder.stat().st_mode & 0o022 == 0
    assert all(len(str(socket)) < 104 for socket in transport.sockets(manager))


def test_no_two_kernels_have_the_same_sockets(manager):
    other = AsyncKernelManager(kernel_name="python3")

    for each in (manager, other):
        transport.prefer_ipc(each, "auto")

    assert manager.ip != other.ip


@pytest.mark.parametrize("choice", ["auto", "tcp"])
def test_who_has_chosen_an_address_means_it(manager, choice):
    manager.ip = "0.0.0.0" if choice == "auto" else "127.0.0.1"

    transport.prefer_ipc(manager, choice)

    assert manager.transport == "tcp"
    assert transport.sockets(manager) == []


def test_a_kernel_that_has_its_ports_keeps_them(manager):
    manager.shell_port = 5555

    transport.prefer_ipc(manager, "auto")

    assert manager.transport == "tcp"


def test_waiting_ends_when_the_sockets_are_there(tmp_path):
    paths = [tmp_path / "a-1", tmp_path / "a-2"]
    touch = "import pathlib, sys; [pathlib.Path(p).touch() for p in sys.argv[1:]]; input()"
    with subprocess.Popen([sys.executable, "-c", touch, *paths], stdin=subprocess.PIPE) as process:
        asyncio.run(transport.wait_until_bound(paths, process))
        assert process.poll() is None
        assert all(path.exists() for path in paths)


def test_waiting_ends_when_the_kernel_does(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        asyncio.run(transport.wait_until_bound([tmp_path / "never"], process))
        assert process.poll() == 0


def test_waiting_ends(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        asyncio.run(transport.wait_until_bound([tmp_path / "never"], process, limit=0.01))
        assert process.poll() is None


def test_sockets_of_dead_kernels_are_removed_and_others_left(tmp_path):
    names = ("hs-00000000-1", "hs-11111111-1", "hs-22222222-1")
    dead, alive, young = (tmp_path / name for name in names)
    sockets = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in names]
    for each, path in zip(sockets, (dead, alive, young), strict=True):
        each.bind(str(path))
    sockets[1].listen()
    long_ago = time.time() - 2 * transport.YOUNG
    for path in (dead, alive):
        os.utime(path, (long_ago, long_ago))

    transport.remove_dead_sockets(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [alive.name, young.name]
    for each in sockets:
        each.close()
