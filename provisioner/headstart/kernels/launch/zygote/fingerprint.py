"""What a process inherits and cannot change later, as a digest: it names the zygote to ask.

A kernel may be forked from a process with the same digest only. What a forked process can change
is none of it: folder, umask, descriptors, signals' dispositions, most variables.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
from collections.abc import Mapping
from pathlib import Path

__all__ = ["context_digest", "counts", "host"]

STATUS = frozenset(
    {
        "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
        "Seccomp", "Seccomp_filters", "Speculation_Store_Bypass", "SpeculationIndirectBranch",
        "Cpus_allowed", "Mems_allowed", "SigIgn", "SigBlk", "THP_enabled",
    }
)  # fmt: skip
"""Lines of ``/proc/thread-self/status``: a child is like the thread that starts it."""

FILES = ("cgroup", "oom_score_adj", "personality", "attr/current", "loginuid")
"""Files of ``/proc/thread-self`` that hold what is inherited."""

DESCRIPTORS = ("RLIMIT_NOFILE", "RLIMIT_OFILE")
"""Names of the limit of which only the hard one counts: a forked kernel changes the other."""

PREFIXES = (
    "_PYTHON", "DEBUGPY_", "GEVENT_", "GLIBC_", "IPYTHON", "LC_", "LD_", "MALLOC_", "OPENSSL_",
    "PYCHARM_", "PYDEV", "PYTHON", "PYZMQ_", "TORNADO_", "TRAITLETS_",
)  # fmt: skip
NAMES = frozenset(
    {
        "DISPLAY", "HOME", "JUPYTER_ALLOW_INSECURE_WRITES", "JUPYTER_PLATFORM_DIRS",
        "JUPYTER_USE_PROGRAMDATA", "LANG", "LANGUAGE", "LOCPATH", "TERM", "USER",
    }
)  # fmt: skip
"""Variables that the loader, the C library, Python and a kernel's modules read when they start. A
zygote knows which its own modules have read, and refuses kernels with other values of them."""


def context_digest(command: list[str], environ: Mapping[str, str]) -> str:
    """What a kernel started by this thread would inherit, as 16 hexadecimal digits.

    :param command: the kernel's argv; only Python and launcher count, and the layer they are in.
    :param environ: the kernel's variables.
    :raises OSError: if it cannot be known, as on other systems than Linux.
    """
    task = Path("/proc/thread-self")
    status = (line.partition(":") for line in (task / "status").read_text().splitlines())
    context = [
        command[:2],
        _identity(Path(command[0])),
        sorted((name, value) for name, _, value in status if name in STATUS),
        [_text(task / name) for name in FILES],
        _text(Path("/proc/self/coredump_filter")),
        sorted((link.name, str(link.readlink())) for link in (task / "ns").iterdir()),
        str((task / "root").readlink()),
        os.sched_getscheduler(0),
        os.getpriority(os.PRIO_PROCESS, 0),
        _limits(),
        sorted((name, value) for name, value in environ.items() if counts(name)),
    ]
    return hashlib.sha256(json.dumps(context).encode()).hexdigest()[:16]


def host() -> str:
    """This host since it was started, as 8 hexadecimal digits; homes may be shared with others.

    :raises OSError: if it cannot be known.
    """
    return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]


def _identity(python: Path) -> list[int]:
    """A layer that was damaged and built again has the same path and another identity."""
    status = python.lstat()
    return [status.st_dev, status.st_ino, status.st_ctime_ns]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):  # not every kernel has each
        return ""


def _limits() -> list[tuple[int, ...]]:
    limits: list[tuple[int, ...]] = []
    for name in sorted(name for name in vars(resource) if name.startswith("RLIMIT_")):
        soft, hard = resource.getrlimit(getattr(resource, name))
        limits.append((hard,) if name in DESCRIPTORS else (soft, hard))
    return limits


def counts(name: str) -> bool:
    """Whether a variable may bear on a process before it can be changed."""
    return name in NAMES or name.startswith(PREFIXES)
