import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from headstart.kernels.jupyter import transport


@pytest.fixture
def manager():
    return AsyncKernelManager(kernel_name="python3")


def test_a_kernel_talks_over_unix_sockets_in_a_private_folder(manager):
    transport.prefer_ipc(manager, "auto")

    folder = Path(manager.ip).parent
    assert manager.transport == "ipc"
    assert folder.stat().st_mode & 0o022 == 0
    assert len(f"{manager.ip}-65535") < 104


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


def test_a_kernel_that_has_its_ports_keeps_them(manager):
    manager.shell_port = 5555

    transport.prefer_ipc(manager, "auto")

    assert manager.transport == "tcp"


def with_ports(manager: Any, **values: Any) -> Any:
    """The manager, with free ports."""
    ports = []
    for name in transport.PORTS:
        with socket.create_server(("127.0.0.1", 0)) as free:
            ports.append(free.getsockname()[1])
        setattr(manager, name, ports[-1])
    for name, value in values.items():
        setattr(manager, name, value)
    return manager


def connect(manager: Any, port: int) -> socket.socket:
    if manager.transport == "tcp":
        return socket.create_connection((manager.ip, port))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{manager.ip}-{port}")
        return client.dup()


@pytest.mark.parametrize("kind", ["tcp", "ipc"])
def test_clients_can_connect_before_there_is_a_kernel(manager, tmp_path, kind):
    ip = "127.0.0.1" if kind == "tcp" else str(tmp_path / "k")
    with_ports(manager, transport=kind, ip=ip)

    with transport.listening(manager) as listeners:
        assert set(listeners) == set(manager.ports) - {manager.hb_port}
        assert not any(map(os.get_inheritable, listeners.values()))
        for port in listeners:
            connect(manager, port).close()

    with pytest.raises(ConnectionRefusedError):
        connect(manager, manager.shell_port)


def test_what_a_killed_kernel_left_behind_is_replaced(manager, tmp_path):
    with_ports(manager, transport="ipc", ip=str(tmp_path / "k"))
    for _ in range(2):
        with transport.listening(manager) as listeners:
            assert len(listeners) == 4
            connect(manager, manager.shell_port).close()


def test_a_kernel_whose_port_is_taken_tries_by_itself(manager):
    with_ports(manager, transport="tcp", ip="127.0.0.1")
    taken = socket.create_server(("127.0.0.1", manager.control_port))
    with taken, transport.listening(manager) as listeners:
        assert listeners == {}
        with pytest.raises(ConnectionRefusedError):
            connect(manager, manager.shell_port)


@pytest.mark.parametrize("values", [{"ip": "localhost"}, {"ip": "::1"}])
def test_an_address_of_another_kind_is_left_to_the_kernel(manager, values):
    with_ports(manager, transport="tcp", **values)
    with transport.listening(manager) as listeners:
        assert listeners == {}


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
