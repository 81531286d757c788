"""Real kernels that wait for their environment, as clients and the end of their link see them."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from headstart.testing.notebooks import header_cell
from tests.kernels.forks import Forks

from .conftest import Start
from .linked import PROGRESS, Linked, shown_json

KINDS = ("process", "forked", "spare", "parked")

FAILURE = {"code": "resolution", "message": "There is no polarss.", "hint": "Is it polars?"}
MIME_TYPE = "application/vnd.headstart.progress+json"
WIDGET_CONTROL = "jupyter.widget.control"

REGISTER = """
opened = []
def target(comm, message):
    opened.append(comm)
    comm.on_msg(lambda message: opened.append(message["content"]["data"]))
get_ipython().kernel.comm_manager.register_target("ours", target)
"""

SLOW_END = """
import asyncio
async def do_shutdown(restart):
    await asyncio.sleep(1)
    return {"status": "ok", "restart": restart}
get_ipython().kernel.do_shutdown = do_shutdown
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_waits_for_its_environment_and_then_runs(
    start: Start, kind: str, environment: Path
) -> None:
    kernel = start(kind)
    cell = kernel.run("import packaged; print(packaged.value)", cell="a")
    kernel.until(lambda: kernel.waiting == [cell])
    assert kernel.hidden("x = 1", x="x") == {"x": 1}
    assert not kernel.replies_to(cell)
    kernel.until(lambda: kernel.state == "busy")

    kernel.attach(environment)
    assert kernel.reply(cell)["status"] == "ok"
    assert kernel.text(cell) == "42\n"
    kernel.until(lambda: kernel.waiting == [])
    assert kernel.said("run") == [{"type": "run", "msg_id": cell, "cell_id": "a", "code": ""}]
    values = kernel.hidden("import sys", prefix="sys.prefix", exe="sys.executable")
    assert values == {"prefix": str(environment), "exe": f"{environment}/bin/python"}
    assert kernel.state == "idle"


def test_all_but_the_users_cells_are_answered_at_once(start: Start) -> None:
    kernel = start()
    cell = kernel.run("1 + 1")
    for kind, content in (
        ("kernel_info_request", {}),
        ("complete_request", {"code": "pri", "cursor_pos": 3}),
        ("inspect_request", {"code": "print", "cursor_pos": 3, "detail_level": 0}),
        ("is_complete_request", {"code": "1"}),
        ("comm_info_request", {}),
        ("history_request", {"output": False, "raw": True, "hist_access_type": "tail", "n": 1}),
        ("execute_request", {"code": "1", "silent": True}),
        ("execute_request", {"code": "1", "silent": False, "store_history": False}),
    ):
        assert kernel.reply(kernel.send(kind, content))["status"] != "error"
        kernel.until(lambda: kernel.state == "busy")
    assert kernel.types(cell).count("busy") == 9
    assert "idle" not in kernel.types(cell)


def test_a_request_that_is_none_is_left_to_the_kernel(start: Start, environment: Path) -> None:
    kernel = start()
    kernel.send("execute_request", b"[]")
    cell = kernel.run("print(1)")
    kernel.until(lambda: kernel.waiting == [cell])

    kernel.attach(environment)
    assert kernel.reply(cell)["status"] == "ok"


def test_a_kernel_for_which_nothing_waits_is_idle(start: Start) -> None:
    kernel = start()
    kernel.hidden("pass")
    assert kernel.state == "idle"
    assert kernel.heard == []


def test_cells_and_comms_are_handled_in_their_order(start: Start, environment: Path) -> None:
    kernel = start()
    first = kernel.run(REGISTER)
    kernel.send("comm_open", {"comm_id": "c", "target_name": "ours", "data": {}})
    second = kernel.run("print(len(opened)); opened.append('second')")
    kernel.send("comm_msg", {"comm_id": "c", "data": {"n": 1}})
    third = kernel.run("print(opened[1:])")
    kernel.until(lambda: kernel.waiting == [first, second, third])

    kernel.attach(environment)
    assert kernel.reply(third)["status"] == "ok"
    assert kernel.text(second) == "1\n"
    assert kernel.text(third) == "['second', {'n': 1}]\n"
    printed = [m["content"]["text"] for m in kernel.iopub if m["msg_type"] == "stream"]
    assert len(printed) == 2, "nothing is said of a comm that was to be opened yet"


def test_the_comm_that_asks_for_all_widgets_does_not_wait(start: Start) -> None:
    kernel = start()
    kernel.run("1 + 1")
    asked = kernel.send("comm_open", {"comm_id": "w", "target_name": WIDGET_CONTROL, "data": {}})
    kernel.until(lambda: "comm_close" in kernel.types(asked))


