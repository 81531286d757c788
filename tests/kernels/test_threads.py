import asyncio
import subprocess
import sys
import threading

import pytest

from headstart.kernels.threads import in_thread

AT_EXIT = """
import asyncio, atexit, threading
from headstart.kernels.threads import in_thread
atexit.register(lambda: asyncio.run(in_thread(lambda: print("done"))))
"""


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
    done = subprocess.run([sys.executable, "-c", AT_EXIT], capture_output=True, text=True)

    assert done.stdout == "done\n", done.stderr
