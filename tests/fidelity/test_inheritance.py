"""What a kernel inherits from its client is what a plain kernel inherits, and it ends with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.isolation import PREFIX, remove_tree
from tests.waiting import until
from tests.zygotes import Zygotes

from .launching import PROCESS, Launching, launchings
from .life import runs

pytestmark = pytest.mark.real_index

TOP = Path(__file__).parents[2]

PREPARATIONS = {
    "limits": """
os.umask(0o027)
os.nice(3)
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
resource.setrlimit(resource.RLIMIT_NOFILE, (768, 1024))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
""",
    "variables": """
os.environ.update(
    TZ="Asia/Tokyo", LC_ALL="C", LANG="C.UTF-8", PYTHONHASHSEED="7", PYTHONUTF8="0",
    PYTHONCOERCECLOCALE="0", PYTHONWARNINGS="error::UserWarning", PYTHONOPTIMIZE="1",
    PYTHONINTMAXSTRDIGITS="700", PYTHONFAULTHANDLER="1", OMP_NUM_THREADS="1", MALLOC_ARENA_MAX="1",
)
""",
}
"""What is done to a client before it starts kernels."""

PROBE = """
import faulthandler, locale, os, resource, sys, time, warnings
kept = {"Umask", "SigBlk", "SigIgn", "SigCgt", "Cpus_allowed", "Uid", "Gid", "Groups", "NoNewPrivs",
        "Seccomp", "CapEff", "CapBnd", "CoreDumping", "THP_enabled"}
for line in open("/proc/self/status"):
    if line.partition(":")[0] in kept:
        print(line.strip())
print(open("/proc/self/oom_score_adj").read(), open("/proc/self/cgroup").read(), os.nice(0))
for name in sorted(name for name in dir(resource) if name.startswith("RLIMIT_")):
    print(name, resource.getrlimit(getattr(resource, name)))
print(sorted(os.readlink(f"/proc/self/ns/{name}") for name in os.listdir("/proc/self/ns")))
print(os.getcwd(), os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid())
print(locale.setlocale(locale.LC_ALL), locale.getencoding(), sys.getfilesystemencoding())
print(time.tzname, time.strftime("%z"), sys.flags, sys.warnoptions, sys._xoptions)
print([(f[0], f[2].__name__) for f in warnings.filters], faulthandler.is_enabled())
print(sys.get_int_max_str_digits(), __debug__, sys.stdout.encoding, sys.getfilesystemencodeerrors())
print(hash("a text") if sys.flags.hash_randomization == 0 or "PYTHONHASHSEED" in os.environ else 0)
print(os.environ.get("OMP_NUM_THREADS"), os.get_terminal_size is not None, sys.stdin)
# Another command line, so another size: the numbers are addresses.
print([sorted(os.listdir("/proc/self/task")) == [str(os.getpid())], os.getpriority(0, 0)])
"""


WAYS = [launching for launching in launchings() if not launching.preload]
"""Those for notebooks without a header, which these are."""


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A Jupyter runtime folder of the test's own, and so zygotes of its own."""
    runtime = Path(tempfile.mkdtemp(prefix=PREFIX))
    yield runtime
    Zygotes(runtime / "zygotes").end()
    remove_tree(runtime)


@contextmanager
def client(
    kernel: str, launching: Launching, runtime: Path, preparation: str, code: str
) -> Iterator[tuple[subprocess.Popen[str], list[Any]]]:
    """A client that keeps the last of its kernels, and what it said of each."""
    often = 4 if launching.ahead else 2
    # A profile of its own: in the empty environment nothing of another's could be imported.
    paths = {"JUPYTER_RUNTIME_DIR": runtime, "IPYTHONDIR": runtime / "ipython", "PYTHONPATH": TOP}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fidelity.client", kernel, str(often), preparation, code],
        env={**os.environ, **launching.environ, **{k: str(v) for k, v in paths.items()}},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with ExitStack() as stack:
        stack.callback(process.wait, 60)
        stack.callback(process.kill)
        stack.enter_context(process.stdin)
        stack.enter_context(process.stdout)
        yield process, [json.loads(process.stdout.readline()) for _ in range(often)]
        if process.poll() is None:
            process.communicate("\n", 60)


@pytest.mark.parametrize("launching", WAYS, ids=str)
@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_a_kernel_inherits_what_a_plain_kernel_does(preparation, launching, place, runtime):
    code = PREPARATIONS[preparation]

    with client(place.plain.name, PROCESS, runtime, code, PROBE) as (_, said):
        plain = said[-1][2]
    with client("headstart", launching, runtime, code, PROBE) as (_, said):
        pass

    for _, _, ours in said:
        assert ours.splitlines() == plain.splitlines()
    kinds = {kind for _, kind, _ in said[1:]}
    assert kinds == ({"ForkedProcess"} if launching.is_forked else {"Popen"})


@pytest.mark.parametrize("launching", WAYS, ids=str)
def test_a_kernel_ends_when_its_client_is_killed(launching, place, runtime):
    with client("headstart", launching, runtime, "", "print(1)") as (process, said):
        kernel = said[-1][0]
        assert runs(kernel)

        process.kill()
        process.wait(60)

        until(lambda: not runs(kernel))
