"""Another refresh mode in every form that a header may have."""

from __future__ import annotations

import jupytext
import nbformat
import pytest

from headstart.core.header.edit import set_refresh, with_text
from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import Cell, Notebook, find_header, notebook_of
from headstart.core.refresh import RefreshMode
from headstart.errors import HeaderError
from tests.core.factory import block, notebook
from tests.core.notebook.test_jupytext import NOTEBOOKS
from tests.effort import effort

CACHED, EPHEMERAL = RefreshMode.CACHED, RefreshMode.EPHEMERAL


def edited_text(noted: Notebook, mode: RefreshMode) -> Notebook:
    edit = set_refresh(noted, find_header(noted), mode)
    assert edit.text is not None
    return Notebook(path=noted.path, text=edit.text)


def mode_of(noted: Notebook) -> RefreshMode:
    found = find_header(noted)
    assert found is not None
    return parse_header(found).refresh


def changed(one: str, other: str) -> list[str]:
    """The lines of two texts that the other has not."""
    before, after = one.splitlines(keepends=True), other.splitlines(keepends=True)
    return [line for line in before if line not in after] + [
        line for line in after if line not in before
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_an_edit_of_a_text_changes_only_its_lines(name: str) -> None:
    noted = Notebook(path=name, text=NOTEBOOKS[name][0])
    after = edited_text(noted, CACHED)
    assert mode_of(after) is CACHED
    lines = changed(noted.text or "", after.text or "")
    assert lines
    assert all("refresh" in line or "[tool.headstart]" in line for line in lines)
    assert mode_of(edited_text(after, EPHEMERAL)) is EPHEMERAL


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_an_edit_of_the_cells_gives_the_edited_file(name: str) -> None:
    """What jupytext writes of the edited cells is what is read the next time."""
    suffix = "." + name.rpartition(".")[2]
    node = jupytext.reads(NOTEBOOKS[name][0].removeprefix("\ufeff"), fmt=suffix)
    noted = notebook_of(node)
    edit = set_refresh(noted, find_header(noted), CACHED)
    if edit.cell is not None:
        node.cells[edit.cell].source = edit.source
    else:
        node.metadata["headstart"] = nbformat.from_dict(edit.fields)
    written = Notebook(path=name, text=jupytext.writes(node, fmt=suffix))
    assert mode_of(written) is CACHED


def test_an_edit_of_front_matter_keeps_the_rest_of_its_cell() -> None:
    source = "---\ntitle: x # y\nheadstart: [numpy]\n---\n".replace("\n", "\r\n")
    noted = Notebook((Cell(0, "raw", source),))
    edit = set_refresh(noted, find_header(noted), EPHEMERAL)
    ours = "headstart:\r\n  dependencies: [numpy]\r\n  refresh: true\r\n"
    assert edit.source == source.replace("headstart: [numpy]\r\n", ours)
    assert edit.cell == 0


def test_the_only_field_of_front_matter_is_turned_and_not_removed() -> None:
    noted = Notebook((Cell(0, "raw", "---\nheadstart:\n  refresh: true\n---"),))
    edit = set_refresh(noted, find_header(noted), CACHED)
    assert edit.source == "---\nheadstart:\n  refresh: false\n---"


def test_front_matter_that_cannot_be_edited_says_what_to_write() -> None:
    noted = Notebook((Cell(0, "raw", "---\n{headstart:\n numpy}\n---"),))
    with pytest.raises(HeaderError, match="cell 1, line 2 cannot be edited"):
        set_refresh(noted, find_header(noted), EPHEMERAL)


def test_a_lock_in_the_metadata_stays_where_it_is() -> None:
    lock = {"lock": {"version": 1}}
    for value in (lock, {**lock, "dependencies": "numpy"}):
        noted = notebook("x", metadata=value)
        edit = set_refresh(noted, find_header(noted), EPHEMERAL)
        assert edit.fields == {**value, "refresh": True}
        again = notebook("x", metadata=edit.fields)
        assert set_refresh(again, find_header(again), CACHED).fields == value


def test_a_text_notebook_without_a_header_gets_none_by_itself() -> None:
    with pytest.raises(HeaderError, match="has no header"):
        set_refresh(Notebook(path="a.py", text="x = 1\n"), None, EPHEMERAL)


def test_any_text_can_be_put_into_a_block() -> None:
    noted = Notebook(
        path="a.py", text=f"import os\n\n{block('a = 1', 'b = 2', 'c = 3')}\n\nx = 1\n"
    )
    found = find_header(noted)
    assert found is not None
    after = with_text(noted, found, "a = 1\n\nb = 2 # x\nc = 3\n").text
    assert after == f"import os\n\n{block('a = 1', '', 'b = 2 # x', 'c = 3')}\n\nx = 1\n"


def test_a_header_of_many_lines_is_edited_quickly() -> None:
    noted = notebook(block(*[""] * 30_000, "x = 1", *[""] * 30_000))

    def change() -> None:
        edit = set_refresh(noted, find_header(noted), EPHEMERAL)
        assert edit.source is not None
        assert edit.source.endswith("#\n# [tool.headstart]\n# refresh = true\n# ///")
        found = find_header(noted)
        assert found is not None
        other = with_text(noted, found, f"a = 1\n{found.text}b = 2\n")
        assert (other.source or "").startswith("# /// script\n# a = 1\n#\n")

    assert effort(change, rounds=1) < 500
