"""A new header is written where the notebook's format has it; the rest of the file is unchanged."""

from __future__ import annotations

import json

import nbformat
import pytest

from headstart.core.header.create import NewHeader, put_header
from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import HeaderPlace, find_header
from headstart.errors import HeaderError
from tests.core.header.test_edit_in_files import added_lines, file_of, noted

HEADER = NewHeader(["numpy", "pandas>=2; os_name == 'posix'"], ">=3.11", "2026-01-31")
BLOCK = """\
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "numpy",
#     "pandas>=2; os_name == 'posix'",
# ]
#
# [tool.headstart]
# exclude-newer = "2026-01-31"
# ///
"""
YAML = """\
headstart:
  dependencies:
    - numpy
    - pandas>=2; os_name == 'posix'
  requires-python: ">=3.11"
  exclude-newer: "2026-01-31"
"""


def put(text: str, path: str = "a.ipynb", place: HeaderPlace | None = None) -> str:
    """The file with the header, in which it is found and read as it was meant."""
    new = put_header(noted(text, path), text, HEADER, place)
    found = find_header(noted(new, path))
    assert found is not None
    header = parse_header(found)
    assert [item.text for item in header.requirements] == HEADER.dependencies
    assert (header.requires_python, header.exclude_newer) == (">=3.11", "2026-01-31")
    assert place in (None, header.place)
    return new


def test_a_notebook_gets_a_cell_before_its_first_code_cell() -> None:
    old = file_of(("markdown", "# Ünïcode"), ("code", "x = 1"))
    new = put(old)
    nbformat.validate(nbformat.reads(new, as_version=4))  # type: ignore[no-untyped-call]
    cells = json.loads(new)["cells"]
    assert "".join(cells[1]["source"]) == BLOCK.rstrip()
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "code"]
    assert added_lines(old, new)


def test_an_older_notebook_gets_a_cell_without_an_id() -> None:
    old = file_of(("code", "1")).replace('_minor": 5', '_minor": 4')
    assert "id" not in json.loads(put(old))["cells"][0]


def test_an_empty_notebook_gets_its_first_cell() -> None:
    assert len(json.loads(put(file_of()))["cells"]) == 1


def test_metadata_keeps_what_else_stands_there() -> None:
    old = file_of(("code", "1"), headstart={"receipt": {"key": "k"}}, zoom=1)
    new = json.loads(put(old, place=HeaderPlace.METADATA))["metadata"]
    assert new["headstart"]["receipt"] == {"key": "k"}
    assert new["zoom"] == 1


def test_front_matter_is_a_raw_cell_at_the_top_or_part_of_the_one_there() -> None:
    old = file_of(("markdown", "text"))
    new = json.loads(put(old, place=HeaderPlace.FRONT_MATTER))["cells"]
    assert "".join(new[0]["source"]) == f"---\n{YAML}---"
    old = file_of(("raw", "---\ntitle: x\n---\n"))
    new = json.loads(put(old, place=HeaderPlace.FRONT_MATTER))["cells"]
    assert ["".join(cell["source"]) for cell in new] == [f"---\ntitle: x\n{YAML}---\n"]


@pytest.mark.parametrize(
    "before, after",
    [
        ("", "\n# %%\nx = 1\n"),
        ("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n", "\nx = 1\n"),
        ("# ---\n# jupyter: {}\n# ---\n\n", "\n# %%\n"),
    ],
)
def test_a_script_gets_a_comment_at_its_top(before: str, after: str) -> None:
    assert put(before + after.lstrip("\n"), "a.py") == before + BLOCK + after
    windows = (before + after.lstrip("\n")).replace("\n", "\r\n")
    assert put(windows, "a.py") == (before + BLOCK + after).replace("\n", "\r\n")


@pytest.mark.parametrize("path, text", [("a.py", "x = 1\n"), ("a.md", "# Title\n")])
def test_a_byte_order_mark_stays_the_first_character(path: str, text: str) -> None:
    assert put("\ufeff" + text, path) == "\ufeff" + put(text, path)


def test_an_empty_script_gets_a_comment() -> None:
    assert put("", "a.py") == BLOCK


@pytest.mark.parametrize("path", ["a.md", "a.qmd", "a.Rmd"])
def test_markdown_gets_front_matter(path: str) -> None:
    assert put("# Title\r\n", path) == f"---\n{YAML}---\n\n# Title\n".replace("\n", "\r\n")
    assert put("---\na: 1\n---\ntext", path) == f"---\na: 1\n{YAML}---\ntext"


def test_a_place_that_the_format_has_not_is_an_error() -> None:
    with pytest.raises(HeaderError, match="no header in its cell"):
        put("x = 1\n", "a.py", HeaderPlace.CELL)
    with pytest.raises(HeaderError) as caught:
        put("# x\n", "a.md", HeaderPlace.TEXT)
    assert "--place front-matter" in caught.value.hint
