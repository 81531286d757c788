"""A wheel that stands in for ipykernel, so that a kernel layer needs no network and no time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from headstart.testing.wheels import make_wheel

# It loads nothing that a test may want to be not loaded, and searches where IPython would.
APP = """
import sys

class IPKernelApp:
    @classmethod
    def instance(cls):
        return cls()

    def init_path(self):
        names = [path.rpartition("/")[2] for path in sys.path]
        sys.path.insert(names.index("site-packages"), "")
"""


def make_ipykernel(
    folder: Path, version: str = "7.0", app: str = "", requires: Iterable[str] = ()
) -> Path:
    """Write a wheel of ipykernel that has the modules which are imported, and nothing in them.

    :param app: text of ``ipykernel.kernelapp``.
    """
    modules = {f"ipykernel/{name}.py": "" for name in ("__init__", "ipkernel", "zmqshell")}
    modules["ipykernel/kernelapp.py"] = app
    return make_wheel(folder, "ipykernel", version, modules, requires)
