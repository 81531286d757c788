"""Messages to a kernel, and their answers."""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import run_sync
from nbclient import NotebookClient

from tests.waiting import LIMIT


def round_trip(client: NotebookClient, channel: str, kind: str, content: dict[str, Any]) -> Any:
    """The answer to one request, as a message."""
    socket = getattr(client.kc, f"{channel}_channel")
    message = client.kc.session.msg(kind, content)
    socket.send(message)

    async def reply() -> Any:
        while True:
            answer = await socket.get_msg(timeout=LIMIT)
            if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return answer

    return run_sync(reply)()


def value_of(client: NotebookClient, expression: str) -> Any:
    """The value of an expression, of which Python can read the representation."""
    content = {"code": "pass", "user_expressions": {"it": expression}, "silent": True}
    reply = round_trip(client, "shell", "execute_request", content)
    answer = reply["content"]["user_expressions"]["it"]
    assert answer["status"] == "ok", answer
    return eval(answer["data"]["text/plain"])
