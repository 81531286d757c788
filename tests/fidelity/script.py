"""Scripts for the most used packages, one each: what a notebook does with it, cell by cell.

A cell begins with a line ``# %%``; ``# %% raises KeyError`` says how it has to end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .launching import is_long

FOLDER = Path(__file__).parent / "scripts"

CELL = "# %%"

QUICK = ("ipywidgets", "matplotlib", "numpy", "pandas")
"""What every run of the tests compares: they share the environment of the probes."""

STANDARD_LIBRARY = "python-"
"""How the names of scripts begin that need no package."""

NEEDS = {
    "dask": ["dask[array,dataframe]"],
    "pandas": ["pandas", "jinja2"],
    "plotly": ["plotly", "nbformat"],
}
"""What scripts need, where that is more than the package."""


MODULES = {"opencv-python-headless": "cv2", "pillow": "PIL", "scikit-learn": "sklearn"}
"""What packages are imported as, where that is another name."""


@dataclass(frozen=True)
class Cell:
    """A cell, and the name of the exception that it ends with, or ``""``."""

    source: str
    raises: str


def scripts() -> list[str]:
    """The names of the scripts that are to be run, which are those of packages."""
    everything = all_scripts()
    if is_long():
        return everything
    return [name for name in everything if name in QUICK or name.startswith(STANDARD_LIBRARY)]


def all_scripts() -> list[str]:
    """The names of all scripts."""
    return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("*.py"))


def requirements(names: Iterable[str]) -> list[str]:
    """What scripts need."""
    packages = [name for name in names if not name.startswith(STANDARD_LIBRARY)]
    return [line for name in packages for line in NEEDS.get(name, [name])]


def modules(script: str) -> tuple[str, ...]:
    """What a header may name to be imported ahead of a script."""
    if script.startswith(STANDARD_LIBRARY):
        return ("decimal", "sqlite3")
    return (MODULES.get(script, script),)


def read_script(name: str) -> list[Cell]:
    """A script's cells."""
    text = (FOLDER / f"{name.replace('-', '_')}.py").read_text()
    return [_cell(block) for block in text.split(f"\n{CELL}")[1:]]


def _cell(block: str) -> Cell:
    title, _, source = block.partition("\n")
    return Cell(source.strip(), title.strip().removeprefix("raises "))
