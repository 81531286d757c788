"""Two kernels with the same packages, and notebooks that ask both the same."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient


@dataclass(frozen=True)
class Answers:
    """What one kernel answered: each probe's outputs, comparable with the other kernel's."""

    outputs: Mapping[str, str]
    requests: Mapping[str, str]


def ask(
    kernel_name: str,
    header: str,
    probes: Mapping[str, str],
    setup: str,
    folder: Path,
    prefixes: list[str],
) -> Answers:
    """Run all probes in one kernel.

    :param folder: the notebook's folder.
    :param prefixes: what stands for ``<prefix>`` in the answers.
    """
    cells = [nbformat.v4.new_code_cell(header), nbformat.v4.new_code_cell(setup)]
    cells += [nbformat.v4.new_code_cell(textwrap.dedent(code).strip()) for code in probes.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook,
        kernel_name=kernel_name,
        allow_errors=True,
        timeout=120,
        resources={"metadata": {"path": str(folder)}},
    )
    client.create_kernel_manager()
    _use_sockets(client.km, folder)
    with client.setup_kernel():
        for index, cell in enumerate(cells):
            client.execute_cell(cell, index)
        requests = _requests(client)
    clean = _Cleaner(prefixes)
    outputs = {
        name: clean(json.dumps(_comparable(cell.outputs), indent=1))
        for name, cell in zip(probes, cells[2:], strict=True)
    }
    return Answers(outputs, {name: clean(text) for name, text in requests.items()})


def _use_sockets(manager: Any, folder: Path) -> None:
    """Unix sockets for both kernels: over TCP jupyter_client loads psutil in the kernel."""
    manager.transport, manager.cache_ports = "ipc", False
    manager.ip = str(folder.parent / manager.kernel_name[:1])


def _requests(client: NotebookClient) -> dict[str, str]:
    """What a front end asks a kernel beside running cells."""

    def shell(kind: str, **content: Any) -> Any:
        return _round_trip(client, "shell", f"{kind}_request", content)

    def debug(command: str, **arguments: Any) -> Any:
        content = {"type": "request", "seq": 1, "command": command, "arguments": arguments}
        return _round_trip(client, "control", "debug_request", content)

    initialize = {"clientID": "test", "adapterID": "python", "pathFormat": "path"}
    answers = {
        "complete an attribute": shell("complete", code="numpy.arra", cursor_pos=10),
        "complete a module": shell("complete", code="import pand", cursor_pos=11),
        "complete a key": shell("complete", code="{'alpha': 1}['al", cursor_pos=16),
        "inspect": shell("inspect", code="numpy.array", cursor_pos=8, detail_level=0),
        "inspect a module": shell("inspect", code="pandas", cursor_pos=4, detail_level=0),
        "kernel_info": shell("kernel_info"),
        "is_complete": shell("is_complete", code="for i in x:"),
        "comm_info": shell("comm_info", target_name="nobody"),
        "debugInfo": debug("debugInfo"),
        "initialize": debug("initialize", **initialize),
        "attach": debug("attach"),
        "dumpCell": debug("dumpCell", code="a = 1"),
        "disconnect": debug("disconnect", restart=False, terminateDebuggee=True),
    }
    return {
        # `seq` counts the debugger's events, of which some come late.
        name: json.dumps({**answer["content"], "seq": 0}, indent=1, sort_keys=True, default=str)
        for name, answer in answers.items()
    }


def _round_trip(client: NotebookClient, channel: str, kind: str, content: dict[str, Any]) -> Any:
    """The answer to one request, as a message."""
    socket = getattr(client.kc, f"{channel}_channel")
    message = client.kc.session.msg(kind, content)
    socket.send(message)

    async def reply() -> Any:
        while True:
            answer = await socket.get_msg(timeout=60)
            if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return answer

    return run_sync(reply)()


def _comparable(outputs: list[Any]) -> list[Any]:
    """Outputs without what differs from run to run: how a stream happened to be cut, and when."""
    streams: dict[str, str] = {}
    others = []
    for output in json.loads(json.dumps(outputs)):
        output.pop("execution_count", None)
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        else:
            others.append(output)
    return [streams, *others]


class _Cleaner:
    """Takes out of an answer what is allowed to differ: paths, ids, addresses."""

    def __init__(self, prefixes: list[str]) -> None:
        # The longest first: one prefix may begin with another.
        self._prefixes = sorted(prefixes, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for prefix in self._prefixes:
            text = text.replace(prefix, "<prefix>")
        text = re.sub(r"0x[0-9a-f]{6,}", "<address>", text)
        text = re.sub(r"\b[0-9a-f]{32}\b", "<id>", text)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", text)
        text = re.sub(r"ipykernel_\d+", "ipykernel_<pid>", text)
        return re.sub(r"(/tmp|<runtime>)/[\w/.-]*\.json", "<connection file>", text)


def write_kernelspec(folder: Path, name: str, python: Path, environ: Mapping[str, str]) -> None:
    """A plain kernelspec: ipykernel of the Python at ``python``, as an activated venv has it."""
    prefix = python.parent.parent
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "env": {
            "VIRTUAL_ENV": str(prefix),
            "PATH": os.pathsep.join([str(prefix / "bin"), environ["PATH"]]),
        },
    }
    target = folder / "kernels" / name
    target.mkdir(parents=True)
    (target / "kernel.json").write_text(json.dumps(spec))
