"""Real kernels that wait for their environment, as clients and the end of their link see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Start

KINDS = ("process", "forked", "spare", "parked")

FAILURE = {"code": "resolution", "message": "There is no polarss.", "hint": "Is it polars?"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_waits_for_its_environment_and_then_runs(
    start: Start, kind: str, environment: Path
) -> None:
    kernel = start(kind)
    cell = kernel.run("import packaged; print(packaged.value)", cell="a")
    kernel.until(lambda: kernel.waiting == [cell])
    assert kernel.hidden("x = 1", x="x") == {"x": 1}
    assert not kernel.replies_to(cell)
    assert kernel.state == "busy"

    kernel.attach(environment)
    assert kernel.reply(cell)["status"] == "ok"
    assert kernel.text(cell) == "42\n"
    kernel.until(lambda: kernel.waiting == [])
    assert kernel.said("run") == [{"type": "run", "msg_id": cell, "cell_id": "a", "code": ""}]
    values = kernel.hidden("import sys", prefix="sys.prefix", exe="sys.executable")
    assert values == {"prefix": str(environment), "exe": f"{environment}/bin/python"}
    assert kernel.state == "idle"
