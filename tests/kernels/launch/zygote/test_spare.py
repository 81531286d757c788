"""Processes that a zygote has forked before anybody asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from tests.clients.drive import alive
from tests.waiting import until
from tests.zygotes import children, is_spare, kill

from ...forks import Forks

OWN = """
import logging, os, sys, time
mine = (os.getcwd(), os.environ.get("COLOUR"), os.getsid(0), sys.argv[-1])
young = time.time() - logging._startTime < 60
"""


def spare(forks: Forks) -> int:
    """The process that is there for the next kernel, once there is one."""
    zygote, spares = forks.zygotes.wait(), set[int]()

    def look() -> bool:
        spares.update(filter(is_spare, children(zygote)))
        return bool(spares)

    until(look)
    return spares.pop()


def test_the_next_kernel_is_forked_before_it_is_requested(forks: Forks) -> None:
    forks.fork()
    for _ in range(2):
        pid = spare(forks)
        assert forks.launch().pid == pid
        assert forks.ask("", "__import__('os').getpid()") == pid


def test_it_has_all_that_was_asked_for(forks: Forks, tmp_path: Path) -> None:
    forks.fork()
    pid = spare(forks)
    process = forks.launch(env={**os.environ, "COLOUR": "blue"}, cwd=str(tmp_path))
    assert process.pid == pid
    assert forks.ask(OWN, "mine") == (str(tmp_path), "blue", pid, forks.file)
    assert forks.ask("", "young")


def test_one_that_was_killed_costs_a_fork(forks: Forks) -> None:
    forks.fork()
    pid = spare(forks)
    kill(pid)
    process = forks.launch()
    assert isinstance(process, ForkedProcess), forks.zygotes.said()
    assert process.pid != pid
    assert forks.ask("", "1 + 1") == 2


@pytest.mark.parametrize("number", [9, 15])
def test_it_ends_with_its_zygote(forks: Forks, number: int) -> None:
    forks.fork()
    pid = spare(forks)
    os.kill(forks.zygotes.wait(), number)
    until(lambda: not alive(pid))


def test_it_keeps_no_zygote_alive(forks: Forks) -> None:
    forks.idle = 0.3
    process = forks.fork()
    zygote = forks.zygotes.wait()
    spare(forks)
    process.kill()
    until(lambda: not alive(zygote))
