"""What a kernel process is told when it starts, as a value."""

import json
from typing import Dict, List, Optional

FAILURE = "HEADSTART_FAILURE"
"""Environment variable with the error, as JSON (``code``, ``message``, ``hint``, ``details``), that
every cell is to answer with. Not an argument: other users of the machine can read those."""


class Launch:
    """The first argument of the launcher.

    ``environment`` is the prefix to attach, or None; ``leases`` are descriptors that this process
    inherited and holds until it ends; ``preload`` are modules that it may have imported before
    it is requested, see `Parked`; ``listeners`` are descriptors that it inherited, too, of sockets
    that listen already, by their ports as text; ``headerless`` is ``""`` if the notebook's header
    is known, or says who runs a kernel without one: a ``server``, a server to which the notebook is
    ``unknown``, or a ``headless`` client; ``link`` is a descriptor that it inherited, of a Unix
    stream socket to the one who makes the environment of a kernel that starts without, see
    `waiting`; None if there is none to come.
    """

    def __init__(
        self,
        environment: Optional[str] = None,
        leases: Optional[List[int]] = None,
        preload: Optional[List[str]] = None,
        listeners: Optional[Dict[str, int]] = None,
        headerless: str = "",
        link: Optional[int] = None,
    ) -> None:
        self.environment = environment
        self.leases = leases or []
        self.preload = preload or []
        self.listeners = listeners or {}
        self.headerless = headerless
        self.link = link

    def to_json(self) -> str:
        """The launch as one line of JSON."""
        values = dict(vars(self))
        for name in ("preload", "listeners", "headerless"):
            if not values[name]:
                del values[name]
        if self.link is None:
            del values["link"]
        return json.dumps(values, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Launch":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))
