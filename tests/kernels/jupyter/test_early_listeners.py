"""Kernels that take sockets which listened before they were there."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from headstart_kernel.patched.listeners import use_listeners

from ..forks import Forks

GREETING = b"\xff"
"""With which ZeroMQ begins (ZMTP 3.1, 'Greeting')."""


@pytest.mark.parametrize("plain", [True, False])
def test_who_has_connected_early_is_answered(forks: Forks, plain: bool) -> None:
    if not plain:
        forks.fork()
    forks.launch(plain=plain)
    with socket.socket(socket.AF_UNIX) as early:
        early.settimeout(60)
        early.connect(f"{forks.manager.ip}-{forks.manager.shell_port}")
        assert early.recv(1) == GREETING
    assert forks.ask("", "1 + 1") == 2


def test_a_kernel_without_them_binds_its_own(forks: Forks) -> None:
    forks.fork()
    process = forks.launch(listens=False)
    assert isinstance(process, ForkedProcess), forks.zygotes.said()
    path = Path(f"{forks.manager.ip}-{forks.manager.shell_port}")
    assert path.exists(), "it is forked, and has bound them when it is there"
    assert forks.ask("", "1 + 1") == 2


def test_an_application_that_binds_in_another_way_lets_go_of_them() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = os.dup(listener.fileno())
    use_listeners(object(), {"1": taken})
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(taken)
