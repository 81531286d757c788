"""A notebook with one of its cells as it is run, which is newer than what is known of it."""

from __future__ import annotations

from .model import Cell, Notebook
from .script_block import may_nearly_have_block

__all__ = ["with_cell_run"]


def with_cell_run(notebook: Notebook, source: str) -> Notebook:
    """The notebook with ``source`` for the code cell that holds its header, or as its last cell.

    An editor's edits take a moment to reach the server, and may not have been saved.
    """
    if notebook.text is not None:
        return notebook  # the header is in the text, of which a cell is a part without its place
    cell = next(
        (
            cell
            for cell in notebook.cells
            if cell.kind == "code" and may_nearly_have_block(cell.source)
        ),
        None,
    )
    if cell is None:
        last = Cell(len(notebook.cells), "code", source)
        return notebook._replace(cells=(*notebook.cells, last))
    cells = list(notebook.cells)
    cells[cell.position] = cell._replace(source=source)
    return notebook._replace(cells=tuple(cells))
