"""What a front end does with a server: REST, and a connection to a kernel."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

from tests.browser.jupyter import Server
from tests.waiting import LIMIT

OUTPUTS = ("stream", "execute_result", "error", "display_data")


async def request(server: Server, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON of an answer; 599 if there was none."""
    answer = await AsyncHTTPClient().fetch(
        HTTPRequest(
            server.url + path,
            method=method,
            body=None if body is None and method in ("GET", "DELETE") else json.dumps(body or {}),
            headers={"Authorization": f"token {server.token}"},
            request_timeout=LIMIT,
        ),
        raise_error=False,
    )
    try:
        return answer.code, json.loads(answer.body)
    except (TypeError, ValueError):
        return answer.code, None


@dataclass
class Sent:
    """A request to a kernel."""

    msg_id: str
    kind: str
    token: str
    """What the cell prints and writes to a file; ``""`` if it is no cell of the user's."""
    at: float = field(default_factory=time.monotonic)
    excused: bool = False
    """Its kernel has ended since, or was ending: it may have no answer."""
    deaf: bool = False
    """Nothing was published on the connection yet since its kernel was started again: ZeroMQ joins
    each channel anew, and what is published before is lost, of a plain kernel too."""


class Connection:
    """A websocket to one kernel, open until the test closes it."""

    def __init__(self, name: str, kernel_id: str, socket: Any) -> None:
        self.name = name
        self.kernel_id = kernel_id
        self.sent: list[Sent] = []
        self.heard: list[dict[str, Any]] = []
        self.is_open = True
        self.deaf = False
        self._socket = socket
        self._session = uuid4().hex
        self._news = asyncio.Event()
        self._ended = 0.0
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def open(cls, server: Server, kernel_id: str, name: str) -> Connection | None:
        """A new one; None if the kernel is gone."""
        url = server.url.replace("http", "ws", 1) + f"api/kernels/{kernel_id}/channels"
        asked = HTTPRequest(
            f"{url}?session_id={uuid4().hex}",
            headers={"Authorization": f"token {server.token}"},
            # A server that starts 60 kernels at once answers none of them soon.
            connect_timeout=LIMIT,
            request_timeout=LIMIT,
        )
        try:
            socket = await asyncio.wait_for(websocket_connect(asked), LIMIT)
        except Exception:  # noqa: BLE001  (404, or the connection ends with the kernel)
            return None
        return cls(name, kernel_id, socket)

    async def _read(self) -> None:
        while (text := await self._socket.read_message()) is not None:
            message = json.loads(text)
            self.heard.append(message)
            if message["channel"] == "iopub" and any(
                each.at > self._ended and each.msg_id == message["parent_header"].get("msg_id")
                for each in self.sent
            ):
                self.deaf = False
            self._news.set()
        self.is_open = False
        self._news.set()

    async def close(self) -> None:
        """Close it, as a page that is left does."""
        self.is_open = False
        self._socket.close()
        await self._reading

    async def send(self, kind: str, token: str = "", **content: Any) -> Sent | None:
        """Send a request; None if the connection is closed."""
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
            "metadata": {"cellId": token} if token else {},
            "content": content,
            "channel": "shell",
            "buffers": [],
        }
        sent = Sent(msg_id, kind, token, deaf=self.deaf)
        # Before it is sent: what happens to the kernel meanwhile excuses it.
        self.sent.append(sent)
        try:
            await self._socket.write_message(json.dumps(message))
        except WebSocketClosedError:
            self.sent.remove(sent)
            return None
        return sent

    def of(self, sent: Sent) -> list[dict[str, Any]]:
        """All messages that belong to a request."""
        return [each for each in self.heard if each["parent_header"].get("msg_id") == sent.msg_id]

    def replies(self, sent: Sent) -> list[dict[str, Any]]:
        """Its replies: there is to be one."""
        return [each for each in self.of(sent) if each["channel"] != "iopub"]

    def idles(self, sent: Sent) -> int:
        """How often the kernel was idle after it."""
        return sum(each["content"].get("execution_state") == "idle" for each in self.of(sent))

    def is_done(self, sent: Sent) -> bool:
        """Whether nothing more is expected."""
        return bool(self.replies(sent)) and (sent.deaf or self.idles(sent) > 0)

    def kernel_ends(self) -> None:
        """What was sent need not be answered, and what comes may not be heard at first."""
        self._ended, self.deaf = time.monotonic(), True
        for sent in self.sent:
            sent.excused = sent.deaf = True

    async def until(
        self, condition: Callable[[dict[str, Any]], bool], limit: float = LIMIT
    ) -> dict[str, Any]:
        """The first message for which a condition is true.

        :raises TimeoutError: if none comes.
        """
        looked = 0
        async with asyncio.timeout(limit):
            while True:
                self._news.clear()
                for message in self.heard[looked:]:
                    if condition(message):
                        return message
                looked = len(self.heard)
                await self._news.wait()

    async def until_done(self, limit: float, last: Sent | None = None) -> list[Sent]:
        """Wait for all that has to be answered; what was not.

        :param last: after which nothing is waited for any more.
        """
        end = time.monotonic() + limit
        while True:
            self._news.clear()
            left = [each for each in self.sent if not each.excused and not self.is_done(each)]
            rest = end - time.monotonic()
            is_over = last is not None and self.is_done(last)
            if not left or not self.is_open or rest <= 0 or is_over:
                return left if self.is_open else []
            try:
                await asyncio.wait_for(self._news.wait(), min(rest, 1.0))
            except TimeoutError:
                continue
