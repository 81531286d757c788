"""Cells that are run while something is said of those before them."""

from __future__ import annotations

import time
from pathlib import Path

from headstart_kernel.waiting.waiting_kernel import BEFORE_A_SHUTDOWN

from .conftest import Start

FAILURE = {"code": "resolution", "message": "There is no polarss.", "hint": "Is it polars?"}


def test_a_failure_is_not_that_of_cells_which_were_run_after_it(
    start: Start, environment: Path
) -> None:
    kernel = start("process")
    first, second = kernel.run("1"), kernel.run("import packaged; print(packaged.value)")
    kernel.until(lambda: kernel.waiting == [first, second])
    kernel.tell("fail", error=FAILURE, runs=1)
    assert kernel.reply(first)["ename"] == "HeadstartError"
    kernel.until(lambda: kernel.waiting == [second])
    kernel.until(lambda: kernel.state == "busy")
    kernel.attach(environment)
    assert kernel.reply(second)["status"] == "ok"
    assert kernel.text(second) == "42\n"


def test_cells_that_were_not_run_are_answered_after_the_one_that_failed(start: Start) -> None:
    kernel = start("process")
    cells = [kernel.run("1") for _ in range(4)]
    kernel.until(lambda: kernel.waiting == cells)
    kernel.tell("fail", error=FAILURE)
    assert [kernel.reply(cell)["status"] for cell in cells] == ["error", *["aborted"] * 3]
    answered = [reply["parent_header"]["msg_id"] for reply in kernel.replies]
    assert [each for each in answered if each in cells] == cells
    assert all(kernel.types(cell) == ["busy", "idle"] for cell in cells[1:])


def test_an_interrupt_is_not_for_a_cell_that_was_run_after_it(start: Start) -> None:
    kernel = start("process")
    first = kernel.run("1")
    kernel.until(lambda: kernel.waiting == [first])
    kernel.interrupt()
    kernel.hidden("1")  # it has been taken: the second one is another
    kernel.interrupt()
    kernel.reply(first)
    second = kernel.run("2")
    kernel.until(lambda: kernel.waiting == [second])
    end = time.monotonic() + 2 * BEFORE_A_SHUTDOWN
    kernel.until(lambda: time.monotonic() > end)
    assert not kernel.replies_to(second)
    assert kernel.waiting == [second]
