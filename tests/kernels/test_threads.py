import asyncio
import subprocess
import sys
import threading

import pytest

from headstart.kernels.threads import cancel_all, in_thread

AT_EXIT = """
import asyncio, atexit, threading
from headstart.kernels.threads import in_thread
atexit.register(lambda: asyncio.run(in_thread(lambda: print("done"))))
"""

GIVEN_UP = """
import asyncio, sys, threading, time
from headstart.kernels.threads import in_thread
cancelled = threading.Event()
def work():
    {waits}
    print("cancelled", flush=True)
async def main():
    asyncio.ensure_future(in_thread(work, cancelled.set))
    await asyncio.sleep(0)
asyncio.run(main())
"""


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)


def test_the_loop_goes_on_while_work_is_done():
    async def both() -> str:
        goes_on = threading.Event()
        work = asyncio.ensure_future(in_thread(lambda: goes_on.wait(30)))
        await asyncio.sleep(0)
        goes_on.set()
        return "went on" if await work else "stood still"

    assert asyncio.run(both()) == "went on"


def test_what_the_work_raises_is_raised():
    def work() -> None:
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        asyncio.run(in_thread(work))


def test_an_exit_handler_may_still_have_work_done():
    done = python(AT_EXIT)
    assert done.stdout == "done\n", done.stderr


def test_work_without_a_waiting_caller_is_cancelled_when_the_process_ends():
    ended = python(GIVEN_UP.format(waits="cancelled.wait()"))
    assert (ended.stdout, ended.stderr, ended.returncode) == ("cancelled\n", "", 0)


def test_work_that_does_not_end_does_not_keep_the_process():
    ended = python(GIVEN_UP.format(waits="time.sleep(60)"))
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)


def test_all_work_can_be_cancelled():
    async def give_up() -> bool:
        cancelled = threading.Event()
        work = asyncio.ensure_future(in_thread(lambda: cancelled.wait(30), cancelled.set))
        await asyncio.sleep(0)
        cancel_all()
        return await work

    assert asyncio.run(give_up())
