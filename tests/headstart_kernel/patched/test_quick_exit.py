"""A kernel looks for children only if it may have some."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headstart_kernel.patched.quick_exit import end_promptly
from tests.waiting import LIMIT

ASK = """
import os, subprocess, sys
from headstart_kernel.patched.quick_exit import is_childless
print(is_childless())
if sys.argv[1] == "child":
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
else:
    child = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
print(is_childless())
child.stdin.close()
print(child.wait() == (1 if sys.argv[1] == "child" else 0), is_childless())
"""


@pytest.mark.parametrize("kind", ["child", "zombie"])
def test_children_count_until_they_were_waited_for(kind: str) -> None:
    command = [sys.executable, "-c", ASK, kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    assert done.stdout.split() == ["True", "False", "True", "True"], done.stderr


class Kernel:
    """As far as it matters here."""

    looked = 0

    def _process_children(self) -> list[str]:
        self.looked += 1
        return ["child"]


def test_a_kernel_looks_for_its_children_if_there_are_any() -> None:
    kernel = Kernel()
    end_promptly(kernel)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert kernel._process_children() == ["child"]
        child.communicate()
    assert kernel.looked == 1


def test_a_kernel_that_looks_for_none_is_left_alone() -> None:
    end_promptly(object())
