"""Whatever comes in whatever order: each cell runs once, or is answered once, and none is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.extent import times

from .conftest import Start
from .linked import PROGRESS, Linked

KERNELS = times(2, 8, 80)
ROUNDS = times(20, 25, 25)
STEPS = ("run", "run", "run", "complete", "comm", "hidden", "progress")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(KERNELS))
def test_no_cell_is_lost_and_none_runs_twice(start: Start, environment: Path, seed: int) -> None:
    chance = random.Random(seed)
    kernel = start("forked")
    kernel.hidden("ran = []; got = []")
    kernel.hidden(
        "get_ipython().kernel.comm_manager.register_target('ours', lambda comm, _: "
        "(got.append(comm.comm_id), comm.on_msg(lambda m: got.append(m['content']['data']))))"
    )
    ends: list[tuple[str, list[str]]] = []
    others: list[str] = []
    comms: list[object] = []
    named: dict[str, str] = {}
    for number in range(ROUNDS):
        cells = steps(kernel, chance, others, comms, named, number)
        last = number == ROUNDS - 1
        end = "attach" if last else chance.choice(["interrupt", "fail"])
        if end == "attach":
            kernel.tell("attach", environment=str(environment))
            cells += steps(kernel, chance, others, comms, named, ROUNDS)
        elif cells:
            kernel.until(lambda cells=cells: kernel.waiting == cells)
            if end == "fail":
                kernel.tell("fail", error={"code": "x", "message": "No."})
            else:
                kernel.interrupt()
        for cell in cells:
            kernel.reply(cell)
        ends.append((end, cells))
    for message in others:
        kernel.reply(message)
    values = kernel.hidden("pass", ran="ran", got="got")
    assert values["ran"] == [named[cell] for cell in ends[-1][1]]
    assert values["got"] == comms
    check(kernel, ends)
    assert kernel.state == "idle"


def steps(
    kernel: Linked,
    chance: random.Random,
    others: list[str],
    comms: list[object],
    named: dict[str, str],
    number: int,
) -> list[str]:
    """Do this and that; the cells that were run."""
    cells = []
    for step in chance.choices(STEPS, k=chance.randrange(1, 9)):
        if step == "run":
            name = f"{number}-{len(cells)}"
            stop = chance.random() < 0.5
            cells.append(kernel.run(f"ran.append({name!r})", cell=name, stop_on_error=stop))
            named[cells[-1]] = name
        elif step == "complete":
            content = {"code": "pri", "cursor_pos": 3}
            others.append(kernel.send("complete_request", content))
        elif step == "hidden":
            others.append(kernel.run("1", store_history=False))
        elif step == "comm":
            comm = f"comm-{len(comms)}"
            kernel.send("comm_open", {"comm_id": comm, "target_name": "ours", "data": {}})
            kernel.send("comm_msg", {"comm_id": comm, "data": comm.upper()})
            comms += [comm, comm.upper()]
        else:
            kernel.tell("progress", progress={**PROGRESS, "done": number}, quiet=False)
    return cells


def check(kernel: Linked, ends: list[tuple[str, list[str]]]) -> None:
    """Each has one reply, and ended idle; which, says how its wait ended."""
    for end, cells in ends:
        for place, cell in enumerate(cells):
            (reply,) = kernel.replies_to(cell)
            if end == "attach":
                assert reply["status"] == "ok"
            else:
                assert reply["status"] == ("aborted" if place else "error")
            assert kernel.types(cell).count("idle") == 1
            assert kernel.types(cell)[-1] == "idle"
