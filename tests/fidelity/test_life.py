"""Restarted, interrupted, killed, ended and debugged, a kernel does what a plain kernel does."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from tests.waiting import until

from .debugger import stop_at_breakpoint
from .launching import Launching, launchings
from .life import Life, living, runs
from .starting import Kernel

pytestmark = pytest.mark.real_index

INTERRUPTED = {
    "sleeping": "import time; open('begun', 'w'); time.sleep(60)",
    "computing": "open('begun', 'w')\nwhile True: pass",
    "waiting for a child": "import os; os.system(': > begun; exec sleep 60')",
    "running a child": """
        import subprocess
        subprocess.run(": > begun; exec sleep 60", shell=True)
    """,
    "waiting for a thread": "import threading; open('begun', 'w'); threading.Event().wait(60)",
    "waiting for a pool": """
        import multiprocessing, time
        pool = multiprocessing.get_context("fork").Pool(1)
        open("begun", "w")
        pool.apply(time.sleep, (60,))
    """,
}
"""Cells that make a file when they may be interrupted.

No shell starts a program after that: what it starts just when the signal comes does not get it.
"""

ENDINGS = {
    "import os; os._exit(3)": 3,
    "exit()": 0,
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": -9,
    "import os; os.abort()": -6,
    "import ctypes; ctypes.string_at(0)": -11,
}
"""Exit statuses, as `subprocess.Popen` has them, by what a cell does."""

UNLIKE = {
    "random": "__import__('random').random()",
    "numpy": "float(__import__('numpy').random.random())",
    "numpy's generators": "float(__import__('numpy').random.default_rng().random())",
    "uuid": "str(__import__('uuid').uuid4())",
    "secrets": "__import__('secrets').token_hex()",
    "ssl": "__import__('ssl').RAND_bytes(8)",
    "authkey": "bytes(__import__('multiprocessing').current_process().authkey)",
    "temporary name": "next(__import__('tempfile')._get_candidate_names())",
    "session": "get_ipython().kernel.session.session",
    "pid": "__import__('os').getpid()",
    "history": "get_ipython().history_manager.session_number",
}
"""Expressions that have another value in each kernel."""


@pytest.fixture(params=launchings(), ids=str)
def launching(request: pytest.FixtureRequest) -> Launching:
    return request.param


@pytest.fixture
def ours(place, launching: Launching) -> Kernel:
    return place.ours(launching)


@pytest.fixture
def both(place, ours: Kernel) -> tuple[Kernel, Kernel]:
    return ours, place.twin()


def same(scenario: Callable[[Kernel], Any], both: tuple[Kernel, Kernel]) -> Any:
    """What comes of a scenario with the kernel of ours, which is what comes of it with plain."""
    ours, plain = map(scenario, both)
    assert ours == plain
    return ours


@pytest.mark.parametrize("code", ENDINGS)
def test_a_kernel_that_ends_has_its_exit_status_and_restarts(code: str, both):
    def scenario(kernel: Kernel) -> Any:
        with living(kernel) as life:
            before = life.ask("__import__('os').getpid()")
            life.send(code)
            status = life.status()
            life.restart(now=True)
            return status, life.ask("__import__('os').getpid()") != before, life.tell("1 + 1")

    status, is_another, _ = same(scenario, both)
    assert (status, is_another) == (ENDINGS[code], True)


def test_a_crash_is_reported_where_a_plain_kernel_reports_it(both):
    def scenario(kernel: Kernel) -> Any:
        enable = "import ctypes, faulthandler; faulthandler.enable(open('crash', 'w'))"
        with living(kernel, [enable, "faulthandler.is_enabled()"]) as life:
            life.send("ctypes.string_at(0)")
            life.status()
        lines = (kernel.folder / "crash").read_text().splitlines()
        return lines[:1] + [line for line in lines if "string_at" in line]

    assert any("Segmentation fault" in line for line in same(scenario, both))


def test_every_cell_can_be_interrupted(both):
    def scenario(kernel: Kernel) -> Any:
        results = {}
        with living(kernel) as life:
            for name, code in INTERRUPTED.items():
                waits = name != "computing"
                life.begin(textwrap.dedent(code), kernel.folder / "begun", waits=waits)
                life.interrupt()
                reply = life.replied()
                results[name] = reply["status"], reply.get("ename"), life.tell("1 + 1")
            life.interrupt()
            return results, life.tell("'an idle kernel was interrupted'")

    results, _ = same(scenario, both)
    assert results["sleeping"][1] == "KeyboardInterrupt"


def test_a_cell_that_handles_the_interrupt_goes_on(both):
    code = """
        import signal, time
        signal.signal(signal.SIGINT, lambda *_: print("handled", flush=True))
        open("begun", "w")
        time.sleep(0.2)
    """

    def scenario(kernel: Kernel) -> Any:
        with living(kernel) as life:
            life.begin(textwrap.dedent(code), kernel.folder / "begun")
            life.interrupt()
            return life.heard("stream"), life.replied()["status"]

    assert same(scenario, both) == ({"name": "stdout", "text": "handled\n"}, "ok")


def test_a_restarted_kernel_begins_anew_in_the_same_place(both):
    where = (
        "(__import__('os').getcwd(), __import__('sys').executable, dict(__import__('os').environ))"
    )

    def scenario(kernel: Kernel) -> Any:
        with living(kernel, ["x = 1; import numpy, os; os.environ['LEFT'] = '1'"]) as life:
            before, place = life.ask("__import__('os').getpid()"), life.ask(where)
            life.restart()
            after = life.ask(where)
            assert "LEFT" not in after[2]
            assert place[:2] == after[:2]
            counted = life.tell("get_ipython().execution_count")
            pid = life.ask("__import__('os').getpid()")
            return pid != before, counted, life.ask("'x' in globals()"), runs(before)

    is_another, _, has_x, left = same(scenario, both)
    assert (is_another, has_x, left) == (True, False, False)


def test_a_kernel_that_is_ended_runs_its_exit_handlers(both):
    code = "import atexit, pathlib; atexit.register(pathlib.Path('handled').touch)"

    def scenario(kernel: Kernel) -> Any:
        handled = kernel.folder / "handled"
        handled.unlink(missing_ok=True)
        with living(kernel, [code]) as life:
            life.shutdown()
        return handled.exists()

    assert same(scenario, both)


def test_kernels_differ_in_what_has_to_differ(ours):
    with ExitStack() as stack:
        lives = [stack.enter_context(living(ours)) for _ in range(3)]
        values = [{name: life.ask(code) for name, code in UNLIKE.items()} for life in lives]

    for one, other in itertools.combinations(values, 2):
        assert [name for name in UNLIKE if one[name] == other[name]] == []


def test_a_kernel_outlives_no_restart_and_no_other_kernel(ours):
    with living(ours) as first, living(ours) as second:
        pids = [life.ask("__import__('os').getpid()") for life in (first, second)]
        first.send("import os; os.kill(os.getpid(), 9)")
        assert first.status() == -9
        assert runs(pids[1])
        first.restart(now=True)
        second.shutdown()

        until(lambda: not runs(pids[1]))
        assert first.tell("6 * 7")


def test_a_debugger_stops_at_a_breakpoint(both):
    def scenario(kernel: Kernel) -> Any:
        with living(kernel) as life:
            return stop_at_breakpoint(life)

    stopped = same(scenario, both)
    assert stopped["frame"] == ("doubled", 2)
    assert stopped["variables"]["number"] == "21"


def test_life_is_driven_with_a_client_that_sees_outputs(ours):
    with living(ours) as life:
        assert isinstance(life, Life)
        assert life.tell("print('seen')") == [{"stdout": "seen\n"}]
