"""Is memory short? As the kernel says, for the whole machine and for this process's cgroup."""

import os

LITTLE = 0.05
"""Share of all memory: with less of it available, it is short."""

STALLED = 10.0
"""Per cent of the last ten seconds in which all processes were stalled for lack of memory."""


def is_short() -> bool:
    """Whether a process that only serves to save time should end."""
    return _little(_read("/proc/meminfo")) or any(
        _stalled(_read(path)) for path in ("/proc/pressure/memory", _cgroup_pressure())
    )


def _little(meminfo: str) -> bool:
    """From the text of ``/proc/meminfo``."""
    sizes = {}
    for line in meminfo.splitlines():
        name, _, value = line.partition(":")
        sizes[name] = int(value.split()[0])
    return sizes.get("MemAvailable", 1) < LITTLE * sizes.get("MemTotal", 1)


def _stalled(pressure: str) -> bool:
    """From the text of a ``memory.pressure``: ``full avg10=0.00 avg60=0.00 ...``."""
    for line in pressure.splitlines():
        kind, *figures = line.split()
        if kind == "full":
            return float(dict(figure.split("=") for figure in figures)["avg10"]) > STALLED
    return False


def _cgroup_pressure() -> str:
    for line in _read("/proc/self/cgroup").splitlines():
        if line.startswith("0::"):
            return os.path.join("/sys/fs/cgroup", line[3:].strip("/"), "memory.pressure")
    return ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
