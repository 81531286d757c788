"""Know that a kernel is ready as soon as it is.

Relies on: jupyter_client >= 8.6: ``client_factory`` of kernel managers, ``wait_for_ready`` and the
private ``_handle_kernel_info_reply`` of clients.
Why: jupyter_client's clients wait for 200 ms in which a kernel says nothing, to be sure that what
it broadcasts reaches them. That a kernel has finished their own first request tells them as much,
without a wait.
Without it: clients wait as ever.
Noticed by: tests/kernels/jupyter/test_readiness.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cache
from queue import Empty
from typing import Any

__all__ = ["first_reply", "prefer_prompt_client"]

SHELL_LIMIT = 1.0
"""Seconds for the answer to a request; jupyter_client asks again after as many."""

IOPUB_LIMIT = 0.1
"""Seconds for what a kernel broadcasts about it, after the answer."""

ATTEMPTS = 5

Message = dict[str, Any]


def prefer_prompt_client(manager: Any) -> None:
    """Let a kernel manager make clients that need no silence, if it would make stock ones.

    Only of `AsyncKernelManager`'s: nbclient's, and of what is built on it.
    """
    module = sys.modules.get("jupyter_client.asynchronous.client")
    stock = getattr(module, "AsyncKernelClient", None)
    if stock is not None and getattr(manager, "client_factory", None) is stock:
        manager.client_factory = prompt_client_class()


@cache
def prompt_client_class() -> Any:
    """The class of such clients. Made when it is first needed: servers have no use for it."""
    from jupyter_client.asynchronous.client import AsyncKernelClient

    class PromptKernelClient(AsyncKernelClient):
        """An AsyncKernelClient that is ready when its first request has been finished."""

        async def wait_for_ready(self, timeout: float | None = None) -> None:
            """Return when the kernel answers, and is heard.

            :raises RuntimeError: as in the stock client, which takes over in case of doubt.
            """
            limit = SHELL_LIMIT if timeout is None else min(SHELL_LIMIT, timeout)
            handle = getattr(self, "_handle_kernel_info_reply", None)
            reply = await first_reply(self, limit) if handle is not None else None
            if handle is None or reply is None:
                await super().wait_for_ready(timeout)
            else:
                handle(reply)

    return PromptKernelClient


async def first_reply(client: Any, limit: float) -> Message | None:
    """A kernel's answer to a request, once the client has heard that the kernel has finished it.

    :param limit: seconds that the answer may take.
    :return: None if there is no such answer, or it is not heard of.
    """
    for _ in range(ATTEMPTS):
        request = client.kernel_info()
        reply = await _message(client.shell_channel, limit, _answer_to(request))
        if reply is None:
            return None
        # Nothing is heard while the subscription is on its way: then both are asked for again.
        if await _message(client.iopub_channel, IOPUB_LIMIT, _end_of(request)) is not None:
            return reply
    return None


def _answer_to(request: str) -> Callable[[Message], bool]:
    return lambda message: (
        message["msg_type"] == "kernel_info_reply"
        and message["parent_header"].get("msg_id") == request
    )


def _end_of(request: str) -> Callable[[Message], bool]:
    return lambda message: (
        message["msg_type"] == "status"
        and message["content"].get("execution_state") == "idle"
        and message["parent_header"].get("msg_id") == request
    )


async def _message(
    channel: Any, limit: float, matches: Callable[[Message], bool]
) -> Message | None:
    """The first message that matches, or None if there is none within ``limit`` seconds."""
    end = time.monotonic() + limit
    while True:
        try:
            message: Message = await channel.get_msg(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            return None
        if matches(message):
            return message
