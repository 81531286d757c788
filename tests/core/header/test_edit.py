from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.header.edit import set_refresh
from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import Cell, Notebook, find_header
from headstart.core.refresh import RefreshMode
from headstart.errors import HeaderError
from tests.core.factory import block, notebook

CACHED, EPHEMERAL = RefreshMode.CACHED, RefreshMode.EPHEMERAL


def edited(noted: Notebook, mode: RefreshMode) -> Notebook:
    """The notebook after the edit; the edit's own promise is checked on the way."""
    edit = set_refresh(noted, find_header(noted), mode)
    if edit.source is None or edit.cell is None:
        after = notebook(*(cell.source for cell in noted.cells), metadata=edit.fields)
    else:
        sources = [cell.source for cell in noted.cells]
        sources[edit.cell] = edit.source
        after = notebook(*sources)
    found = find_header(after)
    if found is not None:
        assert parse_header(found).refresh is mode
    return after


def lines_after(mode: RefreshMode, *lines: str) -> list[str]:
    source = edited(notebook(block(*lines)), mode).cells[0].source
    return [line[2:] for line in source.split("\n")[1:-1]]


def test_a_missing_table_is_added_and_taken_away_again() -> None:
    source = "%matplotlib inline\n" + block("dependencies = [  # all", '"numpy",', "]") + "\nx = 1"
    noted = notebook("import os", source)
    once = edited(noted, EPHEMERAL)
    assert once.cells[1].source == source.replace(
        "# ]\n", "# ]\n#\n# [tool.headstart]\n# refresh = true\n"
    )
    assert edited(once, CACHED) == noted


def test_comments_order_and_layout_stay() -> None:
    lines = [
        "# made by hand",
        "requires-python   =  '>=3.11' # ours",
        "dependencies = ['b', # second",
        "   'a']",
        "[tool.headstart] # here",
        "exclude-newer = '7 days'",
        "",
        "[tool.ruff]",
        "line-length=100",
    ]
    after = lines_after(EPHEMERAL, *lines)
    assert after[:6] == lines[:6]
    assert "refresh = true" in after
    assert after[-2:] == lines[-2:]


def test_a_value_with_a_comment_is_changed_in_place() -> None:
    lines = ["[tool.headstart]", "refresh = true # for the demo", "exclude-newer = '7 days'"]
    assert lines_after(CACHED, *lines)[1] == "refresh = false # for the demo"
    assert lines_after(EPHEMERAL, *lines) == lines


def test_a_value_without_a_comment_is_removed() -> None:
    lines = ["[tool.headstart]", "refresh = true", "exclude-newer = '7 days'"]
    assert lines_after(CACHED, *lines) == [lines[0], lines[2]]


def test_false_becomes_true_in_place() -> None:
    assert lines_after(EPHEMERAL, "[tool.headstart]", "refresh = false # no")[1] == (
        "refresh = true # no"
    )


@pytest.mark.parametrize(
    "lines",
    [["tool.headstart.refresh = false"], ["[tool]", "headstart = {refresh = false}"],
     ["[tool.headstart]", "[tool.ruff]", "x = 1"], ["[tool.headstart]", "# nothing"],
     ["tool.ruff.x = 1"], [], [""]],
)  # fmt: skip
def test_every_way_to_write_the_table_can_be_edited(lines: list[str]) -> None:
    once = edited(notebook(block(*lines)), EPHEMERAL)
    edited(edited(once, CACHED), EPHEMERAL)


def test_a_table_that_cannot_be_edited_says_what_to_write() -> None:
    with pytest.raises(HeaderError, match="refresh = true under"):
        lines_after(EPHEMERAL, "tool = {headstart = [1]}")


def test_a_notebook_may_hold_only_the_cells_that_matter() -> None:
    noted = Notebook((Cell(7, "code", block("dependencies = []")),))
    edit = set_refresh(noted, find_header(noted), EPHEMERAL)
    assert edit.cell == 7
    assert edit.source is not None
    assert edit.source.endswith("# refresh = true\n# ///")


def test_windows_line_endings_stay() -> None:
    source = block("dependencies = []").replace("\n", "\r\n")
    after = edited(notebook(source), EPHEMERAL).cells[0].source
    assert after.count("\r\n") == after.count("\n") == 5


def test_lines_that_stay_are_not_touched() -> None:
    source = "# /// script\n# \n# dependencies = []  \n#\n# ///"
    after = edited(notebook(source), EPHEMERAL).cells[0].source
    assert after.startswith("# /// script\n# \n# dependencies = []  \n#\n")


def test_metadata_keeps_its_order() -> None:
    fields = {"dependencies": "numpy", "refresh": False, "requires-python": ">=3.11"}
    edit = set_refresh(notebook(metadata=fields), find_header(notebook(metadata=fields)), EPHEMERAL)
    assert edit.fields is not None
    assert list(edit.fields.items())[1] == ("refresh", True)
    assert fields["refresh"] is False


def test_metadata_loses_only_the_field_that_was_added() -> None:
    noted = notebook("x", metadata={"dependencies": "numpy"})
    assert edited(edited(noted, EPHEMERAL), CACHED) == noted


@pytest.mark.parametrize("value", [["numpy", "pandas>=2"], "numpy, pandas>=2"])
def test_metadata_that_is_dependencies_alone_becomes_an_object(value: object) -> None:
    noted = notebook("x", metadata=value)
    after = edited(noted, EPHEMERAL)
    assert after.metadata["headstart"] == {"dependencies": value, "refresh": True}
    assert edited(after, CACHED).metadata["headstart"] == {"dependencies": value}


def test_a_notebook_without_a_header_gets_one_in_its_metadata() -> None:
    assert set_refresh(notebook("x"), None, EPHEMERAL).fields == {"refresh": True}
    assert set_refresh(notebook("x"), None, CACHED).fields is None


LINES = st.sampled_from(
    ["dependencies = ['numpy', # x", "'pandas']", "dependencies = []", "# a comment", "", "  ",
     "[tool.headstart]", "[tool.ruff]", "refresh = true", "refresh = false # why",
     "exclude-newer = '7 days'", "requires-python = '>=3.11'", "line-length = 1", "tool.x = 1"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINES, max_size=8, unique=True), mode=st.sampled_from(RefreshMode))
def test_an_edit_changes_the_mode_and_no_comment(lines: list[str], mode: RefreshMode) -> None:
    noted = notebook(block(*lines))
    try:
        found = find_header(noted)
        assert found is not None
        before = parse_header(found)
        after = edited(noted, mode)
    except HeaderError:
        return
    again = find_header(after)
    assert again is not None
    assert parse_header(again).requires_python == before.requires_python
    assert after.cells[0].source.count("# a comment") == lines.count("# a comment")
