"""A real kernel that waits for its environment, a client of it, and what plays Jupyter's side."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from headstart_kernel import wire
from tests.kernels.forks import Forks
from tests.waiting import LIMIT

PROGRESS = {"phase": "install", "message": "Installing", "done": 3, "total": 12}


class Linked:
    """What was said on all channels, in order.

    ``iopub`` and ``replies`` are messages; ``heard`` is what has come over the link.
    """

    def __init__(self, forks: Forks, kind: str = "process", **options: Any) -> None:
        self.iopub: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        ours, theirs = socket.socketpair()
        ours.settimeout(LIMIT)
        self.link = ours
        self._reader = wire.Reader(several=True)
        with theirs:
            self.process = _start(forks, kind, theirs.fileno(), options)
        self.client = BlockingKernelClient(connection_file=forks.file)
        self.client.load_connection_file()
        self.client.start_channels(stdin=False, hb=False)
        self.client.wait_for_ready(timeout=LIMIT)

    def close(self) -> None:
        self.client.stop_channels()
        self.client.context.term()
        self.link.close()

    # What a front end does.

    def run(self, code: str, cell: str = "", **options: Any) -> str:
        """Run a cell; its message's id."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        content |= {"user_expressions": {}, "stop_on_error": True, **options}
        return self.send("execute_request", content, {"cellId": cell} if cell else {})

    def hidden(self, code: str, **expressions: str) -> dict[str, Any]:
        """Run code behind the scenes; the values of expressions after it."""
        message = self.run(code, store_history=False, user_expressions=expressions)
        reply = self.reply(message)
        assert reply["status"] == "ok", reply
        values = reply["user_expressions"]
        return {name: eval(values[name]["data"]["text/plain"]) for name in expressions}

    def send(self, kind: str, content: dict[str, Any] | bytes, metadata: Any = None) -> str:
        """Send any message on the shell channel; its id."""
        message = self.client.session.msg(kind, content, metadata=metadata)
        self.client.shell_channel.send(message)
        identity: str = message["header"]["msg_id"]
        return identity

    def interrupt(self) -> None:
        os.kill(self.process.pid, signal.SIGINT)

    # What the other end of the link does.

    def tell(self, kind: str, *, leases: Sequence[int] = (), **values: Any) -> None:
        wire.send(self.link, {"type": kind, **values}, leases)

    def attach(self, environment: Path, **values: Any) -> None:
        """Give it an environment; returns when it has that."""
        self.tell("attach", environment=str(environment), **values)
        self.until(lambda: self.said("attached"))

    def said(self, kind: str) -> list[dict[str, Any]]:
        """What has come over the link of a type."""
        return [message for message in self.heard if message["type"] == kind]

    @property
    def waiting(self) -> list[str]:
        """The messages that wait as the link says."""
        messages = self.said("waiting")
        return [cell["msg_id"] for cell in messages[-1]["cells"]] if messages else []

    def until(self, condition: Callable[[], object]) -> None:
        """Take what comes until a condition is true."""
        end = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < end, (self.heard, self.types())
            self._take()

    def _take(self) -> None:
        channels = self.client.iopub_channel, self.client.shell_channel
        poll = select.poll()
        if self.link.fileno() >= 0:
            poll.register(self.link, select.POLLIN)
            if poll.poll(0):
                try:
                    message = self._reader.read(self.link)
                except (EOFError, ConnectionResetError):
                    self.link.close()
                else:
                    self.heard += [] if message is None else [message]
        for channel, messages in zip(channels, (self.iopub, self.replies), strict=True):
            while channel.msg_ready():
                messages.append(channel.get_msg(timeout=LIMIT))
        channels[0].socket.poll(5)

    # What has been said.

    def of(self, message: str) -> list[dict[str, Any]]:
        """What was published for a request."""
        return [m for m in self.iopub if m["parent_header"].get("msg_id") == message]

    def types(self, message: str | None = None) -> list[str]:
        """Types of what was published, a status as its state."""
        messages = self.iopub if message is None else self.of(message)
        return [m["content"].get("execution_state", m["msg_type"]) for m in messages]

    def replies_to(self, message: str) -> list[dict[str, Any]]:
        """The contents of all replies to a request."""
        return [
            reply["content"]
            for reply in self.replies
            if reply["parent_header"]["msg_id"] == message
        ]

    def reply(self, message: str) -> dict[str, Any]:
        """The reply to a request, once it has ended."""
        self.until(lambda: self.replies_to(message) and self.types(message)[-1:] == ["idle"])
        (reply,) = self.replies_to(message)
        return reply

    def text(self, message: str, name: str = "stdout") -> str:
        """What a cell has printed."""
        return "".join(
            m["content"]["text"]
            for m in self.of(message)
            if m["msg_type"] == "stream" and m["content"]["name"] == name
        )

    def error(self, message: str) -> dict[str, Any]:
        """The error that a cell shows."""
        (error,) = [m["content"] for m in self.of(message) if m["msg_type"] == "error"]
        return error

    def error_of(self, message: str) -> dict[str, Any]:
        """The same, once its request has ended with an error."""
        assert self.reply(message)["status"] == "error"
        return self.error(message)

    @property
    def state(self) -> str:
        """Busy or idle, as every front end has it."""
        states = [s for s in self.types() if s in ("busy", "idle")]
        return states[-1] if states else ""


def _start(forks: Forks, kind: str, link: int, options: dict[str, Any]) -> Any:
    """A kernel's process: started, forked, or one that was ready."""
    from tests.kernels.launch.zygote.test_spare import spare
    from tests.waiting import until
    from tests.zygotes import children, is_parked

    if kind == "process":
        return forks.launch(plain=True, link=link, **options)
    forks.parked = kind == "parked"
    if kind == "forked":
        return forks.fork(link=link, **options)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        forks.fork(link=theirs.fileno())
    if kind == "spare":
        pid = spare(forks)
    else:
        found: list[int] = []

        def look() -> bool:
            found[:] = filter(is_parked, children(forks.zygotes.wait()))
            return bool(found)

        until(look, forks.zygotes.said)
        (pid,) = found
    process = forks.launch(link=link, **options)
    assert process.pid == pid, forks.zygotes.said()
    return process


def make_environment(folder: Path, **modules: str) -> Path:
    """An environment of the kernel's own Python with modules, by name."""
    import subprocess
    import sys

    prefix = folder / "environment"
    command = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(prefix)]
    subprocess.run(command, check=True)
    (site_packages,) = prefix.glob("lib/python*/site-packages")
    for name, text in modules.items():
        (site_packages / f"{name}.py").write_text(text)
    return prefix


def shown_json(value: Any) -> Any:
    """A value as it is in a file."""
    return json.loads(json.dumps(value))
