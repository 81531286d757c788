"""The processes that a zygote has forked ahead of requests, and which of them suits a request.

At most one process that becomes any kernel, one kernel of the layer, which becomes one of any
environment, and some of environments whose headers name modules to be imported ahead, as many as a
budget of memory allows.
"""

import json
import math
import os
import socket
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from .. import wire
from ..launch_request import Launch
from ..patched.two_phase_init import stamp
from .forked_kernel import inherited

FADING = 32
"""Uses in all after which each counts half."""

AGAIN = 60.0
"""Seconds after which another kernel is parked where the last one could not be."""

SOON = 0.05
PAUSE = 0.3
"""Seconds after a request in which nothing, and only little, is forked ahead: the kernel that was
asked for comes first."""

HANDING_OVER = 1.0
"""Seconds that a parked kernel may take to receive a request."""

NOT_TOLD = frozenset({"_", "JPY_PARENT_PID", "JPY_SESSION_NAME", "OLDPWD", "PWD", "SHLVL"})

Key = Tuple[str, ...]
"""An environment and modules; fewer for what is not of one environment."""

LAYER: Key = ()
SPARE: Key = ("",)

AGREES: Dict[str, Any] = {
    "reads": {}, "environ": None, "stamps": {}, "modules": [], "memory": 0
}  # fmt: skip
"""What a process says that becomes any kernel."""


class Slot:
    """A parked kernel. It is ready once it has said in what a request must agree with it."""

    def __init__(self, key: Key, pid: int, connection: socket.socket, budget: int) -> None:
        self.key = key
        self.pid = pid
        self.connection = connection
        self.budget = budget
        self.ready: Optional[Dict[str, Any]] = AGREES if key == SPARE else None
        self._reader = wire.Reader()

    def read(self) -> None:
        """Take what it says.

        :raises OSError: if it has ended, also EOFError and ValueError.
        """
        message = self._reader.read(self.connection)
        self.ready = self.ready or message

    @property
    def memory(self) -> int:
        """Bytes that it has for itself; 0 as long as that is not known."""
        return int(self.ready["memory"]) if self.ready is not None else 0

    def suits(self, request: Dict[str, Any]) -> bool:
        """Whether it can become what is asked for."""
        ready, environ = self.ready, request["env"]
        return (
            ready is not None
            and (ready["environ"] is None or _relevant(ready["environ"]) == _relevant(environ))
            and all(environ.get(name) == value for name, value in ready["reads"].items())
            and all(stamp(path) == before for path, before in ready["stamps"].items())
            and not _shadowed(ready["modules"], request["cwd"])
        )


class Plan:
    """A process to fork ahead, for requests like this one.

    :param leases: descriptors that it is to hold.
    :param due: when, on the clock of `time.monotonic`.
    """

    def __init__(self, key: Key, request: Dict[str, Any], leases: List[int], due: float) -> None:
        self.key = key
        self.request = request
        self.leases = leases
        self.due = due


