"""A kernel that starts before its environment, in a real server, as a front end sees it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from headstart import envvars
from headstart.kernels.status import status_board
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.wheels import make_wheel
from headstart.uv.runner import UvRunner
from tests.browser.index import HeldIndex
from tests.waiting import LIMIT, until

pytestmark = pytest.mark.real_index

PATH = "a.ipynb"


class Client:
    """A front end's websocket to one kernel."""

    def __init__(self, socket: Any, kernel_id: str) -> None:
        self._socket = socket
        self.kernel_id = kernel_id
        self.heard: list[dict[str, Any]] = []
        self._session = uuid4().hex

    async def send(self, kind: str, channel: str = "shell", **content: Any) -> str:
        msg_id = uuid4().hex
        header = {
            "msg_id": msg_id,
            "msg_type": kind,
            "session": self._session,
            "username": "",
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {"cellId": f"cell-{msg_id[:4]}"} if kind == "execute_request" else {},
            "content": content,
            "channel": channel,
            "buffers": [],
        }
        await self._socket.write_message(json.dumps(message))
        return msg_id

    async def run(self, code: str) -> str:
        return await self.send(
            "execute_request", code=code, silent=False, store_history=True, allow_stdin=False
        )

    async def next(self) -> dict[str, Any]:
        message = json.loads(await asyncio.wait_for(self._socket.read_message(), LIMIT))
        self.heard.append(message)
        return message

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message, of those that have come or will, for which a condition is true."""
        for message in self.heard:
            if condition(message):
                return message
        while not condition(message := await self.next()):
            pass
        return message

    async def reply(self, msg_id: str) -> dict[str, Any]:
        """The reply to a request."""
        message = await self.until(
            lambda message: (
                message["channel"] != "iopub" and message["parent_header"].get("msg_id") == msg_id
            )
        )
        content: dict[str, Any] = message["content"]
        return content

    async def outputs(self, msg_id: str) -> list[dict[str, Any]]:
        """What a request has shown when it is done."""
        await self.until(
            lambda message: (
                message["parent_header"].get("msg_id") == msg_id
                and message["content"].get("execution_state") == "idle"
            )
        )
        mine = [each for each in self.heard if each["parent_header"].get("msg_id") == msg_id]
        kinds = ("stream", "execute_result", "error", "display_data", "clear_output")
        return [
            {"type": each["msg_type"], **each["content"]}
            for each in mine
            if each["msg_type"] in kinds
        ]


@pytest.fixture
def index(tmp_path: Path):
    house = tmp_path / "wheels"
    house.mkdir()
    make_wheel(house, "live-alpha", "1.0", {"live_alpha.py": "WHO = 'alpha'\n"})
    make_wheel(house, "live-beta", "1.0", {"live_beta.py": "WHO = 'beta'\n"})
    with HeldIndex(house) as index:
        yield index


@pytest.fixture
def live(
    jp_fetch,
    jp_ws_fetch,
    jp_root_dir: Path,
    kernelspec: str,
    shared_layer: Path,
    index: HeldIndex,
    monkeypatch,
):
    """Opens the notebook of some cells as a front end does."""
    monkeypatch.setenv(envvars.STORE, str(shared_layer))
    monkeypatch.setenv(envvars.EXTRA_INDEXES, index.url)
    monkeypatch.setenv("HEADSTART_TRUST", "run")

    async def open_(*cells: str) -> Client:
        save_notebook(jp_root_dir / PATH, *cells)
        body = {"path": PATH, "name": PATH, "type": "notebook", "kernel": {"name": kernelspec}}
        response = await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
        kernel_id = json.loads(response.body)["kernel"]["id"]
        socket = await jp_ws_fetch("api", "kernels", kernel_id, "channels")
        return Client(socket, kernel_id)

    return open_


async def test_a_held_kernel_answers_and_runs_when_its_environment_is_there(live, index) -> None:
    with index.held():
        client = await live(header_cell("live-alpha"), "import live_alpha; live_alpha.WHO")
        info = await client.send("kernel_info_request")
        assert (await client.reply(info))["status"] == "ok"
        assert status_board.get(client.kernel_id).state.value == "held"
        first = await client.run(header_cell("live-alpha"))
        second = await client.run("import live_alpha; live_alpha.WHO")
        shown = await client.until(lambda message: message["msg_type"] == "display_data")
        assert shown["parent_header"]["msg_id"] == first
        other = await client.send("complete_request", code="impor", cursor_pos=5)
        assert (await client.reply(other))["status"] == "ok"
    assert (await client.reply(first))["status"] == "ok"
    assert (await client.reply(second))["status"] == "ok"
    results = await client.outputs(second)
    assert [each["data"]["text/plain"] for each in results] == ["'alpha'"]
    assert status_board.get(client.kernel_id).state.value == "ready"


async def test_cells_wait_again_after_an_interrupt_and_after_an_error(
    live, index, jp_fetch
) -> None:
    client = await live(header_cell("live-alpha"), "1 + 1")
    with index.held():
        first, second = await client.run("1 + 1"), await client.run("2 + 2")
        await client.until(lambda message: message["msg_type"] == "display_data")
        await jp_fetch("api", "kernels", client.kernel_id, "interrupt", method="POST", body="")
        assert (await client.reply(first))["ename"] == "KeyboardInterrupt"
        assert (await client.reply(second))["status"] == "aborted"
        assert status_board.get(client.kernel_id).error.code == "cancelled"
    third = await client.run("3 + 3")
    assert (await client.reply(third))["status"] == "ok"
    assert [each["type"] for each in await client.outputs(third)][-1] == "execute_result"


async def test_a_header_with_a_typo_is_mended_in_the_cell_without_a_restart(live, jp_fetch) -> None:
    client = await live(header_cell("live-alhpa"), "1 + 1")
    first = await client.run(header_cell("live-alhpa"))
    reply = await client.reply(first)
    assert (reply["status"], reply["ename"]) == ("error", "HeadstartError")
    assert "live-alhpa" in "".join(reply["traceback"])
    second = await client.run(header_cell("live-alpha"))
    assert (await client.reply(second))["status"] == "ok"
    third = await client.run("import live_alpha; live_alpha.WHO")
    assert (await client.outputs(third))[0]["data"]["text/plain"] == "'alpha'"


async def test_a_kernel_killed_while_it_waits_comes_back_and_nothing_is_built_twice(
    live, index, jp_serverapp
) -> None:
    client = await live(header_cell("live-alpha", "live-beta"), "1 + 1")
    with index.held():
        await client.run("1 + 1")
        await client.until(lambda message: message["msg_type"] == "display_data")
        provisioner = jp_serverapp.kernel_manager.get_kernel(client.kernel_id).provisioner
        build = provisioner.follower._build
        provisioner.process.send_signal(9)
        await client.until(lambda message: message["content"].get("execution_state") == "starting")
        assert provisioner.follower._build is build
    second = await client.run("import live_beta; live_beta.WHO")
    assert (await client.outputs(second))[-1]["data"]["text/plain"] == "'beta'"


async def test_what_was_agreed_to_is_there_before_the_kernel(live) -> None:
    client = await live(header_cell("live-beta"))
    await client.reply(await client.run("1 + 1"))
    again = await live(header_cell("live-beta"))
    assert status_board.get(again.kernel_id).state.value == "ready"
    shown = await again.outputs(await again.run("import live_beta; live_beta.WHO"))
    assert shown[-1]["data"]["text/plain"] == "'beta'"


@pytest.mark.parametrize("hidden", [{"silent": True}, {"silent": False, "store_history": False}])
async def test_what_runs_behind_the_scenes_is_no_consent(live, hidden, jp_fetch) -> None:
    client = await live(header_cell("live-alpha==1.0"))
    code = await client.send(
        "execute_request", code="import live_alpha", **{"store_history": True, **hidden}
    )
    await client.reply(code)
    opened = await client.send("comm_open", comm_id="c", target_name="jupyter.widget", data={})
    await client.outputs(opened)
    await jp_fetch("api", "kernels", client.kernel_id, "restart", method="POST", body="{}")
    assert status_board.get(client.kernel_id).state.value == "held"


HOSTILE = """\
# /// script
# dependencies = ["live-alpha", "live-pth"]
# [tool.headstart]
# local-extras = ["tree"]
# prepend-paths = ["bin"]
# preload = ["planted"]
# env = {PYTHONPATH = ".", LD_PRELOAD = "CANARY.so", IPYTHONDIR = "ipython", BASH_ENV = "bash.sh"}
# ///"""


