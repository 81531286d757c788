"""A forked kernel compared with one that is a process of its own, and how it ends."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from headstart.kernels.launch.zygote.forked_process import UNKNOWN, ForkedProcess
from tests.clients.drive import alive
from tests.waiting import LIMIT, until
from tests.zygotes import Zygotes, kill

from ...forks import Forks

SAME = {
    "flags": "(sys.flags, sys._xoptions, sys.warnoptions, sys.getrecursionlimit())",
    "argv": "(sys.argv[0], len(sys.argv), sys.orig_argv[:2], len(sys.orig_argv))",
    "path": "(sys.path, sys.prefix, sys.executable)",
    "signals": "{n: str(signal.getsignal(n)).split(' at ')[0] for n in signal.valid_signals()}",
    "mask": "signal.pthread_sigmask(signal.SIG_BLOCK, [])",
    "session": "(os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid(), os.nice(0))",
    "environ": "{k: v for k, v in os.environ.items() if k != 'PYTEST_CURRENT_TEST'}",
    "folder": "(os.getcwd(), os.umask(0o27))",
    "limits": "[resource.getrlimit(n) for n in range(16)]",
    "threads": "sorted(t.name.split('-')[0] for t in threading.enumerate())",
    "streams": "[(f.name, f.mode, f.encoding, f.errors, f.newlines, f.line_buffering,"
    " f.write_through, f.isatty()) for f in (sys.__stdin__, sys.__stdout__, sys.__stderr__)]",
    "targets": "[os.readlink(f'/proc/self/fd/{n}').split(':')[0] for n in (0, 1, 2)]",
    "input": "sys.__stdin__.read()",
    "locale": "(locale.getlocale(), locale.getpreferredencoding(), sys.getfilesystemencoding())",
    "time": "(time.tzname, time.time() - logging._startTime < 60, tempfile.gettempdir())",
    "room": "[int(x.split()[1]) >= 256 for x in open('/proc/self/status') if 'FDSize' in x]",
    "collector": "(gc.isenabled(), gc.get_threshold())",
    "hooks": "(sys.excepthook.__qualname__, sys.displayhook.__class__, atexit._ncallbacks() > 0)",
    "modules": "sorted(m for m in sys.modules if 'multiprocessing' in m)",
    "parent": "(get_ipython().kernel.parent.parent_handle, os.environ['JPY_PARENT_PID'])",
}

SETUP = "import atexit, gc, locale, logging, os, resource, signal, sys, tempfile, threading, time"

CLIENT = """
import sys, time
from pathlib import Path
from tests.kernels.forks import Forks
from tests.zygotes import Zygotes
process = Forks(Path(sys.argv[1]), Zygotes(Path(sys.argv[2]))).fork()
print(process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("what", SAME)
def test_a_forked_kernel_is_like_one_that_is_a_process(what: str, shared_pair) -> None:
    forked, plain = shared_pair
    assert forked[what] == plain[what]


@pytest.fixture(scope="module")
def shared_pair(tmp_path_factory) -> Iterator[list[dict[str, object]]]:
    """What a forked kernel and one that is a process say of themselves."""
    root = tmp_path_factory.mktemp("p")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_RUNTIME_DIR", str(root))
        zygotes = Zygotes(root / "zygotes")
        forks = Forks(root, zygotes)
        answers = []
        for plain in (False, True):
            if not plain:
                forks.fork()
            else:
                forks.launch(plain=True)
            texts = ", ".join(f"{name!r}: repr({code})" for name, code in SAME.items())
            answers.append(forks.ask(SETUP, f"{{{texts}}}"))
        yield answers
        forks.end()
        zygotes.end()


def test_an_interrupt_reaches_the_running_cell(forks: Forks) -> None:
    process = forks.fork()

    async def talk(client: AsyncKernelClient) -> str:
        request = client.execute("import time; print('sleeps', flush=True); time.sleep(60)")
        while (await client.get_iopub_msg(timeout=LIMIT))["msg_type"] != "stream":
            pass
        os.killpg(process.pid, signal.SIGINT)
        while (reply := await client.get_shell_msg(timeout=LIMIT))["parent_header"].get(
            "msg_id"
        ) != request:
            pass
        return reply["content"]["ename"]

    assert forks.talk(talk) == "KeyboardInterrupt"


def test_an_exit_status_is_the_kernels(forks: Forks) -> None:
    process = forks.fork()

    async def talk(client: AsyncKernelClient) -> None:
        client.execute("import os; os._exit(7)")
        assert process.wait(60) == process.poll() == process.returncode == 7

    forks.talk(talk)
    assert not alive(process.pid)


def test_a_kernel_that_is_asked_to_end_runs_its_exit_hooks(forks: Forks) -> None:
    process, left = forks.fork(), forks.folder / "left"
    forks.ask(f"import atexit, pathlib; atexit.register(pathlib.Path({str(left)!r}).touch)")

    async def talk(client: AsyncKernelClient) -> None:
        client.shutdown()
        assert process.wait(60) == 0

    forks.talk(talk)
    assert left.exists()


def test_a_kernel_outlives_its_zygote_and_its_end_is_seen(forks: Forks) -> None:
    process = forks.fork()
    kill(forks.zygotes.pids()[0])
    assert forks.ask("", "1 + 1") == 2
    assert process.poll() is None
    process.kill()
    assert process.wait(60) == UNKNOWN


def test_a_kernel_alone_holds_its_leases(forks: Forks, tmp_path: Path) -> None:
    path = tmp_path / "lease"
    path.touch()
    forks.fork()
    with path.open() as lease, path.open() as other:
        fcntl.flock(lease, fcntl.LOCK_SH)
        process = forks.fork([lease.fileno()])
        lease.close()
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert forks.ask("import subprocess; subprocess.Popen(['sleep', '60'], close_fds=False)",
                         "len(__import__('os').listdir('/proc/self/fd')) > 3")  # fmt: skip
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_kernel_ends_with_its_client_and_the_zygote_serves_others(forks: Forks) -> None:
    forks.fork()
    zygote = forks.zygotes.pids()
    (forks.folder / "b").mkdir()
    client = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CLIENT), forks.folder / "b", forks.zygotes.folder],
        cwd=Path(__file__).parents[4],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdout is not None
    kernel = int(client.stdout.readline())
    client.kill()
    client.communicate()
    until(lambda: not alive(kernel))
    assert isinstance(forks.fork(), ForkedProcess)
    assert forks.zygotes.pids() == zygote


def test_many_kernels_at_once_all_answer(forks: Forks) -> None:
    from concurrent.futures import ThreadPoolExecutor

    forks.fork()
    folders = [forks.folder / f"m{number}" for number in range(12)]
    for folder in folders:
        folder.mkdir()
    crowd = [Forks(folder, forks.zygotes) for folder in folders]
    with ThreadPoolExecutor(12) as pool:
        processes = list(pool.map(lambda member: member.launch(), crowd))
        assert all(isinstance(process, ForkedProcess) for process in processes)
        assert list(pool.map(lambda member: member.ask("", "1 + 1"), crowd)) == [2] * 12
    for member in crowd:
        member.end()
