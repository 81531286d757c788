"""What was meant to be a header and is none, in a notebook that has none."""

from __future__ import annotations

from .notebook import Notebook
from .script_block import lines_of, may_have_block

__all__ = ["misplaced_header"]

_OPENING = "# /// script"


def misplaced_header(notebook: Notebook) -> str:
    """A sentence on the first Markdown cell that holds a header, or ``""``.

    In Markdown a header is an example and means nothing; some have only forgotten to make the cell
    a code cell.
    """
    for cell in notebook.cells:
        if cell.kind == "markdown" and _opens_header(cell.source):
            return (
                f"What looks like a header in cell {cell.position + 1} is not read, for it is a "
                "Markdown cell: make it a code cell."
            )
    return ""


def _opens_header(source: str) -> bool:
    return may_have_block(source) and _OPENING in map(str.rstrip, lines_of(source))
