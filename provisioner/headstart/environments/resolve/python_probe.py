"""Run by any Python: say as one JSON object what it is, and which wheels it accepts.

Standard library only, any Python from 3.8: nothing of ours can be imported there, for what we need
may be newer than that Python, as ``packaging`` is. The tags are those of ``packaging.tags``, in its
order; a test compares both. Markers are PEP 508.
"""

from __future__ import annotations

import importlib.machinery
import json
import os
import platform
import re
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

OLDEST = (3, 8)
SHORT = {"python": "py", "cpython": "cp", "pypy": "pp", "ironpython": "ip", "jython": "jy"}
MANYLINUX = {"x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"}
LEGACY = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
BITS_32 = struct.calcsize("P") == 4


def main() -> None:
    """Print what this Python is."""
    if sys.version_info < OLDEST:
        sys.exit("This Python is too old.")
    facts = {
        "path": getattr(sys, "_base_executable", sys.executable),
        "version": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": sysconfig.get_platform(),
        "tags": list(tags()),
        "markers": markers(),
    }
    sys.stdout.write(json.dumps(facts) + "\n")


def tags() -> Iterator[str]:
    """The tags of the wheels that it accepts, best first."""
    major, minor = sys.version_info[:2]
    name = SHORT.get(sys.implementation.name, sys.implementation.name)
    interpreter = name + (sysconfig.get_config_var("py_version_nodot") or f"{major}{minor}")
    platforms = list(platform_tags())
    if name == "cp":
        interpreter = f"cp{major}{minor}"
        abis = cpython_abis()
        stable = "abi3t" if "t" in abis[0] else "abi3"
        for abi in (*abis, stable, "none"):
            yield from (f"{interpreter}-{abi}-{one}" for one in platforms)
        for older in range(minor - 1, 1, -1):
            yield from (f"cp{major}{older}-{stable}-{one}" for one in platforms)
    else:
        for abi in (generic_abi(), "none"):
            yield from (f"{interpreter}-{abi}-{one}" for one in platforms if abi)
    pythons = [f"py{major}{minor}", f"py{major}"]
    pythons += [f"py{major}{older}" for older in range(minor - 1, -1, -1)]
    for python in pythons:
        yield from (f"{python}-none-{one}" for one in platforms)
    if name in ("cp", "pp"):
        yield f"{interpreter if name == 'cp' else 'pp3'}-none-any"
    yield from (f"{python}-none-any" for python in pythons)


def cpython_abis() -> list[str]:
    """Its ABI; builds for debugging load others too."""
    version = "cp{}{}".format(*sys.version_info[:2])
    if sys.version_info >= (3, 13) and sysconfig.get_config_var("Py_GIL_DISABLED"):
        version += "t"
    debug = sysconfig.get_config_var("Py_DEBUG")
    if debug is None:  # as on Windows
        loads_debug = "_d.pyd" in importlib.machinery.EXTENSION_SUFFIXES
        debug = hasattr(sys, "gettotalrefcount") or loads_debug
    return [version + "d", version] if debug else [version]


def generic_abi() -> str:
    """The ABI of what is not CPython, as the names of its extension modules have it."""
    parts = (sysconfig.get_config_var("EXT_SUFFIX") or "").split(".")
    soabi = parts[1].split("-") if len(parts) > 2 else [""]
    length = {"pypy": 2, "graalpy": 3}.get(re.sub(r"\d+$", "", soabi[0]), len(soabi))
    return normal("-".join(soabi[:length]))


def platform_tags() -> Iterable[str]:
    """The platforms of the wheels that it accepts, best first."""
    if platform.system() == "Darwin":
        return mac_platforms()
    if platform.system() == "Linux":
        return linux_platforms()
    return [normal(sysconfig.get_platform())]


def normal(text: str) -> str:
    """The text as tags have it."""
    return re.sub(r"[.\- ]", "_", text)


