"""What a kernel process is told when it starts, as a value."""

import json
from typing import List, Optional

FAILURE = "HEADSTART_FAILURE"
"""Environment variable with the error, as JSON (``code``, ``message``, ``hint``, ``details``), that
every cell is to answer with. Not an argument: other users of the machine can read those."""


class Launch:
    """The first argument of the launcher.

    ``environment`` is the prefix to attach, or None; ``leases`` are descriptors that this process
    inherited and holds until it ends; ``preload`` are modules that it may have imported before
    anybody wants it, see `parked`.
    """

    def __init__(
        self,
        environment: Optional[str] = None,
        leases: Optional[List[int]] = None,
        preload: Optional[List[str]] = None,
    ) -> None:
        self.environment = environment
        self.leases = leases or []
        self.preload = preload or []

    def to_json(self) -> str:
        """The launch as one line of JSON."""
        values = {name: value for name, value in vars(self).items() if value or name != "preload"}
        return json.dumps(values, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Launch":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))
