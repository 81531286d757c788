"""Find a notebook's header.

Searched for in this order: a PEP 723 block in a code or raw cell; front matter; the ``headstart``
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
    DEPENDENCIES,
    MAX_HEADER_BYTES,
    METADATA_KEY,
    NON_HEADER_KEYS,
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
    "DEPENDENCIES",
    "MAX_HEADER_BYTES",
    "METADATA_KEY",
    "NON_HEADER_KEYS",
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
"""Cell magics whose body is the notebook's own Python. The body of others (``%%writefile tool.py``)
is for another program."""

_TOP = 4096
"""Characters at the beginning of a cell that are searched for cell magics."""


def notebook_of(document: Mapping[str, Any], path: str = "") -> Notebook:
    """The notebook in a JSON document (nbformat 4, and the cells of nbformat 3).

    Invalid cells count as empty, so that the positions of the others stay right.

    :raises NotebookError: if ``document`` is not a notebook at all.
    """
    if not isinstance(document, Mapping):
        raise NotebookError(f"{path or 'The notebook'} is not a notebook: it is no JSON object.")
    cells = document.get("cells")
    # nbformat 3 has the cells in worksheets, and the source of a code cell as its input.
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
    """The notebook's header, not yet parsed; None if it has none. Takes linear time.

    :raises DuplicateHeader: if there are two blocks.
    :raises HeaderError: if a block is not closed, is too long, or nearly is a block; if front
        matter that mentions us is not YAML; if the key in the metadata or in front matter is
        neither an object, nor a list or a string of dependencies.
    """
    regions = list(_regions(notebook))
    blocks = [block for region in regions for block in script_blocks(region)]
    refuse_second(blocks)
    header = blocks[0].header() if blocks else None
    where = str(blocks[0].location) if blocks else ""
    hidden: list[str] = []
    for name, read in (("the front matter", _in_front_matter), (_IN_METADATA, _in_metadata)):
        try:
            others = list(read(notebook))
        except HeaderError:  # an invalid header that is hidden anyway is worth a warning only
            if header is None:
                raise
            others = []
            hidden.append(name)
        for other in others:
            other_name = _IN_METADATA if other.place is HeaderPlace.METADATA else name
            if header is None:
                header, where = other, other_name
            else:
                hidden.append(other_name)
    if not blocks:
        header = _without_near_miss(notebook, regions, header)
    if header is None or not hidden:
        return header
    return header._replace(warnings=(*header.warnings, *(_warning(where, n) for n in hidden)))


def _without_near_miss(
    notebook: Notebook, regions: list[Region], header: FoundHeader | None
) -> FoundHeader | None:
    """The header of a notebook without a block; with a warning if a line looks like one.

    :param regions: those without a block.
    :raises HeaderError: if there is no header, and a line looks like the beginning of one.
    """
    if notebook.text is None or not regions:  # else those are all
        regions = list(_regions(notebook, may_nearly_have_block))
    if not regions:
        return header
    from .near_misses import nearly_opened  # imported here: few cells mention scripts

    near = next(filter(None, map(nearly_opened, regions)), None)
    if near is None:
        return header
    if header is None:
        raise near
    return header._replace(warnings=(*header.warnings, near.message))


_IN_METADATA = f"the notebook's metadata (key {METADATA_KEY})"


def _warning(where: str, hidden: str) -> str:
    return (
        f"The header in {where} hides the one in {hidden}, which is not read. "
        "Remove one of the two."
    )


def _regions(notebook: Notebook, may: Callable[[str], bool] = may_have_block) -> Iterator[Region]:
    """The lines that may contain a PEP 723 block.

    :param may: a quick test of a source, which spares most of them the split into lines.
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
            # In a script PEP 723 reads all comments, also those in strings, and so does uv.
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
    from .markdown import code_regions  # imported here: few notebooks are Markdown

    for region in code_regions(lines):
        if not (region.code and foreign_magic("\n".join(region.lines[:20]))):
            yield region


def foreign_magic(source: str) -> str:
    """The cell magic that gives a code cell to another program, as ``%%bash``; ``""`` if none.

    A magic may follow another: ``%%time``, then ``%%bash``.
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
    # Imported here: few notebooks have front matter, and only they need a parser of YAML.
    from .front_matter import headers_in, in_markdown, in_raw_cell, in_script

    lines = lines_of(text)
    if cell is not None:
        front = in_raw_cell(cell.position, lines)
    else:
        front = in_script(lines) if is_script(notebook.path) else in_markdown(lines)
    if front is not None:
        yield from headers_in(front)


def _in_metadata(notebook: Notebook) -> Iterator[FoundHeader]:
    fields = notebook.metadata.get(METADATA_KEY)
    if fields is None:
        return
    if isinstance(fields, str | list):
        fields = {DEPENDENCIES: fields}
    if not isinstance(fields, Mapping):
        raise HeaderError(
            f"In the notebook's metadata, {METADATA_KEY} is {kind_of(fields)}.",
            hint='It is what to install, as "numpy pandas>=2", or an object: '
            '{"dependencies": "numpy pandas>=2"}.',
        )
    # An empty object is a header that asks for nothing; a lock or a receipt alone is none.
    if not fields or fields.keys() - NON_HEADER_KEYS:
        warnings = (DROPPED,) if is_dropped(notebook.metadata.get("jupytext")) else ()
        yield FoundHeader(HeaderPlace.METADATA, fields=fields, warnings=warnings)
