"""What a kernel layer holds besides ipykernel: our own package, and a trial of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ...errors import BuildError
from .skeleton import File

__all__ = ["layer_files", "loaded_distributions"]

_SECONDS = 120
"""How long the layer's Python may take to load what a kernel loads."""

_LOAD = """
import sys
import headstart_kernel.app, ipykernel.ipkernel, ipykernel.kernelapp, ipykernel.zmqshell
from importlib.metadata import distributions
loaded = {name.partition(".")[0] for name in sys.modules}
for found in distributions():
    if any(file.parts[0].partition(".")[0] in loaded for file in found.files or ()):
        print(found.metadata["Name"])
"""


def layer_files(bytecode: bool, site_packages: str) -> dict[str, File]:
    """Our own files in a layer, by path relative to the prefix.

    :param bytecode: all modules of the layer have their bytecode beside them.
    """
    from headstart_kernel.install import START_OF_PATH, package_files, start_of_path

    files = {
        f"{site_packages}/headstart_kernel/{name}": File(content)
        for name, content in package_files().items()
    }
    return {
        **files,
        f"{site_packages}/{START_OF_PATH}": File(start_of_path(bytecode).encode()),
    }


def loaded_distributions(prefix: Path) -> tuple[str, ...]:
    """Names of the distributions that a kernel of the layer has loaded when it attaches.

    Also the layer's trial: one that cannot load a kernel is not published.
    """
    from packaging.utils import canonicalize_name

    names = _run(prefix, "-B", "-c", _LOAD).split()
    return tuple(sorted(map(canonicalize_name, names)))


def _run(prefix: Path, *arguments: str) -> str:
    """Run the layer's own Python, isolated from whatever lies around."""
    done = subprocess.run(
        [prefix / "bin" / "python", "-I", *arguments],
        cwd=prefix,
        env={},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout
    last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    raise BuildError(f"The kernel layer does not work: {last}.", log=done.stderr)
