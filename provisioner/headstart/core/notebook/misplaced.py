"""Find what was meant to be a header where none is read, in a notebook without a header."""

from __future__ import annotations

from collections.abc import Iterator

from .code_lines import hidden_lines
from .find import Notebook, foreign_magic
from .jupytext import is_script, was_script
from .region import Region
from .script_block import lines_of, may_have_block

__all__ = ["misplaced_header"]

_OPENING = "# /// script"


def misplaced_header(notebook: Notebook) -> str:
    """A sentence about the first header in a cell or line where none is read, or ``""``.

    In Markdown, in a string or in the input of another program a header is an example, or not for
    this notebook: so it is no error. But it may have been put there by mistake.
    """
    for cell in notebook.cells:
        if cell.kind == "markdown" and _opening(cell.source) is not None:
            return (
                f"What looks like a header in cell {cell.position + 1} is not read, for it is a "
                "Markdown cell: make it a code cell."
            )
        if cell.kind == "code" and may_have_block(cell.source):
            region = Region(lines_of(cell.source), cell.position)
            if message := _in_code(region, strings=not was_script(notebook.metadata)):
                return message
    return next(filter(None, map(_in_code, _regions_of_text(notebook))), "")


def _regions_of_text(notebook: Notebook) -> Iterator[Region]:
    """The code cells of a Markdown notebook; of a script all comments are read."""
    text = notebook.text
    if text is None or is_script(notebook.path) or not may_have_block(text):
        return
    from .markdown import code_regions  # imported here: few notebooks are Markdown

    yield from (region for region in code_regions(lines_of(text)) if region.code)


def _in_code(region: Region, strings: bool = True) -> str:
    """A sentence about a header in a code cell that is not read, or ``""``."""
    source = "\n".join(region.lines)
    number = _opening(source)
    if number is None:
        return ""
    if magic := foreign_magic(source):
        why, hint = f"for {magic} gives the cell to another program", "put it into another cell."
    elif strings and number in hidden_lines(region.lines, number):
        why, hint = "for it is in a string or a here-document", "put it before that."
    else:
        return ""
    return f"What looks like a header in {region.at(number)} is not read, {why}: {hint}"


def _opening(source: str) -> int | None:
    """The 0-based number of the first line that opens a header."""
    lines = map(str.rstrip, lines_of(source)) if may_have_block(source) else ()
    return next((number for number, line in enumerate(lines) if line == _OPENING), None)
