"""Headers in YAML front matter: of a raw cell, of Markdown, of a script."""

from __future__ import annotations

import pytest

from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import Cell, FoundHeader, HeaderPlace, Notebook, find_header
from headstart.errors import DuplicateHeader, HeaderError
from tests.core.factory import block
from tests.effort import effort

METADATA = "the notebook's metadata (key headstart)"


def in_cell(*lines: str, after: str = "") -> Notebook:
    """A notebook that begins with a raw cell of front matter."""
    source = "\n".join(["---", *lines, "---"])
    return Notebook((Cell(0, "raw", source), Cell(1, "code", after)))


def found_in(notebook: Notebook) -> FoundHeader:
    found = find_header(notebook)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "lines",
    [["headstart:", "  dependencies: [numpy, 'pandas>=2']"],
     ["title: x", "headstart:", "    dependencies:", "    - numpy", "    - pandas>=2  # both"],
     ["headstart: numpy pandas>=2"],
     ["headstart: [numpy, pandas>=2]"],
     ["headstart:", "- numpy", "- pandas>=2"],
     ["headstart: |", "  numpy", "  pandas>=2"],
     ['"headstart": {dependencies: "numpy, pandas>=2"}'],
     ["{title: x, headstart: numpy pandas>=2}"]],
)  # fmt: skip
def test_every_form_of_yaml_says_the_same(lines: list[str]) -> None:
    found = found_in(in_cell(*lines))
    assert (found.place, found.cell, found.line) == (HeaderPlace.FRONT_MATTER, 0, 2)
    header = parse_header(found)
    assert [each.canonical for each in header.requirements] == ["numpy", "pandas>=2"]


def test_plain_words_are_what_they_look_like() -> None:
    found = found_in(
        in_cell("headstart:", "  python-version: 3.10", "  refresh: yes",
                "  exclude-newer: 2026-01-31")
    )  # fmt: skip
    assert found.fields == {
        "python-version": "3.10", "refresh": True, "exclude-newer": "2026-01-31"
    }  # fmt: skip


@pytest.mark.parametrize(
    "notebook",
    [in_cell("title: headstart"), in_cell("title: {broken", "x: headstart here"), in_cell(""),
     in_cell("other:", "  headstart: numpy"),
     Notebook((Cell(0, "code", "x"), Cell(1, "raw", "---\nheadstart: numpy\n---"))),
     Notebook((Cell(0, "markdown", "---\nheadstart: numpy\n---"),)),
     Notebook((Cell(0, "raw", "---\nheadstart: numpy\n"),))],
)  # fmt: skip
def test_what_is_no_front_matter_of_ours_is_no_header(notebook: Notebook) -> None:
    assert find_header(notebook) is None


def test_other_keys_are_not_read() -> None:
    found = found_in(
        in_cell("params: !expr f(x)", "a: &a 1", "b: *a", "? [x]", ": y", "headstart: numpy")
    )
    assert found.fields == {"dependencies": "numpy"}


@pytest.mark.parametrize(
    "lines, line, message",
    [(["headstart:", "  dependencies: *a"], 3, "The alias *a is not read"),
     (["headstart:", "  dependencies: &a x"], 3, "The anchor &a is not read"),
     (["headstart: !!python/object:os.system x"], 2, "The tag tag:yaml.org"),
     (["a: 1", "headstart: {dependencies: [x"], 3, "front matter cannot be read"),
     (["headstart:", "\tdependencies: x"], 3, "cannot start any token"),
     (["headstart: 3", "headstart:"], 3, '"headstart" is given a second time'),
     (["headstart:", "  refresh: true", "  refresh: false"], 4, '"refresh" is given a second'),
     (["headstart:"], 2, "headstart is empty"),
     (["headstart: true"], 2, "headstart is true"),
     (["headstart:", "  ? [a]", "  : b"], 3, "A key is not a string"),
     (["headstart: " + "[" * 100], 2, "nested too deeply")],
)  # fmt: skip
def test_an_error_names_cell_and_line(lines: list[str], line: int, message: str) -> None:
    with pytest.raises(HeaderError) as caught:
        find_header(in_cell(*lines))
    assert message in caught.value.message
    assert f"In cell 1, line {line}: " in caught.value.message
    assert (caught.value.details["cell"], caught.value.details["line"]) == (1, line)
    assert caught.value.hint


def test_an_error_of_a_field_names_its_line() -> None:
    with pytest.raises(HeaderError, match="cell 1, line 4: "):
        parse_header(found_in(in_cell("title: x", "headstart:", "  refresch: true")))


def test_a_block_in_a_cell_goes_first_and_says_what_it_hides() -> None:
    notebook = in_cell("headstart: numpy", after=block())
    notebook = Notebook(notebook.cells, {"headstart": "pandas"})
    found = found_in(notebook)
    assert (found.place, found.cell) == (HeaderPlace.CELL, 1)
    assert [warning.partition("hides")[2] for warning in found.warnings] == [
        " the one in the front matter, which is not read. Remove one of the two.",
        f" the one in {METADATA}, which is not read. Remove one of the two.",
    ]


def test_front_matter_goes_before_the_metadata() -> None:
    found = found_in(Notebook(in_cell("headstart: numpy").cells, {"headstart": "pandas"}))
    assert found.place is HeaderPlace.FRONT_MATTER
    assert found.warnings[0].startswith(
        "The header in the front matter hides the one in the notebo"
    )


def test_a_hidden_header_need_not_be_right() -> None:
    notebook = in_cell("headstart: [", after=block())
    assert "front matter" in found_in(Notebook(notebook.cells, {"headstart": 3})).warnings[0]


def test_a_lock_or_a_receipt_alone_is_no_header_and_hides_none() -> None:
    kept = {"headstart": {"lock": {"version": 1}, "receipt": {}}}
    assert find_header(Notebook((), kept)) is None
    assert found_in(Notebook((Cell(0, "code", block()),), kept)).warnings == ()
    both = {"headstart": {"lock": {}, "dependencies": "numpy"}}
    assert found_in(Notebook((), both)).fields == both["headstart"]


def test_more_than_64_kib_are_refused() -> None:
    with pytest.raises(HeaderError, match="64 KiB"):
        find_header(in_cell("headstart: numpy", *["# " + "é" * 40] * 1_000))


@pytest.mark.parametrize(
    "lines",
    [["headstart: " + "[" * 60_000], ["headstart: " + "{" * 60_000],
     ["headstart: " + "- " * 30_000], ["headstart: " + ":" * 60_000],
     ["headstart:", *["a: b"] * 10_000], ["headstart: &a " + "&a " * 9_000],
     ["headstart: '" + "''" * 30_000], ["headstart: " + "!" * 60_000],
     ["headstart:", "  ? " * 9_000], ["headstart: \ud800"], ["headstart: \x00"],
     ["headstart: |", *[" " * 20 + "x"] * 3_000], ["headstart:"] * 6_000],
)  # fmt: skip
def test_hostile_front_matter_is_refused_quickly(lines: list[str]) -> None:
    def refuse() -> None:
        with pytest.raises(HeaderError):
            parse_header(found_in(in_cell(*lines)))

    assert effort(refuse, rounds=1) < 150


def test_two_blocks_are_an_error_wherever_they_stand() -> None:
    with pytest.raises(DuplicateHeader, match="line 2 of the notebook and in line 6"):
        find_header(Notebook(path="a.py", text=f"\n{block()}\n\n\n{block()}"))
