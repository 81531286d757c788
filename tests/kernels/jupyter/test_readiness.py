"""Clients are ready when the kernel has finished their first request, and no later."""

from __future__ import annotations

import asyncio
from queue import Empty
from typing import Any

import pytest
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.client import KernelClient
from jupyter_client.manager import AsyncKernelManager, KernelManager

from headstart.kernels.jupyter.readiness import ATTEMPTS, first_reply, prefer_prompt_client


class Channel:
    """A channel on which messages have arrived already."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def get_msg(self, timeout: float) -> dict[str, Any]:
        if not self.messages:
            raise Empty
        return self.messages.pop(0)


class Client:
    """A client whose kernel answers; it hears of the end of all requests but the first few."""

    def __init__(self, *, deaf: int = 0, answers: bool = True) -> None:
        self.shell_channel, self.iopub_channel = Channel(), Channel()
        self.deaf, self.answers = deaf, answers
        self.asked = 0

    def kernel_info(self) -> str:
        self.asked += 1
        request = {"msg_id": str(self.asked)}
        if self.answers:
            reply = {"msg_type": "kernel_info_reply", "parent_header": request, "content": {}}
            self.shell_channel.messages.append(reply)
        if self.asked > self.deaf:
            self.iopub_channel.messages += [status({}, "starting"), status(request, "busy")]
            self.iopub_channel.messages += [status(request, "idle"), status({}, "later")]
        return request["msg_id"]


def status(request: dict[str, str], state: str) -> dict[str, Any]:
    content = {"execution_state": state}
    return {"msg_type": "status", "parent_header": request, "content": content}


def test_a_client_is_ready_when_its_request_is_finished() -> None:
    client = Client()
    assert asyncio.run(first_reply(client, 1)) is not None
    assert client.asked == 1
    assert [message["content"]["execution_state"] for message in client.iopub_channel.messages] == [
        "later"
    ]


def test_a_client_that_hears_nothing_yet_asks_again() -> None:
    client = Client(deaf=2)
    assert asyncio.run(first_reply(client, 1)) is not None
    assert client.asked == 3


@pytest.mark.parametrize("client", [Client(answers=False), Client(deaf=100)])
def test_in_case_of_doubt_the_stock_client_takes_over(client: Client) -> None:
    assert asyncio.run(first_reply(client, 1)) is None
    assert client.asked in (1, ATTEMPTS)


def test_a_stock_manager_makes_prompt_clients() -> None:
    manager = AsyncKernelManager()
    prefer_prompt_client(manager)
    client = manager.client()
    assert isinstance(client, AsyncKernelClient)
    assert type(client).__name__ == "PromptKernelClient"


class Other(AsyncKernelClient):
    """A client of somebody's own."""


@pytest.mark.parametrize(
    "manager, stays", [(KernelManager(), BlockingKernelClient), (AsyncKernelManager(), Other)]
)
def test_other_clients_stay(manager: KernelManager, stays: type) -> None:
    if stays is Other:
        manager.client_factory = Other
    prefer_prompt_client(manager)
    assert type(manager.client()) is stays


def test_a_manager_without_clients_is_left_alone() -> None:
    prefer_prompt_client(None)


def test_a_client_that_takes_answers_in_another_way_waits_as_ever(monkeypatch) -> None:
    waited = []

    async def wait_for_ready(_self: object, timeout: float | None = None) -> None:
        waited.append(timeout)

    monkeypatch.setattr(AsyncKernelClient, "wait_for_ready", wait_for_ready)
    monkeypatch.delattr(KernelClient, "_handle_kernel_info_reply")
    manager = AsyncKernelManager()
    prefer_prompt_client(manager)
    asyncio.run(manager.client().wait_for_ready(timeout=7))
    assert waited == [7]
