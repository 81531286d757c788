"""The files that Headstart puts into layers and environments, as values.

Runs in Jupyter's Python: the build of an environment writes what these functions return.
"""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Dict, Tuple

START_OF_PATH = "00_headstart.pth"
"""First of the environment's ``.pth`` files, so that whatever the others import leaves no bytecode
in the environment: it goes to the store's ``pycache``. An environment with its bytecode inside
lacks that of ``python -O`` only."""

END_OF_PATH = "zz_headstart.pth"
"""Last of them: what the kernel layer has comes after everything of the environment's own."""

_BYTECODE = (
    "import os, sys; sys.pycache_prefix = sys.pycache_prefix or {}os.path.join("
    "os.path.dirname(os.path.dirname(sys.prefix)), 'pycache')\n"
)
_OPTIMISED = "(sys.flags.optimize or None) and "

_LAYER = (
    "import os, sys; sys.path.extend("
    "path for path in os.environ.get('HEADSTART_KERNEL_LAYER', '').split(os.pathsep)[1:] "
    "if os.environ['HEADSTART_KERNEL_LAYER'].split(os.pathsep)[0] == sys.prefix "
    "and path not in sys.path)\n"
)

_SCRIPT = """\
#!/bin/sh
here=$(dirname -- "$0")
exec "$here/python" "$here/../share/headstart/shim.py" {program} "$@"
"""

_SHIM = '''\
"""Headstart's stand-in for pip and uv: ``shim.py (pip|uv) ARGUMENT...``."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from headstart_shim.answers import main

sys.exit(main(sys.argv[1:]))
'''

_PIP_MODULE = '''\
"""Headstart's stand-in for pip: answers for this environment, and changes nothing."""


def main(args=None):
    """As pip's own, which old notebooks call: the exit status of ``pip ARGUMENT...``."""
    import subprocess
    import sys

    return subprocess.call([sys.executable, "-m", "pip", *(sys.argv[1:] if args is None else args)])
'''

_PIP_MAIN = '''\
"""``python -m pip``: run the stand-in beside this package."""

import pathlib
import runpy
import sys

sys.argv[1:1] = ["pip"]
runpy.run_path(str(pathlib.Path(__file__).parents[2] / "shim.py"), run_name="__main__")
'''


def files_for_environment(
    python_version: str, site_packages: str, has_pip: bool, has_uv: bool, bytecode: bool = False
) -> Dict[str, Tuple[str, bool]]:
    """The files that make an environment one of ours.

    :param python_version: major and minor version, ``3.11``.
    :param site_packages: the environment's site-packages, relative to its prefix, with ``/``.
    :param has_pip: the lock holds pip: the user asked for the real one.
    :param has_uv: the lock holds uv.
    :param bytecode: all modules of the environment have their bytecode next to them.
    :return: text, and whether the file is executable, by path relative to the prefix.
    """
    up = "/".join([".."] * len(site_packages.split("/")))
    shims = up + "/share/headstart/python\n"
    programs = {} if has_pip else {"pip": "pip", "pip3": "pip", "pip" + python_version: "pip"}
    if not has_uv:
        programs["uv"] = "uv"
    files = {
        "%s/%s" % (site_packages, START_OF_PATH): (start_of_path(bytecode), False),
        "%s/%s" % (site_packages, END_OF_PATH): (("" if has_pip else shims) + _LAYER, False),
        "share/headstart/shim.py": (_SHIM, False),
    }
    for name in sorted(os.listdir(_SHIM_FOLDER)):
        if name.endswith(".py"):
            files["share/headstart/lib/headstart_shim/" + name] = (_text("shim/" + name), False)
    if not has_pip:
        files["share/headstart/python/pip/__init__.py"] = (_PIP_MODULE, False)
        files["share/headstart/python/pip/__main__.py"] = (_PIP_MAIN, False)
    for name, program in programs.items():
        files["bin/" + name] = (_SCRIPT.format(program=program), True)
    return files


def start_of_path(bytecode: bool) -> str:
    """The text of `START_OF_PATH`, for environments and layers alike."""
    return _BYTECODE.format(_OPTIMISED if bytecode else "")


def package_files() -> Dict[str, bytes]:
    """The files of this package, by path relative to the package's folder, for a layer."""
    folder = Path(__file__).parent
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.py"))
    }


def digest() -> str:
    """SHA-256 over the package's files, in hex: part of the key of every layer.

    Each kernel's start needs it, so the files are read again only if one of them has changed.
    """
    files = [(path, path.stat()) for path in Path(__file__).parent.rglob("*.py")]
    stamps = [(os.fspath(path), s.st_ino, s.st_size, s.st_mtime_ns) for path, s in files]
    return _digest(tuple(sorted(stamps)))


@lru_cache(maxsize=1)
def _digest(_stamps: Tuple[Tuple[str, int, int, int], ...]) -> str:
    result = hashlib.sha256()
    for name, content in package_files().items():
        result.update(("%s\0%d\0" % (name, len(content))).encode())
        result.update(content)
    return result.hexdigest()


def launcher_path(site_packages: str) -> str:
    """Path of the launcher in a layer whose site-packages is ``site_packages``."""
    return os.path.join(site_packages, "headstart_kernel", "launcher.py")


_SHIM_FOLDER = Path(__file__).parent / "shim"


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