async def test_opening_a_notebook_of_a_stranger_does_nothing(
    live, index, jp_root_dir: Path, jp_fetch, monkeypatch
) -> None:
    """Everything that was seen to act when a notebook was opened, in one notebook."""
    canary = jp_root_dir / "canary"
    touch = f"import pathlib; pathlib.Path({str(canary)!r}).touch()\n"
    for name in ("tree", "bin", "ipython/profile_default/startup"):
        (jp_root_dir / name).mkdir(parents=True)
    (jp_root_dir / "tree" / "setup.py").write_text(touch)
    (jp_root_dir / "tree" / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    (jp_root_dir / "ipython/profile_default/startup/a.py").write_text(touch)
    for name in ("planted", "sitecustomize", "ipykernel_launcher", "json", "numpy"):
        (jp_root_dir / f"{name}.py").write_text(touch)
    for name in ("git", "python", "sh"):
        (jp_root_dir / "bin" / name).write_text(f"#!/bin/sh\ntouch {canary}\n")
        (jp_root_dir / "bin" / name).chmod(0o755)
    (jp_root_dir / "bash.sh").write_text(f"touch {canary}\n")
    commands: list[str] = []
    monkeypatch.setattr(UvRunner, "_run", lambda _self, command, *_: commands.append(command.verb))
    asked = len(index.requests)

    client = await live(HOSTILE, "1 + 1")
    assert status_board.get(client.kernel_id).state.value == "held"
    code = "import subprocess, sys; subprocess.run(['bash', '-c', 'true']); import numpy"
    hidden = {
        "silent": True,
        "store_history": False,
        "user_expressions": {"env": "__import__('os').environ.get('LD_PRELOAD')"},
    }
    reply = await client.reply(await client.send("execute_request", code=code, **hidden))
    assert reply["status"] == "error", (
        "numpy is not there, and that beside the notebook is not taken"
    )
    await client.reply(await client.send("complete_request", code="import pla", cursor_pos=10))
    await jp_fetch(
        "headstart", "api", "notebook", params={"path": PATH, "kernel": client.kernel_id}
    )
    await jp_fetch("api", "kernels", client.kernel_id, "restart", method="POST", body="{}")

    assert status_board.get(client.kernel_id).state.value == "held"
    assert not canary.exists()
    assert commands == []
    assert len(index.requests) == asked


async def test_a_kernel_from_before_the_first_layer_is_restarted_if_nothing_is_lost(
    live, store_root: Path, monkeypatch, jp_fetch, jp_serverapp
) -> None:
    """Where there is no layer yet, the process is Jupyter's own Python: it cannot attach."""
    # A store without a layer, and with what uv has fetched for the other one.
    monkeypatch.setenv(envvars.STORE, str(store_root))
    client = await live(header_cell("live-alpha"), "1 + 1")
    provisioner = jp_serverapp.kernel_manager.get_kernel(client.kernel_id).provisioner
    first = provisioner.process.pid
    cell = {"index": 0, "cell_type": "code", "source": header_cell("live-alpha")}
    body = {"path": PATH, "page": "one", "revision": 1, "cells": [cell], "metadata": None}
    body["kernel_id"] = client.kernel_id
    await jp_fetch("headstart", "api", "build", method="POST", body=json.dumps(body))
    await asyncio.to_thread(until, lambda: provisioner.process and provisioner.process.pid != first)
    assert status_board.get(client.kernel_id).state.value == "ready"

    shown = await client.outputs(await client.run("import live_alpha; live_alpha.WHO"))
    assert shown[-1]["data"]["text/plain"] == "'alpha'"
