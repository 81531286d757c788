"""Two kernels with the same packages, and notebooks that ask both the same."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from nbclient import NotebookClient

from .messages import round_trip
from .starting import Kernel, started


@dataclass(frozen=True)
class Answers:
    """What one kernel answered: each probe's outputs, comparable with the other kernel's."""

    outputs: Mapping[str, str]
    requests: Mapping[str, str]


def ask(kernel: Kernel, probes: Mapping[str, str], setup: str) -> Answers:
    """Run all probes in one kernel, and ask what a front end asks."""
    sources = [setup, *(textwrap.dedent(code).strip() for code in probes.values())]
    clean = _Cleaner(kernel.prefixes)
    with started(kernel, sources) as client:
        outputs = executed(client)
        requests = _requests(client)
    answers = {
        name: clean(json.dumps(comparable(output), indent=1))
        for name, output in zip(probes, outputs[1:], strict=True)
    }
    return Answers(answers, {name: clean(text) for name, text in requests.items()})


def run(kernel: Kernel, sources: Sequence[str]) -> list[Any]:
    """Run a notebook: each cell's outputs, and what the process itself has printed by then."""
    clean = _Cleaner(kernel.prefixes)
    with (
        TemporaryFile("w+b") as printed,
        started(kernel, sources, stdout=printed, stderr=printed) as client,
    ):
        outputs = executed(client)
        # Not what it says when it ends, which is another time's with every run.
        printed.seek(0)
        own = printed.read().decode()
    cells = [comparable(output) for output in outputs]
    return [*json.loads(clean(json.dumps(cells))), clean(own)]


def executed(client: NotebookClient) -> list[Any]:
    """Each cell's outputs, but for the header's."""
    for index, cell in enumerate(client.nb.cells):
        client.execute_cell(cell, index)
    return [cell.outputs for cell in client.nb.cells[1:]]


def _requests(client: NotebookClient) -> dict[str, str]:
    """What a front end asks a kernel beside running cells."""

    def shell(kind: str, **content: Any) -> Any:
        return round_trip(client, "shell", f"{kind}_request", content)

    def debug(command: str, **arguments: Any) -> Any:
        content = {"type": "request", "seq": 1, "command": command, "arguments": arguments}
        return round_trip(client, "control", "debug_request", content)

    # The first one takes as long as is allowed, and then some types of it are not known.
    shell("complete", code="numpy.arra", cursor_pos=10)
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


def comparable(outputs: list[Any]) -> list[Any]:
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
    """Takes out of an answer what is allowed to differ: paths, ids, addresses, times."""

    def __init__(self, prefixes: Sequence[str]) -> None:
        # The longest first: one prefix may begin with another.
        self._prefixes = sorted(prefixes, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for prefix in self._prefixes:
            text = text.replace(prefix, "<prefix>")
        text = re.sub(r"/[\w/-]*/layers/[0-9a-f]{64}", "<prefix>", text)
        text = re.sub(r"0x[0-9a-f]{6,}", "<address>", text)
        text = re.sub(r"\b[0-9a-f]{32}\b", "<id>", text)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", text)
        text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[,.]\d+", "<time>", text)
        text = re.sub(r"\bin \d+\.\d+s", "in <seconds>", text)
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
