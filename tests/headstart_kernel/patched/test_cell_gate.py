"""Cells are looked at before a kernel runs them."""

from __future__ import annotations

import asyncio
from typing import Any

from headstart_kernel.patched.cell_gate import gate_cells


class Kernel:
    """As far as it matters here."""

    async def do_execute(self, code: str, silent: bool, store_history: bool = True) -> str:
        return f"ran {code}"


async def refusal() -> str:
    return "refused"


def test_a_cell_is_run_unless_it_is_answered() -> None:
    seen: list[Any] = []

    def judge(*arguments: Any) -> Any:
        seen.append(arguments)
        return refusal() if arguments[0] == "bad" else None

    kernel = Kernel()
    gate_cells(kernel, judge)
    assert asyncio.run(kernel.do_execute("good", False)) == "ran good"
    assert asyncio.run(kernel.do_execute("bad", silent=True, store_history=False)) == "refused"
    assert seen == [("good", False, True), ("bad", True, False)]


def test_a_kernel_that_runs_cells_in_another_way_is_left_alone() -> None:
    gate_cells(object(), lambda *_: None)
