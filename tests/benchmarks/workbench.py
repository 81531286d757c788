"""What the benchmarks share: a folder, a store in it, notebooks, and plain venvs beside it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from uv import find_uv_bin

from headstart import envvars
from headstart.core.header.normalise import spec_of
from headstart.core.header.parse import parse_header
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.notebook.find import find_header
from headstart.core.store.manifest import Environment, EnvironmentKind
from headstart.environments.context import Context, open_context
from headstart.environments.ready import Ready, ensure
from headstart.environments.upkeep.compile_wheels import compile_missing
from headstart.request.notebook_files import read_notebook
from headstart.settings import read_settings
from headstart.store.leases import Lease, take_lease
from tests.benchmarks.clients import Kernel
from tests.benchmarks.launchings import Launching

LINK_MODE = "hardlink"
"""The same for both sides; what uv itself does where it cannot clone."""

KERNELSPEC = {"display_name": "Python (notebook header)", "language": "python", "name": "headstart"}

PADDING = 50_000
"""Bytes of the plot in a cell that makes a notebook large."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """A folder on one file system, for store, notebooks and plain environments.

    :param count: numbers for names that are not to be used twice.
    :param plain: kernelspecs of plain kernels, by the packages of their venvs.
    """

    folder: Path
    context: Context
    count: Iterator[int] = field(default_factory=itertools.count)
    plain: dict[tuple[str, ...], str] = field(default_factory=dict)

    def uv(self, *arguments: str | Path) -> None:
        """Run bare uv, with the store's cache so that both sides have the same wheels at hand."""
        subprocess.run(
            [find_uv_bin(), "--quiet", *map(str, arguments)],
            check=True,
            cwd=self.folder,
            env={
                **os.environ,
                "UV_CACHE_DIR": str(self.context.store.uv_cache),
                "UV_LINK_MODE": LINK_MODE,
            },
        )

    def path(self, name: str) -> Path:
        """A path that was not there before."""
        return self.folder / f"{name}-{next(self.count)}"

    def notebook(
        self, dependencies: Sequence[str], *, fields: str = "", padding: int = 0, cell: str = ""
    ) -> Path:
        """Write a notebook with this header, in a folder of its own.

        :param fields: more lines of the header, without their ``#``.
        :param padding: bytes of outputs.
        :param cell: a cell below the header.
        """
        lines = ["dependencies = [", *(f'    "{text}",' for text in dependencies), "]"]
        header = "\n".join(f"# {line}" for line in [*lines, *fields.splitlines()])
        notebook = new_notebook(metadata={"kernelspec": KERNELSPEC})
        notebook.cells = [
            new_code_cell(f"# /// script\n{header}\n# ///"),
            *([new_code_cell(cell)] if cell else []),
            *(_padded_cell() for _ in range(padding // PADDING)),
        ]
        folder = self.path("notebook")
        folder.mkdir()
        nbformat.write(notebook, folder / "notebook.ipynb")
        return folder / "notebook.ipynb"

    def ensure(self, path: Path) -> Ready:
        """The environment of a notebook, on the line that a kernel start follows."""
        return ensure(spec_at(path), self.context)

    def known(self, path: Path) -> Ready:
        """The environment of a notebook, built of known wheels, with bytecode; closed."""
        with self.ensure(path) as ready:
            environment = ready.environment.environment
        manifest = environment.manifest
        if manifest.bytecode:
            return ready
        _, _, tag = manifest.parts[0].partition("/")
        compile_missing(self.context.store, manifest.python_path, tag)
        self.forget(environment)
        with self.ensure(path) as ready:
            assert ready.environment.environment.manifest.bytecode
        return ready

    def forget(self, environment: Environment) -> None:
        """Make a published environment unknown, by moving it out of the store."""
        Path(environment.prefix).rename(self.path("used"))

    def lease_ephemeral(self) -> Iterator[Lease]:
        """Leases on the ephemeral environments in use, so that they stay when their kernels end."""
        store = self.context.store
        for entry in store.entries():
            if entry.kind is EnvironmentKind.EPHEMERAL and entry.in_use:
                yield take_lease(store.layout.lease(entry.key), create=False)

    def ours(
        self, notebook: Path, launching: Launching, transport: str = "ipc", index: str = ""
    ) -> Kernel:
        """The kernel of ours for a notebook.

        :param index: URL of the default index, if it is not the one that uv is configured with.
        """
        environ = {
            envvars.STORE: str(self.context.settings.store),
            envvars.LINK_MODE: LINK_MODE,
            envvars.TRANSPORT: transport,
            **({envvars.DEFAULT_INDEX: index} if index else {}),
            **launching.environ,
        }
        return Kernel("headstart", notebook, environ)

    def theirs(self, notebook: Path, transport: str = "ipc") -> Kernel:
        """A plain kernel in a venv of the same packages."""
        ready = self.known(notebook)
        packages = tuple(sorted(pins(ready)))
        if packages not in self.plain:
            self.plain[packages] = self._plain_venv(ready)
        sockets = self.folder if transport == "ipc" else None
        return Kernel(self.plain[packages], notebook, sockets=sockets)

    def _plain_venv(self, ready: Ready) -> str:
        """A venv of the same packages and ipykernel, with bytecode, and a kernelspec for it."""
        venv = self.path("plain")
        self.uv("venv", "--python", base_python(ready), venv)
        install = ("pip", "install", "--python", venv / "bin" / "python", "--compile-bytecode")
        self.uv(*install, *pins(ready))
        return self.kernelspec(venv)

    def kernelspec(self, venv: Path) -> str:
        """Make a kernelspec for the ipykernel in a venv, as ipykernel does; its name."""
        spec = Path(os.environ["JUPYTER_DATA_DIR"], "kernels", venv.name, "kernel.json")
        spec.parent.mkdir(parents=True)
        argv = [str(venv / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        about = {"debugger": True, "supported_encryption": ["curve"]}
        content = {"argv": argv, "display_name": "", "language": "python", "metadata": about}
        spec.write_text(json.dumps(content))
        return venv.name


def pins(ready: Ready) -> list[str]:
    """Requirements for what environment and kernel layer hold together."""
    layer = {item.name: item.version for item in ready.layer.environment.manifest.distributions}
    return [f"{name}=={version}" for name, version in {**layer, **ready.lock.versions}.items()]


def base_python(ready: Ready) -> str:
    """Path of the Python below an environment."""
    return ready.environment.environment.manifest.python_path


def _padded_cell() -> nbformat.NotebookNode:
    """A cell with a plot of `PADDING` bytes, as most of a large notebook is."""
    output = nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0K" * (PADDING // 8)})
    return new_code_cell("axes = frame.plot()\naxes.set_title('one of many')", outputs=[output])


def spec_at(path: Path) -> EnvironmentSpec:
    """Find, parse and normalise the header of the notebook at ``path``."""
    found = find_header(read_notebook(path))
    return spec_of(parse_header(found) if found else None)


def open_workbench(folder: Path, store: Path | None = None) -> Workbench:
    """A workbench in an empty folder.

    :param store: a store on the same file system; if there is none, the workbench has its own.
    """
    settings = replace(read_settings(), store=store or folder / "store", link_mode=LINK_MODE)
    return Workbench(folder, open_context(settings))
