"""Read from the code cells of a notebook without a header what they import and install."""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from ..notebook.find import PYTHON_MAGICS, Cell, Notebook
from ..notebook.jupytext import is_script
from ..notebook.markdown import code_regions
from ..notebook.script_block import lines_of

__all__ = ["Install", "code_cells", "imported_modules", "installs"]

_MAGIC = re.compile(r"^(\s*)(?:[%!]|\w+(?:\s*,\s*\w+)*\s*=\s*[%!]|[?]|\S+\?\??\s*$)")
_COMMENTED_MAGIC = re.compile(r"^# (?=[%!]\w)", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_IMPORT_LINE = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<origin>[A-Za-z_][\w.]*)[ \t]+import\b"
    r"|import[ \t]+(?P<names>[A-Za-z_][\w., \t]*))",
    re.MULTILINE,
)
_INSTALL = re.compile(
    r"^\s*(?:[%!]\s*)?(?:\S*python[\d.]*\s+-m\s+|\{sys\.executable\}\s+-m\s+|uv\s+)*"
    r"(?P<tool>pip3?|conda|mamba|micromamba)\s+install\s+(?P<rest>.*)$"
)
_WITH_VALUE = frozenset(
    {"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix",
     "-c", "--constraint", "-r", "--requirement", "-e", "--editable", "-n", "--name", "--channel",
     "--progress-bar", "--timeout", "--python", "-p"}
)  # fmt: skip
MAX_CHARACTERS = 1_000_000
"""Characters of a cell that are read; longer cells contain data."""


@dataclass(frozen=True, slots=True)
class Install:
    """A command in a cell that installs packages: its requirements and options.

    ``cell`` is the 0-based index of its cell; ``tool`` is ``pip`` or ``conda``; ``options`` are
    those for files, indexes and the like, each with its value.
    """

    cell: int
    tool: str
    requirements: tuple[str, ...]
    options: tuple[str, ...] = ()


def imported_modules(cells: tuple[Cell, ...]) -> dict[str, int]:
    """Dotted names that the code cells import, with the 0-based index of the first such cell.

    Relative imports do not count. A cell that is not valid Python is read line by line.
    """
    modules: dict[str, int] = {}
    for cell in cells:
        if cell.kind == "code":
            for name in _imports(cell.source[:MAX_CHARACTERS]):
                modules.setdefault(name, cell.position)
    return modules


def _imports(source: str) -> Iterator[str]:
    magic = _CELL_MAGIC.match(source)
    if magic and magic[1] not in PYTHON_MAGICS:
        return
    lines = source.split("\n")[1 if magic else 0 :]
    # A magic becomes a statement, for it may be the only one of an indented block.
    code = "\n".join(_MAGIC.sub(r"\1pass #", line) for line in lines)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the notebook's code, as for "\d" in a string
            yield from _imports_of_tree(ast.parse(code))
    # The parser raises MemoryError where nesting overflows its stack.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from _imports_of_lines(code)


def _imports_of_tree(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            # A name may be a module: in ``from google.cloud import storage`` it tells the package.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _imports_of_lines(code: str) -> Iterator[str]:
    for match in _IMPORT_LINE.finditer(code):
        if match["origin"]:
            yield match["origin"]
        else:
            for name in match["names"].split(","):
                if words := name.split():
                    yield words[0]


def installs(cells: tuple[Cell, ...]) -> Iterator[Install]:
    """The commands that install packages: ``%pip install``, ``!pip install`` and the like."""
    for cell in cells:
        if cell.kind != "code" or "install" not in cell.source:
            continue
        for line in _logical_lines(cell.source[:MAX_CHARACTERS]):
            match = _INSTALL.match(line) if len(line) < 10_000 else None
            if match:
                tool = "pip" if match["tool"].startswith("pip") else "conda"
                yield Install(cell.position, tool, *_arguments(match["rest"]))


def _logical_lines(source: str) -> Iterator[str]:
    yield from source.replace("\\\n", " ").split("\n")


def _arguments(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The requirements of an install command, and its options that have values."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        words = text.split()
    requirements: list[str] = []
    options: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in ("&&", "||", ";", "|", ">", "2>", "&>", ">/dev/null"):
            break
        if word in _WITH_VALUE:
            options.append(f"{word} {next(rest, '')}".strip())
        elif word.startswith("-"):
            options += [word] if "=" in word else []
        else:
            requirements.append(word.rstrip(";"))
    return tuple(filter(None, requirements)), tuple(options)


def code_cells(notebook: Notebook) -> tuple[Cell, ...]:
    """The code cells of a notebook, also of a text notebook.

    A script counts as one cell. In it jupytext writes magics as comments, which are undone here.
    """
    if notebook.text is None:
        return tuple(cell for cell in notebook.cells if cell.kind == "code")
    if is_script(notebook.path):
        return (Cell(0, "code", _COMMENTED_MAGIC.sub("", notebook.text)),)
    regions = code_regions(lines_of(notebook.text))
    return tuple(Cell(n, "code", "\n".join(region.lines)) for n, region in enumerate(regions))
