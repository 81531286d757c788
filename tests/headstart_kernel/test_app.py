"""The kernel process before it is a kernel."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headstart_kernel.app import ROOM

SAY = """
import os, resource
from headstart_kernel import app

def room():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("FDSize"))

{}
before = room()
app.make_room()
print(before, room())
"""


def room(change: str = "") -> list[int]:
    """For how many descriptors a process has room, before and after it makes room.

    :param change: what the process does to itself at first.
    """
    done = subprocess.run(
        [sys.executable, "-c", SAY.format(change)], capture_output=True, text=True, check=True
    )
    return [int(word) for word in done.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")
def test_a_kernel_has_room_for_its_descriptors_before_it_has_threads() -> None:
    assert room()[1] >= ROOM


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")
@pytest.mark.parametrize(
    "change", ["resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))", "os.closerange(0, 1)"]
)
def test_where_there_cannot_be_any_it_goes_without(change: str) -> None:
    before, after = room(change)
    assert before == after
