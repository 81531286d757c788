"""What the benchmarks share: a folder, a store in it, notebooks, and bare uv beside it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from uv import find_uv_bin

from headstart.core.header import parse_header
from headstart.core.notebook import find_header
from headstart.core.spec import EnvironmentSpec, spec_of
from headstart.environments.context import Context, open_context
from headstart.environments.ensure import Ready, ensure
from headstart.notebooks import read_notebook
from headstart.settings import read_settings

LINK_MODE = "hardlink"
"""The same for both sides; what uv itself does where it cannot clone."""

KERNELSPEC = {"display_name": "Python (notebook header)", "language": "python", "name": "headstart"}


@dataclass(frozen=True, slots=True)
class Workbench:
    """A folder on one file system, for store, notebooks and plain environments."""

    folder: Path
    context: Context

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

    def notebook(self, name: str, dependencies: Sequence[str], padding: int = 0) -> Path:
        """Write a notebook with this header, and ``padding`` bytes of outputs."""
        lines = "".join(f'#     "{text}",\n' for text in dependencies)
        notebook = new_notebook(metadata={"kernelspec": KERNELSPEC})
        notebook.cells = [
            new_code_cell(f"# /// script\n# dependencies = [\n{lines}# ]\n# ///"),
            *(_padded_cell() for _ in range(padding // PADDING)),
        ]
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def ensure(self, path: Path) -> Ready:
        """The environment of a notebook, on the line that a kernel start follows."""
        return ensure(spec_at(path), self.context)


PADDING = 50_000


def _padded_cell() -> nbformat.NotebookNode:
    """A cell with a plot of `PADDING` bytes, as most of a large notebook is."""
    output = nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0K" * (PADDING // 8)})
    return new_code_cell("axes = frame.plot()\naxes.set_title('one of many')", outputs=[output])


def spec_at(path: Path) -> EnvironmentSpec:
    """Find, parse and normalise the header of the notebook at ``path``."""
    found = find_header(read_notebook(path))
    return spec_of(parse_header(found) if found else None)


def open_workbench(folder: Path) -> Workbench:
    """A workbench in an empty folder."""
    settings = replace(read_settings(), store=folder / "store", link_mode=LINK_MODE)
    return Workbench(folder, open_context(settings))
