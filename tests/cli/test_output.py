"""What people are shown: errors, sizes, tables, progress."""

from __future__ import annotations

import pytest

from headstart.cli.output import error_block, table
from headstart.cli.terminal import line_of
from headstart.core.messages import size_of
from headstart.core.progress import Phase, Progress
from headstart.errors import ExecutionError, NoSuchPackage, UvError


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    error = NoSuchPackage("There is no nunpy.", hint="Did you mean numpy?", log="×")
    assert error_block(error) == "error: There is no nunpy.\nhint: Did you mean numpy?"


def test_an_error_without_a_hint_is_one_line() -> None:
    assert error_block(NoSuchPackage("There is no nunpy.")) == "error: There is no nunpy."


def test_the_log_is_shown_where_there_is_no_diagnosis() -> None:
    error = UvError("uv failed.", hint="See above.", log="a\nb\n")
    assert error_block(error) == "error: uv failed.\n  a\n  b\nhint: See above."


def test_a_failed_cell_shows_its_traceback_with_colours_only_where_there_are_any() -> None:
    traceback = "Traceback:\n\x1b[31mKeyError\x1b[0m: 1"
    error = ExecutionError("Cell 1 failed: KeyError: 1.", traceback=traceback)
    text = "error: Cell 1 failed: KeyError: 1.\n  Traceback:\n  KeyError: 1"
    assert error_block(error) == text
    assert "\x1b[31mKeyError" in error_block(error, colour=True)


def test_colours_are_put_around_words_only() -> None:
    assert error_block(NoSuchPackage("No."), colour=True) == "\x1b[1;31merror:\x1b[0m No."


@pytest.mark.parametrize(
    "size, text",
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_951, "100 kB"),
        (999_600, "1.0 MB"),
        (178_000_000, "178 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_are_short(size, text) -> None:
    assert size_of(size) == text


def test_a_table_is_aligned_and_has_no_blanks_at_the_end_of_its_lines() -> None:
    rows = [("NAME", "SIZE", ""), ("numpy", "5", "for pandas"), ("six", "12", "")]
    assert table(rows, right=(1,)).splitlines() == [
        "NAME   SIZE",
        "numpy     5  for pandas",
        "six      12",
    ]


def test_progress_counts_until_all_is_done() -> None:
    assert line_of(Progress(Phase.RESOLVE, "Resolving")) == "Resolving"
    assert line_of(Progress(Phase.DOWNLOAD, "Downloaded a", 3, 12)) == "Downloaded a, 3 of 12"
    assert line_of(Progress(Phase.INSTALL, "Installed 12", 12, 12)) == "Installed 12"
    times = [
        line_of(Progress(Phase.RESOLVE, "Resolving", remaining=remaining))
        for remaining in (None, 0.0, 1.9, 12.3, 99.4, 150.0)
    ]
    ends = ["", "", "", ", about 12 s left", ", about 99 s left", ", about 2 min left"]
    assert times == [f"Resolving{end}" for end in ends]
