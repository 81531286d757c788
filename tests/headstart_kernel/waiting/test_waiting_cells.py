"""Which requests wait, and in what order they go on."""

from __future__ import annotations

from typing import Any

import pytest

from headstart_kernel.shell_request import Request
from headstart_kernel.waiting.waiting_cells import WIDGET_CONTROL, WaitingCells


def request(kind: str, content: Any = None, metadata: Any = None, number: int = 0) -> Request:
    header = {"msg_type": kind, "msg_id": f"{kind}-{number}"}
    message = {"header": header, "metadata": metadata or {}, "content": content or {}}
    return Request([], [], message)


def cell(number: int = 0) -> Request:
    return request("execute_request", {"code": "1", "silent": False}, number=number)


@pytest.mark.parametrize(
    "content, waits",
    [
        ({"silent": False, "store_history": True}, True),
        ({"silent": False, "store_history": True, "stop_on_error": False}, True),
        ({"silent": False}, True),
        ({}, True),
        ({"silent": False, "store_history": False}, False),
        ({"silent": True, "store_history": True}, False),
        ({"silent": True}, False),
    ],
)
def test_what_the_user_has_run_waits(content: Any, waits: bool) -> None:
    cells = WaitingCells()
    assert cells.keep(request("execute_request", content)) is waits
    assert len(cells.cells) == waits


def test_comms_wait_behind_a_cell_only_and_all_go_on_in_order() -> None:
    cells = WaitingCells()
    before, behind, later = (
        request("comm_msg", {"comm_id": "c"}, number=number) for number in range(3)
    )
    first, second = cell(1), cell(2)
    assert not cells.keep(before)
    assert all(map(cells.keep, (first, behind, second, later)))
    assert not cells.keep(request("kernel_info_request"))
    assert cells.cells == [first, second]
    assert cells.take() == [first, behind, second, later]
    assert cells.take() == []
    assert not cells.keep(request("comm_close", {"comm_id": "c"}))


def test_the_control_comm_of_widgets_never_waits() -> None:
    cells = WaitingCells()
    early = request("comm_open", {"comm_id": "w", "target_name": WIDGET_CONTROL})
    assert not cells.keep(early)
    assert cells.keep(cell())
    assert not cells.keep(request("comm_msg", {"comm_id": "w"}))
    assert cells.keep(request("comm_msg", {"comm_id": "other"}))


def test_a_cell_has_an_id_where_the_front_end_tells_it() -> None:
    assert request("execute_request", {}, {"cellId": "a"}).cell_id == "a"
    assert request("execute_request", {}, {"cellId": None}).cell_id == ""
    assert cell().cell_id == ""
