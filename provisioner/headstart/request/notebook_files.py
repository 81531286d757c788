"""Read and write notebook files: ``.ipynb``, and text notebooks (``.py``, ``.md``, …)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.notebook.find import Notebook, notebook_of
from ..core.notebook.jupytext import is_text_notebook, suffix_of
from ..core.notebook.strip_outputs import skimmed
from ..errors import NotebookError
from ..files import read_regular, write_file

_INDENT = rb'\s*\{\r?\n([ \t]+)"'
_LARGE = 1 << 20
"""Bytes of a notebook from which on leaving out its long strings is faster than parsing them."""

_LIKE = {".qmd": "Rmd", ".rmd": "Rmd", ".mnb": "myst", ".mystnb": "myst"}
"""jupytext's formats by suffix, where the two differ. Quarto's cells are written as in R Markdown;
for the format of Quarto itself jupytext would have to run Quarto."""


def read_notebook(path: str | Path) -> Notebook:
    """The notebook in the file ``path``; of a text notebook, which its suffix says, the text.

    :raises NotebookError: if it cannot be read, or is not a notebook.
    """
    if is_text_notebook(str(path)):
        return Notebook(path=str(path), text=read_text(path))
    content = _read(path)
    document = skimmed(content) if len(content) >= _LARGE else None
    return notebook_of(_parsed(path, content) if document is None else document, str(path))


def cells_of(notebook: Notebook) -> dict[str, Any]:
    """A text notebook as one with cells (nbformat 4), without outputs.

    :param notebook: with its text and its path.
    :raises NotebookError: if jupytext is not installed, or cannot read it.
    """
    try:
        import jupytext
    except ImportError:
        raise NotebookError(
            f"{notebook.path} is a text notebook, and jupytext, which makes cells of it, is not "
            "installed next to Headstart.",
            hint='Install it: pip install "headstart[text]".',
        ) from None
    suffix = suffix_of(notebook.path)
    text = (notebook.text or "").removeprefix("\ufeff")
    try:
        document: dict[str, Any] = jupytext.reads(text, fmt=_LIKE.get(suffix, suffix[1:]))
        return document
    except Exception as error:  # jupytext lets errors of any kind through
        raise NotebookError(
            f"{notebook.path} is not a notebook that jupytext can read: {error}.",
            hint="Look at the text near its top: the format is named there.",
        ) from error


def read_document(path: str | Path) -> dict[str, Any]:
    """The JSON object in the file ``path``.

    :raises NotebookError: if it cannot be read, or is not a JSON object.
    """
    return _parsed(path, _read(path))


def _read(path: str | Path) -> bytes:
    try:
        return read_regular(path)
    except OSError as error:
        raise NotebookError(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="Give the path of a notebook file.",
        ) from error


def _parsed(path: str | Path, content: bytes) -> dict[str, Any]:
    try:
        document = _json_of(content)
    except (ValueError, RecursionError) as error:
        raise NotebookError(
            f"{path} is not a notebook: it is not JSON ({error}).",
            hint="Open it in Jupyter and save it, or restore it from a copy.",
        ) from error
    if not isinstance(document, dict):
        raise NotebookError(f"{path} is not a notebook: it is no JSON object.")
    return document


def _json_of(content: bytes) -> Any:
    """The JSON value of a file."""
    # UTF-8 first: given bytes, `json` looks for other encodings, and is slower.
    try:
        text = content.decode("utf-8")
        if len(content) < _LARGE:
            return json.loads(text)
        from ..core.syntax.json_steps import parse_in_steps  # few notebooks are large

        return parse_in_steps(text)
    except ValueError:
        return json.loads(content)


def write_document(path: str | Path, document: Mapping[str, Any]) -> None:
    """Write a notebook; readers of ``path`` see the old file or the new one.

    Indent, line endings, final newline and permissions of a file that exists are kept; a new one
    is written as nbformat writes it. A symbolic link stays, and its target is replaced; what is not
    a regular file, or has several names, is written in place: see `files.write_file`.

    :raises NotebookError: if it cannot be written; the old file is then as it was.
    """
    try:
        old = read_regular(path) if Path(path).is_file() else b""
        write_file(path, _render(document, old))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise NotebookError(
            f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.",
            hint="Look whether its folder can be written to and has space left.",
        ) from error


def read_text(path: str | Path) -> str:
    """The text of a notebook file, with its line endings as they are.

    :raises NotebookError: if it cannot be read, or is not UTF-8.
    """
    try:
        return _read(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"{path} cannot be read: it is not UTF-8.",
            hint="Save it as UTF-8.",
        ) from error


def write_text(path: str | Path, text: str) -> None:
    """Write the text of a notebook file, as `write_document` does: all of it or nothing.

    :raises NotebookError: if it cannot be written; the old file is then as it was.
    """
    try:
        write_file(path, text.encode("utf-8"))
    except (OSError, ValueError) as error:
        raise NotebookError(
            f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.",
            hint="Look whether its folder can be written to and has space left.",
        ) from error


def _render(document: Mapping[str, Any], old: bytes) -> bytes:
    """The document as JSON, in the style of the file's old content."""
    # Only the beginning is looked at: a notebook may have many megabytes.
    match = re.match(_INDENT, old[:1024])
    indent: str | int | None = match[1].decode("ascii") if match else 1
    if old.strip() and not match:
        indent = None
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    if not old or old.endswith(b"\n"):
        text += "\n"
    if b"\r\n" in old[:1024]:
        text = text.replace("\n", "\r\n")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
        return json.dumps(document, indent=indent).encode("ascii") + b"\n"