class Pool:
    """All that a zygote has forked ahead, and is about to.

    :param unregister: called with each connection before it is closed.
    """

    def __init__(self, unregister: Callable[[socket.socket], object]) -> None:
        self._unregister = unregister
        self._slots: Dict[Key, Slot] = {}
        self._plans: Dict[Key, Plan] = {}
        self._uses: Dict[Key, int] = {}
        self._not_before: Dict[Key, float] = {}

    @property
    def connections(self) -> List[socket.socket]:
        """The zygote's ends of their sockets."""
        return [slot.connection for slot in self._slots.values()]

    def give(self, request: Dict[str, Any], descriptors: List[int]) -> Optional[int]:
        """Let a parked kernel become what is asked for, and be parked no more; its pid.

        None if there is none that suits. One that does not suit is ended: the next kernel is more
        likely to be like this one.
        """
        keys = _keys(request)
        self._count(keys)
        for key in (*keys, SPARE):
            slot = self._slots.get(key)
            if slot is None or slot.ready is None:
                continue
            handed_over = slot.suits(request) and _hand_over(slot, request, descriptors)
            self._close(slot)
            if handed_over:
                return slot.pid
        return None

    def plan(self, request: Dict[str, Any], descriptors: List[int]) -> None:
        """Plan what there is to be for the next request like this one."""
        now = time.monotonic()
        # Sooner than a parked one: it is forked in a moment, and takes no time from the kernel.
        if self._may_plan(SPARE):
            self._plans[SPARE] = Plan(SPARE, request, [], now + SOON)
        key = self.key_to_park(request)
        if key is not None:
            leases = _leases(request, descriptors) if key != LAYER else []
            self._plans[key] = Plan(key, request, leases, now + PAUSE)

    def key_to_park(self, request: Dict[str, Any]) -> Optional[Key]:
        """Which kernel to park for the next request like this one, if there is none."""
        return next(filter(self._may_plan, _keys(request)), None)

    def _may_plan(self, key: Key) -> bool:
        present = key in self._slots or key in self._plans
        return not present and time.monotonic() >= self._not_before.get(key, 0.0)

    def pause(self) -> float:
        """Seconds until the next plan is due."""
        due = min((plan.due for plan in self._plans.values()), default=math.inf)
        return max(0.0, due - time.monotonic())

    def due(self) -> Optional[Plan]:
        """A plan that is due, which is one no more."""
        now = time.monotonic()
        for key, plan in self._plans.items():
            if plan.due <= now:
                return self._plans.pop(key)
        return None

    def add(self, slot: Slot) -> None:
        """Have another one."""
        self._slots[slot.key] = slot

    def hear(self, connection: socket.socket) -> None:
        """Take what a parked kernel says, or that it has ended."""
        (slot,) = [slot for slot in self._slots.values() if slot.connection is connection]
        try:
            slot.read()
        except (EOFError, OSError, ValueError):
            self._forget(slot)
            return
        if slot.ready is not None and len(slot.key) > 1:
            self._keep_to_budget(slot.budget)

    def clear(self) -> None:
        """End all of them."""
        for slot in list(self._slots.values()):
            self._forget(slot)

    def _count(self, keys: List[Key]) -> None:
        """Count a use of each; those of long ago count less and less, and are forgotten."""
        for key in keys:
            self._uses[key] = self._uses.get(key, 0) + 1
        if sum(self._uses.values()) > FADING:
            self._uses = {key: uses // 2 for key, uses in self._uses.items() if uses > 1}

    def _keep_to_budget(self, budget: int) -> None:
        """End the least used ones of environments."""
        slots = [slot for slot in self._slots.values() if len(slot.key) > 1]
        slots.sort(key=lambda slot: self._uses.get(slot.key, 0))
        excess = sum(slot.memory for slot in slots) - budget
        for slot in slots:
            if excess <= 0:
                break
            excess -= slot.memory
            self._forget(slot)

    def _forget(self, slot: Slot) -> None:
        """Do without it for a while."""
        self._not_before[slot.key] = time.monotonic() + AGAIN
        self._close(slot)

    def _close(self, slot: Slot) -> None:
        """What reads the end of its connection ends, unless it has become a kernel."""
        del self._slots[slot.key]
        self._unregister(slot.connection)
        slot.connection.close()


def _relevant(environ: Dict[str, str]) -> Dict[str, str]:
    """The variables but for those that no library looks at."""
    return {name: value for name, value in environ.items() if name not in NOT_TOLD}


def _keys(request: Dict[str, Any]) -> List[Key]:
    """The parked kernels that could become it, the best one first.

    Empty if there is anything about it for which a kernel must be made from the beginning.
    """
    try:
        _, _, launch_text, option, file = request["command"]
        launch = Launch.from_json(launch_text)
    except (ValueError, TypeError):
        return []
    environment = launch.environment
    if option != "-f" or not _is_plain(file):
        return []
    keys = [LAYER] if request.get("parked") else []
    if environment is None:
        # One with a link gets it later.
        return keys if launch.link is not None else []
    # Its configuration is code, which has to run before IPython is initialised.
    if os.path.lexists(os.path.join(environment, "etc", "ipython")):
        return []
    if launch.preload and request.get("preload"):
        keys.insert(0, (environment, *launch.preload))
    return keys


def _leases(request: Dict[str, Any], descriptors: List[int]) -> List[int]:
    """Descriptors of a request's leases, for another process than its kernel."""
    here = inherited(request, descriptors)
    leases: List[int] = []
    try:
        leases.extend(os.dup(here[n]) for n in Launch.from_json(request["command"][2]).leases)
    except BaseException:
        for lease in leases:
            os.close(lease)
        raise
    return leases


def _is_plain(connection_file: str) -> bool:
    """Whether a kernel talks over Unix sockets, unencrypted."""
    # Over TCP, ipykernel warns on standard error, and nothing reads that of a parked kernel.
    try:
        with open(connection_file, encoding="utf-8") as file:
            connection = json.load(file)
        return connection["transport"] == "ipc" and "curve_secretkey" not in connection
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _shadowed(modules: List[str], folder: str) -> bool:
    """Whether a kernel in that folder would import other modules of these names."""
    if not modules:
        return False
    try:
        return not {name.partition(".")[0] for name in os.listdir(folder)}.isdisjoint(modules)
    except OSError:
        return True


def _hand_over(slot: Slot, request: Dict[str, Any], descriptors: List[int]) -> bool:
    try:
        slot.connection.settimeout(HANDING_OVER)
        wire.send(slot.connection, request, descriptors)
    except OSError:
        return False
    return True
