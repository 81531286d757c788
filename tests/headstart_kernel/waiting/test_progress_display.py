"""What a waiting cell shows, and how that goes away."""

from __future__ import annotations

from typing import Any

import pytest

from headstart_kernel.waiting.progress_display import MIME_TYPE, ProgressDisplay, describe

from .test_waiting_cells import cell

PROGRESS = {
    "phase": "download",
    "message": "Downloading packages.",
    "done": 3,
    "total": 12,
    "size": 0,
    "bytes_done": 45_000_000,
    "bytes_total": 120_000_000,
    "fraction": 0.3,
    "remaining": 20,
    "seconds": 4.2,
}


@pytest.mark.parametrize(
    "change, text",
    [
        ({}, "Downloading packages, 3 of 12 packages, 45 of 120 MB, about 20 s left\n"),
        ({"remaining": 200, "total": 0}, "Downloading packages, 45 of 120 MB, about 3 min left\n"),
        ({"remaining": None, "bytes_total": None}, "Downloading packages, 3 of 12 packages\n"),
        ({"message": "", "total": 0, "bytes_total": 0, "remaining": 0.2},
         "download, about 1 s left\n"),
    ],
)  # fmt: skip
def test_progress_is_one_line_of_text(change: dict[str, Any], text: str) -> None:
    assert describe({**PROGRESS, **change}) == text


def test_progress_that_says_nothing_is_a_line_too() -> None:
    assert describe({}) == "Preparing the environment\n"


def test_it_is_one_output_which_is_updated_and_cleared_once() -> None:
    sent: list[Any] = []
    display = ProgressDisplay(lambda *message: sent.append(message))
    first, second = cell(1), cell(2)
    display.clear()
    assert sent == []

    display.show(first, PROGRESS)
    display.show(first, PROGRESS)
    display.show(first, {**PROGRESS, "done": 4})
    display.clear()
    display.clear()
    display.show(second, PROGRESS)
    assert [(kind, request) for kind, _, request in sent] == [
        ("display_data", first),
        ("update_display_data", first),
        ("clear_output", first),
        ("display_data", second),
    ]
    contents = [content for _, content, _ in sent]
    assert contents[2] == {"wait": False}
    assert contents[1]["data"][MIME_TYPE]["done"] == 4
    shown, updated, _, other = [content.get("transient") for content in contents]
    assert shown == updated != other
