"""Which requests wait for the environment, and in what order they go on. Knows no ipykernel."""

from typing import List, Set

from ..shell_request import COMMS, Request

WIDGET_CONTROL = "jupyter.widget.control"
"""The comm by which a front end asks for the state of all widgets, before it does anything else.
Where there are none it is refused, and the front end asks in another way."""


class WaitingCells:
    """The user's cells that wait, and the comm messages that came after them."""

    def __init__(self) -> None:
        self._requests: List[Request] = []
        self._control: Set[str] = set()

    @property
    def cells(self) -> List[Request]:
        """The cells, the first one first."""
        return [request for request in self._requests if request.is_cell]

    def keep(self, request: Request) -> bool:
        """Have a request wait if it is a cell, or a comm's behind one. Others do not wait."""
        waits = request.is_cell
        if request.kind in COMMS:
            waits = not self._is_control(request) and bool(self._requests)
        if waits:
            self._requests.append(request)
        return waits

    def take(self, newer: int = 0) -> List[Request]:
        """What waits, in the order in which it came; it does not wait any more.

        :param newer: how many of the last cells go on waiting, with what came after them.
        """
        cells = [index for index, request in enumerate(self._requests) if request.is_cell]
        end = len(self._requests)
        if newer:
            end = cells[-newer] if newer <= len(cells) else 0
        requests, self._requests = self._requests[:end], self._requests[end:]
        return requests

    def _is_control(self, request: Request) -> bool:
        comm = str(request.content.get("comm_id", ""))
        if request.content.get("target_name") == WIDGET_CONTROL:
            self._control.add(comm)
        return comm in self._control
