"""What machine this is, and what it was doing: without that a figure says little."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("headstart", "ipykernel", "jupyter-client", "nbclient", "jupyterlab", "uv")


def facts(folder: Path) -> dict[str, str]:
    """Names of facts, and the facts.

    :param folder: where the benchmarks write.
    """
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return {
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{_memory() / 2**30:.0f} GiB",
        "file system": _file_system(folder),
        "Python": platform.python_version(),
        "packages": versions,
        "load before": load(),
    }


def load() -> str:
    """How many processes ran or waited: in the last minute, five and fifteen."""
    return " / ".join(f"{figure:.1f}" for figure in os.getloadavg())


def commit() -> str:
    """Which commit of the source this is; with a + if something else has been changed."""
    root = Path(__file__).parents[2]
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    return described.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory() -> int:
    """Bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _file_system(folder: Path) -> str:
    """Its type, from the longest mount point above a folder."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    above = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above, key=lambda found: len(found[0]), default=("", "unknown"))[1]
