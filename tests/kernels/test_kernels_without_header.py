"""Kernels that were started without a header, and are to run a cell that holds one."""

from __future__ import annotations

from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from headstart.testing.notebooks import header_cell
from tests.waiting import LIMIT

from .forks import Forks

HEADER = header_cell("six") + "\nprint('it ran')"

ORDINARY = (
    "x = 1; x",
    "import traceback; print(len(traceback.extract_stack()))",
    "def f():\n    raise ValueError('x')\nf()",
    "print(In[-1], '# /// script')",
    "import asyncio; await asyncio.sleep(0); _",
    "%%writefile -a tool.py\n" + header_cell("six"),
    "[len(each) for each in get_ipython().events.callbacks.values()]",
    "len(get_ipython().input_transformers_cleanup)",
    "input()",
)


async def outputs(client: AsyncKernelClient, code: str, **options: Any) -> list[dict[str, Any]]:
    """What a cell shows, with the reply's status as the last of it."""
    request = client.execute(code, allow_stdin=False, **options)
    shown = []
    while True:
        message = await client.get_iopub_msg(timeout=LIMIT)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["content"].get("execution_state") == "idle":
            break
        if message["msg_type"] in ("stream", "error", "execute_result", "execute_input"):
            shown.append({"type": message["msg_type"], **message["content"]})
    while True:
        reply = await client.get_shell_msg(timeout=LIMIT)
        if reply["parent_header"]["msg_id"] == request:
            break
    return [*shown, {"type": "reply", "status": reply["content"]["status"]}]


def start(forks: Forks, forked: bool, headerless: str) -> None:
    if forked:
        forks.fork(headerless=headerless)
    else:
        forks.launch(plain=True, headerless=headerless)


def shown(forks: Forks, *cells: str, **options: Any) -> list[Any]:
    """What the cells show in the kernel that was started last."""

    async def talk(client: AsyncKernelClient) -> list[Any]:
        await client.wait_for_ready(timeout=LIMIT)
        return [await outputs(client, cell, **options) for cell in cells]

    return forks.talk(talk)


def texts(outputs: list[dict[str, Any]], stream: str) -> str:
    """What has come on a stream."""
    return "".join(output["text"] for output in outputs if output.get("name") == stream)


@pytest.mark.parametrize("forked", [False, True], ids=["process", "forked"])
@pytest.mark.parametrize(
    "where, says",
    [("server", "Restart the kernel"), ("unknown", "does not know which notebook")],
)
def test_in_a_server_the_cell_says_it_and_runs(forks: Forks, forked, where, says) -> None:
    start(forks, forked, where)

    (cell,) = shown(forks, HEADER)
    notice = texts(cell, "stderr")
    assert "holds a header" in notice
    assert says in notice
    assert texts(cell, "stdout") == "it ran\n"


@pytest.mark.parametrize("forked", [False, True], ids=["process", "forked"])
def test_elsewhere_the_cell_fails_and_does_not_run(forks: Forks, forked) -> None:
    start(forks, forked, "headless")

    cell, after = shown(forks, HEADER, "print('goes on')")
    assert [output["type"] for output in cell] == ["execute_input", "error", "reply"]
    assert "headstart run" in "\n".join(cell[1]["traceback"])
    assert cell[-1]["status"] == "error"
    assert texts(after, "stdout") == "goes on\n"


def test_what_is_run_behind_the_scenes_is_left_alone(forks: Forks) -> None:
    for headerless, options in (
        ("server", {"store_history": False}),
        ("server", {"silent": True}),
        ("headless", {"silent": True}),
    ):
        forks.launch(plain=True, headerless=headerless)
        (cell,) = shown(forks, HEADER, **options)
        assert texts(cell, "stderr") == ""
        assert cell[-1]["status"] == "ok"


def test_a_kernel_with_a_header_says_nothing(forks: Forks) -> None:
    forks.launch(plain=True)

    (cell,) = shown(forks, HEADER)
    assert texts(cell, "stdout") == "it ran\n"
    assert texts(cell, "stderr") == ""


def test_all_other_cells_run_as_ever(forks: Forks) -> None:
    results = []
    for headerless in ("", "headless"):
        forks.launch(plain=True, headerless=headerless)
        results.append(shown(forks, *ORDINARY))
        (forks.folder / "tool.py").unlink()

    ours, plain = results
    assert ours == plain
