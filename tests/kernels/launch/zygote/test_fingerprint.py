"""What makes another zygote of a kernel's context, and what does not."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from headstart.kernels.launch.zygote.fingerprint import context_digest

SAY = (
    "from headstart.kernels.launch.zygote.fingerprint import context_digest as d; import os, sys; "
)
DIGEST = "print(d([sys.executable, 'x'], dict(os.environ)))"


def digest(before: str = "", command: tuple[str, ...] = (), **environ: str) -> str:
    """The digest in a process of its own, which does something before."""
    done = subprocess.run(
        [*command, sys.executable, "-c", f"{SAY}{before}\n{DIGEST}"],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "change",
    [
        "os.nice(1)",
        "os.sched_setaffinity(0, {0})",
        "os.setgroups([*os.getgroups(), 7]) if os.geteuid() == 0 else os.nice(1)",
        "import resource as r; r.setrlimit(r.RLIMIT_CPU, (99, 99))",
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (99, 99))",
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)",
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])",
        "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))",
        "open('/proc/self/oom_score_adj', 'w').write('500')",
        "open('/proc/self/coredump_filter', 'w').write('1')",
    ],
)
def test_what_cannot_be_changed_after_a_fork_counts(change: str) -> None:
    assert digest(change) != digest()


@pytest.mark.parametrize(
    "change",
    [
        "os.umask(0o77)",
        "os.chdir('/')",
        "os.setsid()",
        "import signal; signal.signal(signal.SIGUSR1, print)",
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (99, r.getrlimit(r.RLIMIT_NOFILE)[1]))",
        "import threading; threading.stack_size(1 << 20)",
    ],
)
def test_what_a_forked_kernel_gets_anyway_does_not(change: str) -> None:
    assert digest(change) == digest()


@pytest.mark.parametrize(
    "name", ["LD_LIBRARY_PATH", "MALLOC_ARENA_MAX", "PYTHONHASHSEED", "GLIBC_TUNABLES", "LC_ALL"]
)
def test_variables_that_are_read_at_the_start_count(name: str) -> None:
    command = [sys.executable, "launcher.py"]
    environ = {"HOME": "/", "OMP_NUM_THREADS": "1", "JPY_SESSION_NAME": "a"}
    first = context_digest(command, environ)
    assert context_digest(command, {**environ, "OMP_NUM_THREADS": "2"}) == first
    assert context_digest(command, {**environ, name: ""}) != first


def test_a_layer_that_was_built_again_is_another(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    first = context_digest([str(python), "launcher.py", "{}"], {})
    assert context_digest([str(python), "launcher.py", "[]"], {}) == first
    python.rename(tmp_path / "old")
    python.symlink_to(sys.executable)
    assert context_digest([str(python), "launcher.py"], {}) != first


def test_it_takes_a_moment_only() -> None:
    before = resource.getrusage(resource.RUSAGE_THREAD)
    for _ in range(100):
        context_digest([sys.executable, "launcher.py"], dict(os.environ))
    after = resource.getrusage(resource.RUSAGE_THREAD)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1
