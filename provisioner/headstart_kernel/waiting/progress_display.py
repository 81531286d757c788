"""What a waiting cell shows where no front end of ours does: how far its environment is.

As an output of a type of ours, so that it is known again in a file, with text beside it.
"""

import uuid
from typing import Any, Callable, Dict, List, Optional

from ..shell_request import Request

MIME_TYPE = "application/vnd.headstart.progress+json"

MEGABYTE = 1_000_000

Publish = Callable[[str, Dict[str, Any], Request], object]
"""Publishes a message with a request as its parent: called with its type, content, and that."""


class ProgressDisplay:
    """One output of the first cell that waits; it leaves no trace when it is cleared."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._request: Optional[Request] = None
        self._display_id = ""
        self._shown: Dict[str, Any] = {}

    def show(self, request: Request, progress: Dict[str, Any]) -> None:
        """Show how far it is, or update what is shown.

        :param request: the first cell that waits.
        """
        data = {MIME_TYPE: progress, "text/plain": describe(progress)}
        kind = "update_display_data"
        if self._request is not request:
            self.clear()
            kind = "display_data"
            self._request, self._display_id = request, uuid.uuid4().hex
        elif data == self._shown:
            return
        self._shown = data
        transient = {"display_id": self._display_id}
        content = {"data": data, "metadata": {}, "transient": transient}
        self._publish(kind, content, request)

    def clear(self) -> None:
        """Take away what is shown, if anything is."""
        request, self._request = self._request, None
        if request is not None:
            # With `wait` it would stay, and be saved, in a cell that has no output of its own.
            self._publish("clear_output", {"wait": False}, request)


def describe(progress: Dict[str, Any]) -> str:
    """Progress as a line of text. Consoles print it as it is, so that it ends one."""
    message = str(progress.get("message") or progress.get("phase") or "").rstrip(".")
    parts: List[str] = [message or "Preparing the environment"]
    done, total = _number(progress, "done"), _number(progress, "total")
    if total:
        parts.append("%d of %d packages" % (done, total))
    size, of = _number(progress, "bytes_done"), _number(progress, "bytes_total")
    if of:
        parts.append("%.0f of %.0f MB" % (size / MEGABYTE, of / MEGABYTE))
    remaining = progress.get("remaining")
    if isinstance(remaining, (int, float)):
        parts.append("about %s left" % _span(remaining))
    return ", ".join(parts) + "\n"


def _number(progress: Dict[str, Any], name: str) -> float:
    value = progress.get(name)
    return value if isinstance(value, (int, float)) else 0


def _span(seconds: float) -> str:
    return "%.0f s" % max(1, seconds) if seconds < 90 else "%.0f min" % (seconds / 60)