def linux_platforms() -> Iterator[str]:
    """Linux itself, then what is built for older versions of its C library (PEP 600, PEP 656)."""
    linux = normal(sysconfig.get_platform())
    if not linux.startswith("linux_"):
        yield linux
        return
    arch = linux[len("linux_") :]
    if BITS_32:
        arch = {"x86_64": "i686", "aarch64": "armv8l"}.get(arch, arch)
    archs = ["armv8l", "armv7l"] if arch == "armv8l" else [arch]
    yield from (f"linux_{one}" for one in archs)
    major, minor = glibc_version() if is_manylinux(archs) else (0, 0)
    oldest = 5 if {"x86_64", "i686"} & set(archs) else 17
    for one in archs:
        for version in range(minor, oldest - 1, -1) if major == 2 else ():
            yield f"manylinux_2_{version}_{one}"
            if (2, version) in LEGACY:
                yield f"{LEGACY[2, version]}_{one}"
    major, minor = musl_version()
    for one in archs:
        yield from (f"musllinux_{major}_{older}_{one}" for older in range(minor, -1, -1))


def is_manylinux(archs: Sequence[str]) -> bool:
    """Whether manylinux is defined for it: on 32-bit ARM for hard floats only."""
    if "armv7l" in archs:
        with Path(sys.executable).open("rb") as file:
            head = file.read(40)
        flags = struct.unpack_from("<I", head, 36)[0]
        return head[:4] == b"\x7fELF" and flags & 0xFF000400 == 0x05000400
    return "i686" in archs or bool(MANYLINUX & set(archs))


def glibc_version() -> tuple[int, int]:
    """Of the GNU C library that it runs with, (0, 0) if it runs with another."""
    try:
        match = re.match(r"\S+ (\d+)\.(\d+)", os.confstr("CS_GNU_LIBC_VERSION") or "")
    except (AttributeError, OSError, ValueError):
        match = None
    return (int(match[1]), int(match[2])) if match else (0, 0)


def musl_version() -> tuple[int, int]:
    """Of the musl that it runs with, (0, -1) if it runs with another C library."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return (0, -1)
    loader = re.search(r"/\S*/ld-musl-\S+", maps)
    if loader is None:
        return (0, -1)
    # Without a program musl's loader fails, and has its version in what it writes of that.
    usage = subprocess.run([loader[0]], stderr=subprocess.PIPE, text=True, check=False).stderr
    match = re.match(r"musl[^\n]*\s+Version (\d+)\.(\d+)", usage)
    return (int(match[1]), int(match[2])) if match else (0, -1)


def mac_platforms() -> Iterator[str]:
    """The versions of macOS that it runs programs of, each with its kinds of binaries."""
    text, _, arch = platform.mac_ver()
    version = tuple(map(int, text.split(".")[:2]))
    if version == (10, 16):  # what a Python that was built for an older macOS is told
        command = [sys.executable, "-sS", "-c", "import platform; print(platform.mac_ver()[0])"]
        environ = {"SYSTEM_VERSION_COMPAT": "0"}
        text = subprocess.run(
            command, env=environ, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        version = tuple(map(int, text.split(".")[:2]))
    if BITS_32:
        arch = "ppc" if arch.startswith("ppc") else "i386"
    if version < (11, 0):
        for minor in range(version[1], -1, -1):
            yield from (f"macosx_10_{minor}_{kind}" for kind in mac_binaries((10, minor), arch))
        return
    for major in range(version[0], 10, -1):
        yield from (f"macosx_{major}_0_{kind}" for kind in mac_binaries((major, 0), arch))
    for minor in range(16, 3, -1):
        kinds = mac_binaries((10, minor), arch) if arch == "x86_64" else ["universal2"]
        yield from (f"macosx_10_{minor}_{kind}" for kind in kinds)


def mac_binaries(version: tuple[int, ...], arch: str) -> list[str]:
    """The kinds of binaries that run on a processor under a version of macOS."""
    since = {"x86_64": (10, 4), "i386": (10, 4), "ppc64": (10, 4)}.get(arch, (0, 0))
    until = {"ppc64": (10, 5), "ppc": (10, 6)}.get(arch, (99, 0))
    if not since <= version <= until:
        return []
    fat = {
        "x86_64": ["intel", "fat64", "fat3"],
        "i386": ["intel", "fat3", "fat"],
        "ppc64": ["fat64"],
        "ppc": ["fat3", "fat"],
    }
    kinds = [arch, *fat.get(arch, [])]
    kinds += ["universal2"] if arch in ("arm64", "x86_64") else []
    return kinds + (["universal"] if arch in fat else [])


def markers() -> dict[str, str]:
    """The markers of PEP 508."""
    info = sys.implementation.version
    full = f"{info.major}.{info.minor}.{info.micro}"
    if info.releaselevel != "final":
        full += f"{info.releaselevel[0]}{info.serial}"
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": full,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


if __name__ == "__main__":
    main()
