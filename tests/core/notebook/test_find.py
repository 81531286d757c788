from __future__ import annotations

import contextlib
from typing import Any

import pytest

from headstart.core.notebook.find import Cell, HeaderPlace, Notebook, find_header, notebook_of
from headstart.errors import DuplicateHeader, HeaderError, NotebookError
from tests.core.factory import block, notebook
from tests.effort import effort


def test_the_block_is_found_after_magics_markdown_and_parameters() -> None:
    nb = Notebook(
        (
            Cell(0, "markdown", block('dependencies = ["shown"]')),
            Cell(1, "code", "%load_ext autoreload\n!ls"),
            Cell(2, "code", "alpha = 1"),
            Cell(3, "raw", "intro\n" + block('dependencies = ["numpy"]') + "\nafter"),
        )
    )
    found = find_header(nb)
    assert found is not None
    assert (found.place, found.cell, found.line) == (HeaderPlace.CELL, 3, 3)
    assert found.text == 'dependencies = ["numpy"]\n'


def test_a_notebook_without_a_header_has_none() -> None:
    assert find_header(notebook("import numpy", "# /// script is how one begins")) is None


def test_the_last_closing_line_of_the_comment_ends_the_block() -> None:
    source = '# /// script\n# x = """\n# ///\n# """\n# ///\n# a comment\nimport x'
    found = find_header(notebook(source))
    assert found is not None
    assert found.text == 'x = """\n///\n"""\n'


def test_blocks_of_another_type_are_not_headers() -> None:
    assert find_header(notebook("# /// pyproject\n# /// script\n# ///")) is None
    assert find_header(notebook("# /// unclosed\nimport x")) is None


def test_windows_line_endings_are_line_endings() -> None:
    found = find_header(notebook(block("dependencies = []", "").replace("\n", "\r\n")))
    assert found is not None
    assert found.text == "dependencies = []\n\n"


def test_a_header_that_a_cell_writes_to_a_file_is_the_files() -> None:
    written = "%%writefile tool.py\n" + block('dependencies = ["httpx"]')
    own = "%%time\n" + block('dependencies = ["numpy"]')
    found = find_header(notebook(written, own))
    assert found is not None
    assert found.cell == 1


@pytest.mark.parametrize(
    "sources, cells",
    [((block(), "x = 1", block()), "cell 1, line 1 and in cell 3, line 1"),
     ((block() + "\n\n" + block(),), "cell 1, line 1 and in cell 1, line 4")],
)  # fmt: skip
def test_a_second_block_is_an_error_that_names_both(sources: tuple[str, ...], cells: str) -> None:
    with pytest.raises(DuplicateHeader, match=cells):
        find_header(notebook(*sources))


@pytest.mark.parametrize(
    "source, line, text",
    [
        ("# /// script\n# a = 1\nimport x", 1, "# /// script"),
        ("x\n# /// script\n# a = 1\n\n# b = 2\n# ///", 4, ""),
        ("# /// script\n#a = 1\n# ///", 2, "#a = 1"),
        ("x\n#/// script\n# ///", 2, "#/// script"),
        ("# /// script \n# ///", 1, "# /// script "),
        ("# ///script\n# ///", 1, "# ///script"),
    ],
)
def test_a_block_that_other_tools_would_not_see_is_an_error(
    source: str, line: int, text: str
) -> None:
    with pytest.raises(HeaderError, match=f"cell 2, line {line}") as caught:
        find_header(notebook("import os", source))
    assert caught.value.details == {"cell": 2, "line": line, "text": text}
    assert caught.value.hint


def test_the_metadata_is_a_header_where_no_cell_has_one() -> None:
    found = find_header(notebook("x = 1", metadata={"dependencies": "numpy"}))
    assert found is not None
    assert (found.place, found.cell) == (HeaderPlace.METADATA, None)
    assert found.fields == {"dependencies": "numpy"}


def test_a_cell_hides_the_metadata_with_a_warning() -> None:
    found = find_header(notebook(block(), metadata={"dependencies": "numpy"}))
    assert found is not None
    assert found.place is HeaderPlace.CELL
    assert "cell 1, line 1 hides" in found.warnings[0]


@pytest.mark.parametrize("value", [["numpy", "pandas>=2"], "numpy pandas>=2", "", []])
def test_metadata_may_be_the_dependencies_alone(value: object) -> None:
    found = find_header(notebook(metadata=value))
    assert found is not None
    assert (found.place, found.fields) == (HeaderPlace.METADATA, {"dependencies": value})


@pytest.mark.parametrize("value", [3, True, 0, 1.5])
def test_metadata_that_means_nothing_is_an_error(value: object) -> None:
    with pytest.raises(HeaderError, match="In the notebook's metadata, headstart is"):
        find_header(notebook(metadata=value))


def test_a_header_of_more_than_64_kib_is_refused() -> None:
    assert find_header(notebook(block("#" * 60_000))) is not None
    with pytest.raises(HeaderError, match="64 KiB"):
        find_header(notebook(block("é" * 40_000)))


@pytest.mark.parametrize(
    "source",
    ["# /// script\n" * 8_000, "# /// other\n" * 80_000, "# /// script\n\n" * 40_000,
     "# /// script\n" + "#\n" * 200_000, "///script" * 100_000],
)  # fmt: skip
def test_hostile_sources_take_linear_time(source: str) -> None:
    def find() -> None:
        with contextlib.suppress(HeaderError):
            find_header(notebook(source))

    assert effort(find, rounds=1) < 250


def test_five_megabytes_of_cells_are_searched_with_little_effort() -> None:
    line = "df = load('s3:///bucket') # /// not a header\n"
    nb = notebook(*[line * 1_100] * 100, block('dependencies = ["numpy"]'))

    assert find_header(nb) is not None
    assert effort(lambda: find_header(nb), rounds=5) < 6


def test_a_document_becomes_a_notebook() -> None:
    nb = notebook_of(
        {
            "cells": [
                {"cell_type": "code", "source": ["a\n", "b"]},
                {"cell_type": "raw", "source": "c"},
            ],
            "metadata": {"k": 1},
            "nbformat": 4,
        },
        "x.ipynb",
    )
    assert nb.cells == (Cell(0, "code", "a\nb"), Cell(1, "raw", "c"))
    assert (nb.metadata, nb.path) == ({"k": 1}, "x.ipynb")


def test_cells_that_are_none_keep_the_positions_of_the_others() -> None:
    odd: list[Any] = [None, {"source": 3}, {"cell_type": "code", "source": ["x", 1]}]
    cells = notebook_of({"cells": odd, "metadata": None}).cells
    assert [cell.source for cell in cells] == ["", "", "x"]
    assert [cell.position for cell in cells] == [0, 1, 2]


def test_the_cells_of_an_old_notebook_are_found() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x"]}]}, 1]}
    assert notebook_of(old).cells == (Cell(0, "code", "x"),)


@pytest.mark.parametrize("document", [{}, {"cells": {}}, [], "text", None, {"worksheets": 1}])
def test_what_is_no_notebook_is_an_error(document: Any) -> None:
    with pytest.raises(NotebookError, match="is not a notebook"):
        notebook_of(document, "x.ipynb")