@pytest.mark.parametrize("quiet", [False, True])
def test_progress_is_shown_and_leaves_no_trace(
    start: Start, environment: Path, quiet: bool
) -> None:
    kernel = start()
    cell = kernel.run("pass")
    kernel.until(lambda: kernel.said("run"))
    for done in (3, 4):
        kernel.tell("progress", progress={**PROGRESS, "done": done}, quiet=quiet)
    if not quiet:
        kernel.until(lambda: "update_display_data" in kernel.types(cell))
        (output,) = notebook_outputs(kernel, cell)
        assert output["data"][MIME_TYPE]["done"] == 4
        assert output["data"]["text/plain"] == "Installing, 4 of 12 packages\n"
    kernel.attach(environment)
    kernel.reply(cell)
    assert notebook_outputs(kernel, cell) == []
    if quiet:
        assert set(kernel.types(cell)) == {"busy", "execute_input", "idle"}


def test_a_front_end_of_ours_that_comes_later_takes_the_output_away(start: Start) -> None:
    kernel = start()
    cell = kernel.run("pass")
    kernel.until(lambda: kernel.said("run"))
    kernel.tell("progress", progress=PROGRESS, quiet=False)
    kernel.tell("progress", progress=PROGRESS, quiet=True)
    kernel.until(lambda: "clear_output" in kernel.types(cell))
    assert notebook_outputs(kernel, cell) == []


def test_a_header_in_a_cell_is_told(start: Start) -> None:
    kernel = start()
    code = header_cell("six") + "\nimport six"
    cell = kernel.run(code)
    kernel.until(lambda: kernel.said("run"))
    assert kernel.said("run")[0] == {"type": "run", "msg_id": cell, "cell_id": "", "code": code}


@pytest.mark.parametrize("kind", ["process", "parked"])
def test_an_interrupt_ends_the_wait_and_running_the_cell_begins_again(
    start: Start, environment: Path, kind: str
) -> None:
    kernel = start(kind)
    first, second, third = (kernel.run("1", stop_on_error=stop) for stop in (False, False, True))
    comm = kernel.send("comm_open", {"comm_id": "c", "target_name": "none", "data": {}})
    kernel.until(lambda: kernel.waiting == [first, second, third])
    kernel.tell("progress", progress=PROGRESS, quiet=False)
    kernel.until(lambda: "display_data" in kernel.types(first))

    kernel.interrupt()
    assert kernel.reply(first)["ename"] == "KeyboardInterrupt"
    assert "Run the cell again" in kernel.error(first)["traceback"][-1]
    assert kernel.reply(second) == kernel.reply(third) == {"status": "aborted"}
    assert kernel.types(second) == ["busy", "idle"]
    outputs = notebook_outputs(kernel, first)
    assert [output["output_type"] for output in outputs] == ["error"]
    kernel.until(lambda: kernel.said("cancel") and "comm_close" in kernel.types(comm))
    assert kernel.waiting == []
    assert kernel.hidden("x = 1", x="x") == {"x": 1}
    assert kernel.state == "idle"

    again = kernel.run("print(__import__('packaged').value)")
    kernel.until(lambda: kernel.waiting == [again])
    kernel.attach(environment)
    assert kernel.reply(again)["execution_count"] == 1
    assert kernel.text(again) == "42\n"


def test_an_interrupt_between_requests_does_nothing_and_within_one_ends_it(start: Start) -> None:
    kernel = start()
    kernel.interrupt()
    kernel.hidden("pass")
    hidden = kernel.run("print('on'); import time; time.sleep(600)", store_history=False)
    kernel.until(lambda: kernel.text(hidden))
    kernel.interrupt()
    assert kernel.reply(hidden)["ename"] == "KeyboardInterrupt"
    assert kernel.heard == []


def test_an_interrupt_while_a_cell_waits_leaves_what_runs_behind_the_scenes(
    start: Start, environment: Path
) -> None:
    kernel = start()
    cell = kernel.run("1")
    kernel.until(lambda: kernel.waiting == [cell])
    hidden = kernel.run("print('on')\nwhile go_on: pass", store_history=False)
    assert kernel.reply(hidden)["ename"] == "NameError"
    code = "import time; print('on', flush=True)\nfor _ in range(40): time.sleep(0.02)"
    hidden = kernel.run(code, store_history=False)
    kernel.until(lambda: kernel.text(hidden))
    kernel.interrupt()
    assert kernel.reply(hidden)["status"] == "ok"
    assert kernel.reply(cell)["ename"] == "KeyboardInterrupt"


def test_once_it_is_attached_an_interrupt_is_as_ever(start: Start, environment: Path) -> None:
    kernel = start()
    kernel.attach(environment)
    kernel.interrupt()
    get = "import signal; handler = signal.getsignal(signal.SIGINT)"
    kernel.reply(kernel.run(get))
    between = "get_ipython().kernel.saved_sigint_handler == signal.SIG_IGN"
    values = kernel.hidden("1", handler="handler is signal.default_int_handler", between=between)
    assert values == {"handler": True, "between": True}
    cell = kernel.run("print('on'); import time; time.sleep(600)")
    kernel.until(lambda: kernel.text(cell))
    kernel.interrupt()
    assert kernel.reply(cell)["ename"] == "KeyboardInterrupt"
    assert not kernel.said("cancel")


