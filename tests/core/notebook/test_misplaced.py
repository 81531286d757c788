import pytest

from headstart.core.notebook.find import Cell, Notebook
from headstart.core.notebook.misplaced import misplaced_header

from ..factory import block, notebook

HEADER = block('dependencies = ["alpha"]')


@pytest.mark.parametrize("source", [HEADER, f"# Report\n\n```\n{HEADER}\n```", HEADER + "\r\n"])
def test_a_header_in_a_markdown_cell_is_named(source):
    cells = (Cell(0, "markdown", "# Title"), Cell(1, "markdown", source))
    assert "header in cell 2 is not read" in misplaced_header(Notebook(cells, {}))


@pytest.mark.parametrize("source", ["", "# Title", "A line `# /// script` opens a header."])
def test_other_markdown_is_left_alone(source):
    assert misplaced_header(notebook(source, kind="markdown")) == ""
