"""Add a header to a notebook that has none, where its format usually has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import HeaderError
from ..notebook.find import DEPENDENCIES, METADATA_KEY, HeaderPlace, Notebook
from ..notebook.front_matter import FrontMatter, in_markdown, in_raw_cell, in_script
from ..notebook.jupytext import is_script
from ..notebook.patch_notebook import insert_cell, patch_source, set_metadata
from ..notebook.script_block import lines_of
from ..syntax.patch_toml import patch_toml
from ..syntax.yaml_text import written_yaml
from .fields import EXCLUDE_NEWER, REQUIRES_PYTHON

__all__ = ["NewHeader", "default_place", "put_header"]

BYTE_ORDER_MARK = "\ufeff"
"""What some editors on Windows begin a file with; anywhere else in it, it is an error."""


@dataclass(frozen=True, slots=True)
class NewHeader:
    """The fields of a new header. Empty ones are left out, except ``dependencies``."""

    dependencies: Sequence[str] = ()
    requires_python: str = ""
    exclude_newer: str = ""

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields as metadata has them."""
        optional = {REQUIRES_PYTHON: self.requires_python, EXCLUDE_NEWER: self.exclude_newer}
        fields: dict[str, Any] = {DEPENDENCIES: list(self.dependencies)}
        return fields | {name: value for name, value in optional.items() if value}

    @property
    def block(self) -> str:
        """A PEP 723 block; without a newline at its end."""
        text = ""
        if self.requires_python:
            text = patch_toml(text, (REQUIRES_PYTHON,), self.requires_python)
        text = patch_toml(text, (DEPENDENCIES,), self.dependencies)
        if self.exclude_newer:
            path = ("tool", METADATA_KEY, EXCLUDE_NEWER)
            text = patch_toml(text, path, self.exclude_newer)
        lines = [f"# {line}" if line else "#" for line in text.splitlines()]
        return "\n".join(["# /// script", *lines, "# ///"])

    @property
    def yaml(self) -> list[str]:
        """The lines of front matter."""
        return [f"{METADATA_KEY}:", *self._yaml()]

    def _yaml(self) -> Iterator[str]:
        for name, value in self.fields.items():
            if isinstance(value, str):
                yield f"  {name}: {written_yaml(value, '', flow=False)}"
            else:
                yield f"  {name}:" if value else f"  {name}: []"
                yield from (f"    - {written_yaml(item, '', flow=False)}" for item in value)


def default_place(notebook: Notebook) -> HeaderPlace:
    """Where a new header is written if the caller does not choose."""
    if notebook.text is None:
        return HeaderPlace.CELL
    return HeaderPlace.TEXT if is_script(notebook.path) else HeaderPlace.FRONT_MATTER


def put_header(
    notebook: Notebook, text: str, header: NewHeader, place: HeaderPlace | None = None
) -> str:
    """The text of a notebook's file with a header added, and the rest unchanged.

    :param notebook: the content of the file; it has no header.
    :param text: its text: JSON, or that of a text notebook.
    :param place: `default_place` if it is None.
    :raises HeaderError: if the notebook cannot have a header there.
    :raises NotebookError: if the text is not a notebook.
    """
    bom = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    return bom + _put(notebook, text[len(bom) :], header, place or default_place(notebook))


def _put(notebook: Notebook, text: str, header: NewHeader, place: HeaderPlace) -> str:
    if place is HeaderPlace.FRONT_MATTER:
        return _with_front_matter(notebook, text, header)
    if notebook.text is None:
        if place is HeaderPlace.CELL:
            return _with_cell(notebook, text, header)
        if place is HeaderPlace.METADATA:
            for name, value in header.fields.items():
                text = set_metadata(text, (METADATA_KEY, name), value)
            return text
    elif place is HeaderPlace.TEXT and is_script(notebook.path):
        return _with_comment(text, header)
    raise HeaderError(
        f"A notebook of this kind has no header in its {place.value}.",
        hint=f"Put it in the usual place: --place {default_place(notebook).value}.",
    )


def _with_cell(notebook: Notebook, text: str, header: NewHeader) -> str:
    """Before the first code cell, so that a title stays above it."""
    kinds = [cell.kind for cell in notebook.cells]
    at = kinds.index("code") if "code" in kinds else len(kinds)
    source = header.block.splitlines(keepends=True)
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    return insert_cell(text, at, {**cell, "source": source})


def _with_front_matter(notebook: Notebook, text: str, header: NewHeader) -> str:
    if notebook.text is not None:
        script = is_script(notebook.path)
        lines = lines_of(text)
        front = in_script(lines) if script else in_markdown(lines)
        return _with_lines(text, front, header, "# " if script else "")
    # jupytext keeps front matter in a raw cell at the top: a second one would not be read.
    first = notebook.cells[0] if notebook.cells else None
    if first is not None and first.kind == "raw":
        front = in_raw_cell(0, lines_of(first.source))
        if front is not None:
            return patch_source(text, 0, _with_lines(first.source, front, header, ""))
    source = "\n".join(["---", *header.yaml, "---"])
    cell = {"cell_type": "raw", "metadata": {}, "source": source.splitlines(keepends=True)}
    return insert_cell(text, 0, cell)


def _with_lines(source: str, front: FrontMatter | None, header: NewHeader, prefix: str) -> str:
    """The header's lines at the end of the front matter, which is made if there is none."""
    ending = "\r\n" if "\r\n" in source else "\n"
    # Not splitlines: it also splits at form feeds and the like, which are no line ends in Python.
    lines = source.split("\n")
    new_lines = [prefix + line for line in header.yaml]
    at = front.first + len(front.lines) if front else 0
    if front is None:
        new_lines = [f"{prefix}---", *new_lines, f"{prefix}---", ""]
        at = _top(lines)
    text = "".join(f"{line}{ending}" for line in new_lines)
    before = "".join(f"{line}\n" for line in lines[:at])
    return f"{before}{text}{source[len(before) :]}"


def _with_comment(text: str, header: NewHeader) -> str:
    """Below the front matter of a script, and below the lines that must be at the top."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.split("\n")
    front = in_script(lines_of(text))
    at = front.first + len(front.lines) + 1 if front else _top(lines)
    before = "".join(f"{line}\n" for line in lines[:at])
    block = header.block.replace("\n", ending) + ending
    space = ending if front else ""
    rest = text[len(before) :]
    after = ending if rest.strip() and not rest.startswith(("\n", "\r\n")) else ""
    return f"{before}{space}{block}{after}{rest}"


def _top(lines: Sequence[str]) -> int:
    """How many lines must stay at the top: ``#!``, and the encoding (PEP 263)."""
    at = 1 if lines[0].startswith("#!") else 0
    return at + 1 if at < len(lines) and "coding:" in lines[at][:40] else at