@pytest.mark.parametrize("interrupt_first", [True, False])
def test_the_end_of_the_kernel_is_no_interrupt(start: Start, interrupt_first: bool) -> None:
    kernel = start()
    kernel.hidden(SLOW_END)
    cell = kernel.run("1")
    kernel.until(lambda: kernel.waiting == [cell])
    if interrupt_first:
        kernel.interrupt()
    message = kernel.client.session.msg("shutdown_request", {"restart": True})
    kernel.client.control_channel.send(message)
    if not interrupt_first:
        kernel.interrupt()
    kernel.until(lambda: kernel.process.poll() is not None)
    kernel.until(lambda: kernel.link.fileno() < 0)
    assert "error" not in kernel.types()
    assert not kernel.said("cancel")
    assert kernel.process.poll() in (0, -signal.SIGINT)


@pytest.mark.parametrize("kind", ["process", "forked"])
def test_what_fails_is_said_once_and_a_mended_header_goes_on(
    start: Start, environment: Path, kind: str
) -> None:
    kernel = start(kind)
    first, second = kernel.run("1", stop_on_error=False), kernel.run("2", stop_on_error=False)
    kernel.until(lambda: kernel.waiting == [first, second])
    kernel.tell("fail", error=FAILURE)
    assert kernel.reply(first)["evalue"] == FAILURE["message"]
    assert kernel.reply(second) == {"status": "aborted"}
    traceback = "\n".join(kernel.error(first)["traceback"])
    assert FAILURE["hint"] in traceback
    assert traceback.endswith("Then run the cell again.")
    kernel.until(lambda: kernel.waiting == [])

    again = kernel.run("print('again')")
    kernel.until(lambda: kernel.waiting == [again])
    kernel.attach(environment)
    assert kernel.reply(again)["status"] == "ok"
    assert kernel.text(again) == "again\n"


@pytest.mark.parametrize(
    "error, name, end",
    [
        ({"code": "header", "message": "No."}, "HeadstartError", "Correct the header and run"),
        (
            {"code": "cancelled", "message": "Stopped."},
            "KeyboardInterrupt",
            "Stopped. Run the cell",
        ),
        ({"code": "restart-needed", "message": "No."}, "HeadstartError", "Restart the kernel."),
        (
            {"code": "restart-needed", "message": "No.", "hint": "Restart it now."},
            "HeadstartError",
            "Restart it now.",
        ),
    ],
)
def test_what_to_do_fits_the_error(start: Start, error: Any, name: str, end: str) -> None:
    kernel = start()
    cell = kernel.run("1")
    kernel.until(lambda: kernel.said("run"))
    kernel.tell("fail", error=error)
    assert kernel.reply(cell)["ename"] == name
    assert end in kernel.error(cell)["traceback"][-1]


def test_without_the_other_end_every_cell_says_to_restart(start: Start) -> None:
    kernel = start()
    first, second = kernel.run("1"), kernel.run("2")
    kernel.until(lambda: kernel.waiting == [first, second])
    kernel.link.close()
    assert kernel.error_of(first)["traceback"][-1] == "Restart the kernel."
    assert kernel.reply(second) == {"status": "aborted"}
    later = kernel.run("3")
    assert kernel.error_of(later)["traceback"][-1] == "Restart the kernel."
    assert kernel.hidden("x = 1", x="x") == {"x": 1}
    assert kernel.state == "idle"


def test_after_it_is_attached_the_end_of_the_link_means_nothing(
    start: Start, environment: Path
) -> None:
    kernel = start()
    kernel.attach(environment)
    kernel.tell("fail", error=FAILURE)
    kernel.link.close()
    cell = kernel.run("print('on')")
    assert kernel.reply(cell)["status"] == "ok"
    assert kernel.text(cell) == "on\n"


def test_a_kernel_without_a_link_loads_nothing_of_this(forks: Forks) -> None:
    forks.launch(plain=True)
    code = "import sys; loaded = [name for name in sys.modules if name.startswith('headstart')]"
    loaded = forks.ask(code, "loaded")
    assert "headstart_kernel.app" in loaded
    assert not [name for name in loaded if "waiting" in name or "patched.shell" in name]


def test_what_it_does_not_know_is_ignored(start: Start, environment: Path) -> None:
    kernel = start()
    kernel.tell("dance", leases=[0])
    kernel.tell("progress")
    kernel.attach(environment)


def notebook_outputs(kernel: Linked, cell: str) -> list[dict[str, Any]]:
    """A cell's outputs as nbclient has them in the file, after what has been published."""
    code = nbformat.v4.new_code_cell()
    notebook = nbformat.v4.new_notebook(cells=[code])
    client = NotebookClient(notebook, record_timing=False)
    client.reset_execution_trackers()
    client.clear_before_next_output = False
    for message in kernel.of(cell):
        if message["content"].get("execution_state") != "idle":
            client.process_message(message, code, 0)
    nbformat.validate(notebook)
    outputs: list[dict[str, Any]] = shown_json(code.outputs)
    return outputs
