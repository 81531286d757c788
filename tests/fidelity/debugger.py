"""A front end's debugger: stop a cell at a breakpoint, look at its variables, go on."""

from __future__ import annotations

from typing import Any

from .life import Life
from .messages import round_trip

CODE = """\
def doubled(number):
    result = number * 2
    return result
print(doubled(21))
"""


def stop_at_breakpoint(life: Life) -> dict[str, Any]:
    """What the debugger says of a cell that stops in its second line, and what the cell says."""
    _Debugger(life).request("initialize", clientID="test", adapterID="python", pathFormat="path")
    debugger = _Debugger(life)
    debugger.request("attach")
    path = debugger.request("dumpCell", code=CODE)["sourcePath"]
    set_at = debugger.request(
        "setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}], sourceModified=False
    )
    debugger.request("configurationDone")
    life.client.kc.execute(CODE)
    thread = debugger.stopped()["threadId"]
    frame = debugger.request("stackTrace", threadId=thread)["stackFrames"][0]
    scopes = debugger.request("scopes", frameId=frame["id"])["scopes"]
    reference = scopes[0]["variablesReference"]
    variables = debugger.request("variables", variablesReference=reference)["variables"]
    debugger.request("continue", threadId=thread)
    answer = {
        "verified": [item["verified"] for item in set_at["breakpoints"]],
        "frame": (frame["name"], frame["line"]),
        "scopes": [scope["name"] for scope in scopes],
        "variables": {item["name"]: item["value"] for item in variables if item["type"]},
        "reply": life.replied()["status"],
    }
    debugger.request("disconnect", restart=False, terminateDebuggee=True)
    return answer


class _Debugger:
    """Speaks the debugger's protocol over the control channel."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The body of the answer to a request that succeeds."""
        content = {"type": "request", "seq": 1, "command": command, "arguments": arguments}
        answer = round_trip(self._life.client, "control", "debug_request", content)["content"]
        assert answer["success"], answer
        body: dict[str, Any] = answer.get("body") or {}
        return body

    def stopped(self) -> dict[str, Any]:
        """Wait for a thread to stop; what is said of it."""
        while True:
            event = self._life.heard("debug_event")
            if event["event"] == "stopped":
                body: dict[str, Any] = event["body"]
                return body
