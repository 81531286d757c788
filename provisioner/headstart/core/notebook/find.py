"""Where a notebook's header stands.

The places, in their order: a PEP 723 block in a code or raw cell; front matter; the ``headstart``
key of the notebook's metadata. In a text notebook: the PEP 723 block of the file, or its front
matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ...errors import HeaderError, NotebookError
from ..messages import kind_of
from .jupytext import DROPPED, is_dropped, is_script, was_script
from .model import (
    BESIDE_HEADER,
    DEPENDENCIES,
    MAX_HEADER_BYTES,
    METADATA_KEY,
    Cell,
    FoundHeader,
    HeaderPlace,
    Notebook,
)
from .region import Region
from .script_block import (
    lines_of,
    may_have_block,
    may_nearly_have_block,
    refuse_second,
    script_blocks,
)

__all__ = [
    "BESIDE_HEADER",
    "DEPENDENCIES",
    "MAX_HEADER_BYTES",
    "METADATA_KEY",
    "PYTHON_MAGICS",
    "Cell",
    "FoundHeader",
    "HeaderPlace",
    "Notebook",
    "find_header",
    "foreign_magic",
    "notebook_of",
]

PYTHON_MAGICS = frozenset(
    {"capture", "debug", "heat", "ipytest", "memit", "prun", "pyinstrument", "scalene", "snakeviz",
     "time", "timeit"}
)  # fmt: skip
"""Cell magics whose body is the notebook's own Python. That of others (``%%writefile tool.py``)
belongs to another program."""

_TOP = 4096
"""Characters of a cell in which its cell magics stand."""


def notebook_of(document: Mapping[str, Any], path: str = "") -> Notebook:
    """The notebook that a JSON document holds (nbformat 4; the cells of nbformat 3 are found too).

    Cells that are not as nbformat has them count as empty, so that positions stay right.

    :raises NotebookError: if ``document`` is not a notebook at all.
    """
    if not isinstance(document, Mapping):
        raise NotebookError(f"{path or 'The notebook'} is not a notebook: it is no JSON object.")
    cells = document.get("cells")
    if not isinstance(cells, list | tuple) and isinstance(document.get("worksheets"), list):
        sheets = (sheet for sheet in document["worksheets"] if isinstance(sheet, Mapping))
        cells = [cell for sheet in sheets for cell in _items(sheet.get("cells"))]
    if not isinstance(cells, list | tuple):
        raise NotebookError(
            f"{path or 'The notebook'} is not a notebook: it has no list of cells.",
            hint="Open it in Jupyter and save it, or restore it from a copy.",
        )
    metadata = document.get("metadata")
    return Notebook(
        cells=tuple(_cell(index, cell) for index, cell in enumerate(cells)),
        metadata=metadata if isinstance(metadata, Mapping) else {},
        path=path,
    )


def _cell(index: int, cell: object) -> Cell:
    if not isinstance(cell, Mapping):
        return Cell(index, "", "")
    source = cell.get("source", cell.get("input", ""))
    if not isinstance(source, str):
        source = "".join(part for part in _items(source) if isinstance(part, str))
    kind = cell.get("cell_type")
    return Cell(index, kind if isinstance(kind, str) else "", source)


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def find_header(notebook: Notebook) -> FoundHeader | None:
    """Where the notebook's header stands; None if it has none. Takes linear time.

    :raises DuplicateHeader: if there are two blocks.
    :raises HeaderError: if a block is not closed, is too long, or nearly is a block; if front
        matter that mentions us is not YAML; if the key in the metadata or in front matter is
        neither an object, nor a list or a string of dependencies.
    """
    regions = list(_regions(notebook))
    blocks = [block for region in regions for block in script_blocks(region)]
    refuse_second(blocks)
    found = blocks[0].found() if blocks else None
    where = str(blocks[0].location) if blocks else ""
    hidden: list[str] = []
    for name, read in (("the front matter", _in_front_matter), (_IN_METADATA, _in_metadata)):
        try:
            others = list(read(notebook))
        except HeaderError:
            if found is None:
                raise
            others = []
            hidden.append(name)
        for other in others:
            other_name = _IN_METADATA if other.place is HeaderPlace.METADATA else name
            if found is None:
                found, where = other, other_name
            else:
                hidden.append(other_name)
    if not blocks:
        found = _without_near_miss(notebook, regions, found)
    if found is None or not hidden:
        return found
    return found._replace(warnings=(*found.warnings, *(_warning(where, n) for n in hidden)))


def _without_near_miss(
    notebook: Notebook, regions: list[Region], found: FoundHeader | None
) -> FoundHeader | None:
    """What was found where no block was; with a warning if something was meant to be one.

    :param regions: in which no block was.
    :raises HeaderError: if nothing was found, and something was meant to be a block.
    """
    if notebook.text is None or not regions:  # else those are all
        regions = list(_regions(notebook, may_nearly_have_block))
    if not regions:
        return found
    from .near_misses import nearly_opened  # few cells speak of scripts

    near = next(filter(None, map(nearly_opened, regions)), None)
    if near is None:
        return found
    if found is None:
        raise near
    return found._replace(warnings=(*found.warnings, near.message))


_IN_METADATA = f"the notebook's metadata (key {METADATA_KEY})"


def _warning(where: str, hidden: str) -> str:
    return (
        f"The header in {where} hides the one in {hidden}, which is not read. "
        "Remove one of the two."
    )


def _regions(notebook: Notebook, may: Callable[[str], bool] = may_have_block) -> Iterator[Region]:
    """The lines in which a PEP 723 block may stand.

    :param may: says of a source whether it is worth to look closer.
    """
    if notebook.text is not None:
        yield from _regions_of_text(notebook.text, notebook.path, may)
        return
    from_script = was_script(notebook.metadata)
    for cell in notebook.cells:
        if not may(cell.source):
            continue
        if cell.kind == "raw":
            yield Region(lines_of(cell.source), cell.position)
        elif cell.kind == "code" and not foreign_magic(cell.source):
            # Of a script PEP 723 reads all comments, wherever they stand, and so does uv.
            yield Region(lines_of(cell.source), cell.position, code=not from_script)
        if from_script and cell.kind in ("raw", "markdown"):
            yield Region(lines_of(cell.source), cell.position, commented=False)


def _regions_of_text(text: str, path: str, may: Callable[[str], bool]) -> Iterator[Region]:
    if not may(text):
        return
    lines = lines_of(text)
    if is_script(path):
        yield Region(lines)
        return
    from .markdown import code_regions  # few notebooks are Markdown

    for region in code_regions(lines):
        if not (region.code and foreign_magic("\n".join(region.lines[:20]))):
            yield region


def foreign_magic(source: str) -> str:
    """The cell magic that gives a code cell to another program, as ``%%bash``; ``""`` if none.

    One magic may stand below another: ``%%time``, then ``%%bash``.
    """
    rest = source[:_TOP].lstrip()
    while rest.startswith("%%"):
        line, _, rest = rest.partition("\n")
        name = line.split(maxsplit=1)[0]
        if name[2:] not in PYTHON_MAGICS:
            return name
        rest = rest.lstrip()
    return ""


def _in_front_matter(notebook: Notebook) -> Iterator[FoundHeader]:
    cell = next(iter(notebook.cells), None) if notebook.text is None else None
    if cell is not None and (cell.kind != "raw" or cell.position != 0):
        return
    text = notebook.text if cell is None else cell.source
    if text is None or METADATA_KEY not in text:
        return
    from .front_matter import headers_in, in_markdown, in_raw_cell, in_script  # few have it

    lines = lines_of(text)
    if cell is not None:
        front = in_raw_cell(cell.position, lines)
    else:
        front = in_script(lines) if is_script(notebook.path) else in_markdown(lines)
    if front is not None:
        yield from headers_in(front)


def _in_metadata(notebook: Notebook) -> Iterator[FoundHeader]:
    said = notebook.metadata.get(METADATA_KEY)
    if said is None:
        return
    if isinstance(said, str | list):
        said = {DEPENDENCIES: said}
    if not isinstance(said, Mapping):
        raise HeaderError(
            f"In the notebook's metadata, {METADATA_KEY} is {kind_of(said)}.",
            hint='It is what to install, as "numpy pandas>=2", or an object: '
            '{"dependencies": "numpy pandas>=2"}.',
        )
    if not said or said.keys() - BESIDE_HEADER:
        warnings = (DROPPED,) if is_dropped(notebook.metadata.get("jupytext")) else ()
        yield FoundHeader(HeaderPlace.METADATA, fields=said, warnings=warnings)
