"""Fail one system call of one process, with strace's injection."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.workshop import child, kill
from tests.waiting import LIMIT

CALLS = "%file,%desc"
"""All that names a file or takes a descriptor, but for the calls that map memory."""

NOT_OURS = frozenset({"mmap", "munmap", "execve", "epoll_create1", "poll", "select"})

_CALL = re.compile(r"^(?:\d+ +)?(?P<name>\w+)\((?P<arguments>.*)")


@dataclass(frozen=True, slots=True)
class Traced:
    """How a traced process ended (as `wait_for` says it), and the line of the call that failed."""

    code: int
    failed: str


def count_calls(action: Callable[[], object], log: Path) -> Counter[str]:
    """Every system call on files that an action makes, by name."""
    traced = _trace(action, log, ["-e", f"trace={CALLS}"])
    assert traced.code == 0, f"Without any fault it ended with {traced.code}."
    names = [match["name"] for match in map(_CALL.match, log.read_text().splitlines()) if match]
    return Counter(name for name in names if name not in NOT_OURS)


def fail_call(
    action: Callable[[], object], log: Path, name: str, number: int, error: str
) -> Traced:
    """Let the action's ``number``-th call of that name fail, once."""
    inject = f"inject={name}:error={error}:when={number}"
    return _trace(action, log, ["-e", f"trace={name}", "-e", inject])


def _trace(action: Callable[[], object], log: Path, options: list[str]) -> Traced:
    number = child(lambda: _stop_and(action))
    os.waitpid(number, os.WUNTRACED)
    command = ["strace", "-qq", "-o", log, "-e", "signal=none", *options, "-p", str(number)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        try:
            _until_traced(number, strace)
            os.kill(number, signal.SIGCONT)
            code = _wait(number)
        except BaseException:
            kill(number)
            raise
        strace.wait(LIMIT)
    lines = [line for line in log.read_text().splitlines() if line.endswith("(INJECTED)")]
    return Traced(code, lines[0] if lines else "")


def _stop_and(action: Callable[[], object]) -> object:
    os.kill(os.getpid(), signal.SIGSTOP)
    return action()


def _until_traced(number: int, strace: subprocess.Popen[str]) -> None:
    status = Path(f"/proc/{number}/status")
    end = time.monotonic() + LIMIT
    while "TracerPid:\t0\n" in status.read_text():
        assert strace.poll() is None, strace.stderr and strace.stderr.read()
        assert time.monotonic() < end, "strace did not attach in time."
        time.sleep(0.001)


def _wait(number: int) -> int:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        ended, status = os.waitpid(number, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    raise AssertionError(f"A traced process took more than {LIMIT:g} s.")
