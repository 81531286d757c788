"""A request of a client's on the shell channel, as a value."""

from typing import Any, Dict, List

COMMS = frozenset({"comm_open", "comm_msg", "comm_close"})
"""Types of the messages of widgets and the like."""


class Request:
    """A request of the shell channel.

    :param frames: the message as it came.
    :param identities: of the client, for replies.
    :param message: its parts; replies have it as their parent.
    """

    def __init__(self, frames: List[Any], identities: List[Any], message: Dict[str, Any]) -> None:
        self.frames = frames
        self.identities = identities
        self.message = message

    @property
    def kind(self) -> str:
        """The message's type."""
        return str(self.message["header"]["msg_type"])

    @property
    def msg_id(self) -> str:
        """The message's id."""
        return str(self.message["header"]["msg_id"])

    @property
    def cell_id(self) -> str:
        """The cell's id where the front end tells it, else ``""``."""
        return str(self.message.get("metadata", {}).get("cellId") or "")

    @property
    def content(self) -> Dict[str, Any]:
        """What is requested."""
        content: Dict[str, Any] = self.message["content"]
        return content

    @property
    def code(self) -> str:
        """The source of a cell."""
        return str(self.content.get("code", ""))

    @property
    def is_cell(self) -> bool:
        """Whether the user has run a cell: it is neither silent nor left out of the history.

        Front ends run code of their own, and wait for it before they show the kernel as started.
        """
        silent = self.content.get("silent", False)
        return (
            self.kind == "execute_request"
            and not silent
            and bool(self.content.get("store_history", True))
        )
