from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest

from headstart.core.notebook.find import Notebook
from headstart.errors import NotebookError
from headstart.request.notebook_files import (
    cells_of,
    read_document,
    read_notebook,
    read_text,
    write_document,
    write_text,
)

DOCUMENT = {
    "cells": [{"cell_type": "code", "source": ["é\n", "x"], "metadata": {}}],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def test_a_notebook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "my notebook.ipynb"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    noted = read_notebook(path)
    assert noted.cells[0].source == "é\nx"
    assert noted.path == str(path)


@pytest.mark.parametrize("name", ["a.py", "a b.Rmd", "a.qmd"])
def test_a_text_notebook_is_read_as_its_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf# /// script\r\n# dependencies = ['\xc3\xa9']\r\n# ///\r\n")
    noted = read_notebook(path)
    assert (noted.cells, noted.path) == ((), str(path))
    assert noted.text == "\ufeff# /// script\r\n# dependencies = ['é']\r\n# ///\r\n"


def test_a_text_notebook_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(NotebookError, match=r"a\.py cannot be read: it is not UTF-8"):
        read_notebook(path)


def test_a_byte_order_mark_is_no_part_of_a_notebook(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8-sig")
    assert read_document(path) == DOCUMENT


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"[]", b"\xff\xff\xff", b"[" * 100_000, b"1" * 10_000]
)
def test_what_is_no_notebook_is_an_error_that_names_the_file(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError, match=r"a\.ipynb is not a notebook"):
        read_document(path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="cannot be read: No such file"):
        read_notebook(tmp_path / "a.ipynb")
    with pytest.raises(NotebookError, match="cannot be read: it is a folder"):
        read_notebook(tmp_path)


def test_a_new_notebook_is_written_as_nbformat_writes_it(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.ipynb", tmp_path / "theirs.ipynb"
    cell = nbformat.v4.new_code_cell("é = 1", id="one")
    noted = nbformat.v4.new_notebook(cells=[cell])
    nbformat.write(noted, theirs)
    write_document(ours, json.loads(theirs.read_bytes()))
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize(
    "style",
    [
        json.dumps(DOCUMENT, indent=1, ensure_ascii=False) + "\n",
        json.dumps(DOCUMENT, indent=4, ensure_ascii=False),
        json.dumps(DOCUMENT, indent="\t", ensure_ascii=False) + "\n",
        json.dumps(DOCUMENT, ensure_ascii=False) + "\n",
        json.dumps(DOCUMENT, indent=2, ensure_ascii=False).replace("\n", "\r\n"),
    ],
)
def test_the_style_of_the_file_is_kept(tmp_path: Path, style: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(style.encode("utf-8"))
    write_document(path, read_document(path))
    assert path.read_bytes() == style.encode("utf-8")


def test_half_of_a_surrogate_pair_is_written_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{\n "cells": ["\\ud800"]\n}\n', encoding="utf-8")
    write_document(path, read_document(path))
    assert read_document(path) == {"cells": ["\ud800"]}


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "target.ipynb", tmp_path / "link.ipynb"
    target.write_text("{}")
    target.chmod(0o640)
    link.symlink_to(target)
    write_document(link, DOCUMENT)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert read_document(target) == DOCUMENT


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_document(tmp_path / "a.ipynb", DOCUMENT)
    assert (tmp_path / "a.ipynb").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("{}")
    with pytest.raises(NotebookError, match="cannot be written"):
        write_document(path, {"cells": [object()]})
    with pytest.raises(NotebookError, match="cannot be written"):
        write_document(tmp_path / "missing" / "a.ipynb", DOCUMENT)
    assert path.read_text() == "{}"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_neither_waited_for_nor_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "a.ipynb"
    os.mkfifo(pipe)
    with pytest.raises(NotebookError, match=r"a\.ipynb cannot be read: it is not a regular file"):
        read_notebook(pipe)
    with pytest.raises(NotebookError, match="cannot be written: it is a pipe without a reader"):
        write_document(pipe, DOCUMENT)
    with pytest.raises(NotebookError, match="cannot be written: it is a pipe without a reader"):
        write_text(pipe, "{}")
    assert pipe.is_fifo()
    write_document("/dev/null", DOCUMENT)
    assert Path("/dev/null").is_char_device()


def test_a_text_is_written_as_it_is_and_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_text(path, "\ufeff{\r\n}é")
    assert path.read_bytes() == "\ufeff{\r\n}é".encode()
    assert read_text(path) == "\ufeff{\r\n}é"


def test_a_text_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_text(path, "{}")
    with pytest.raises(NotebookError, match="cannot be written"):
        write_text(path, "\ud800")
    assert path.read_text() == "{}"
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"\xff")
    with pytest.raises(NotebookError, match="not UTF-8"):
        read_text(path)


@pytest.mark.parametrize(
    "name, text",
    [("a.py", "# %% [markdown]\n# text\n\n# %%\n1\n"), ("a.py", "# text\n\n1\n"),
     ("a.md", "text\n\n```python\n1\n```\n"), ("a.Rmd", "text\n\n```{python}\n1\n```\n"),
     ("a.qmd", "text\n\n```{python}\n1\n```\n"), ("a.myst", "text\n\n```{code-cell}\n1\n```\n")],
)  # fmt: skip
def test_the_cells_of_a_text_notebook_are_made_by_jupytext(name: str, text: str) -> None:
    cells = cells_of(Notebook(path=name, text=text))["cells"]
    assert [(cell["cell_type"], cell["source"]) for cell in cells] == [
        ("markdown", "text"), ("code", "1")
    ]  # fmt: skip


def test_a_text_that_jupytext_cannot_read_is_an_error() -> None:
    text = "# -*- coding: latin-1 -*-\n1\n"
    with pytest.raises(NotebookError, match=r"a\.py is not a notebook that jupytext can read"):
        cells_of(Notebook(path="a.py", text=text))
