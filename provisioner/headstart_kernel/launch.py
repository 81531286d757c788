"""What a kernel process is told when it starts, as a value."""

import json
from typing import Any, Dict, List, Optional


class Launch:
    """The first argument of the launcher.

    ``environment`` is the prefix to attach, or None; ``leases`` are descriptors that this process
    inherited and holds until it ends; ``failure`` is an error as JSON (``code``, ``message``,
    ``hint``, ``details``) that every cell answers with, or None.
    """

    def __init__(
        self,
        environment: Optional[str] = None,
        leases: Optional[List[int]] = None,
        failure: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.environment = environment
        self.leases = leases or []
        self.failure = failure

    def to_json(self) -> str:
        """The launch as one line of JSON."""
        return json.dumps(self.__dict__, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Launch":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))
