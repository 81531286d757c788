"""Decide what a kernel start does, and what happens to its environment afterwards, from values."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ..errors import HeadstartError
from .header.spec import EnvironmentSpec
from .store.manifest import Environment

__all__ = [
    "AtHand",
    "Attach",
    "Build",
    "Effect",
    "Event",
    "Follow",
    "Hold",
    "KernelState",
    "LastGood",
    "Plan",
    "Refuse",
    "Reuse",
    "Step",
    "next_step",
    "plan_start",
]


class KernelState(StrEnum):
    """The states of a kernel's environment."""

    HELD = "held"
    """Not agreed to: nothing is fetched, built or executed until a cell is run."""
    BUILDING = "building"
    """On the way; cells that are run wait for it."""
    READY = "ready"
    CHANGING = "changing"
    """Ready, and another one is being built beside it."""
    FAILED = "failed"
    """It cannot be had, or was cancelled."""
    NONE = "none"
    """There is no header, or no notebook was found: it has the empty environment."""


# Named tuples, for every kernel start imports this.
class LastGood(NamedTuple):
    """The environment of a kernel before it ended, whose lease is still held."""

    spec: EnvironmentSpec
    environment: Environment


class AtHand(NamedTuple):
    """What a server knows of a spec without an effect, for its kernels start at once.

    :param agreed: whether the user has agreed to it, and to what would be installed.
    :param present: whether its environment is in the store.
    """

    agreed: bool
    present: bool


class Reuse(NamedTuple):
    """Start in the environment that the kernel had, without reading the notebook."""

    last: LastGood


class Build(NamedTuple):
    """Start in the environment of this spec; it is built before if the store does not have it."""

    spec: EnvironmentSpec


class Attach(NamedTuple):
    """Start in the environment of this spec, which the store has."""

    spec: EnvironmentSpec


class Follow(NamedTuple):
    """Start at once, without an environment, and build it meanwhile."""

    spec: EnvironmentSpec


class Hold(NamedTuple):
    """Start at once, without an environment; it is built when the user agrees."""

    spec: EnvironmentSpec


class Refuse(NamedTuple):
    """Do not start, for this reason; in a server: start, and answer with it."""

    error: HeadstartError


Plan = Reuse | Build | Attach | Follow | Hold | Refuse


def plan_start(
    requested: EnvironmentSpec | HeadstartError,
    last: LastGood | None = None,
    at_hand: AtHand | None = None,
    *,
    autorestart: bool = False,
) -> Plan:
    """Decide what a start, a restart or an autorestart does.

    A kernel that died restarts in the same environment: the user did not ask for another, and the
    header may be half edited. All else follows the header as it is now; an ephemeral environment is
    new at each start and restart.

    :param requested: the header's spec, or the error from reading it.
    :param last: the environment that the kernel ran in before, if it ran.
    :param at_hand: in a server, where the kernel comes first; None where its environment does.
    :param autorestart: Jupyter starts the kernel again because its process died.
    """
    if autorestart and last is not None:
        return Reuse(last)
    if isinstance(requested, HeadstartError):
        return Refuse(requested)
    if at_hand is None:
        return Build(requested)
    if not at_hand.agreed:
        return Hold(requested)
    return Attach(requested) if at_hand.present else Follow(requested)


class Event(StrEnum):
    """What happens to a kernel's environment."""

    AGREED = "agreed"
    """A cell was run, or the user has asked for the build."""
    CANCELLED = "cancelled"
    BUILT = "built"
    ATTACHED = "attached"
    ERROR = "error"
    """It could not be built, or not be attached."""


class Effect(StrEnum):
    """What is to be done about an event."""

    NOTHING = "nothing"
    BUILD = "build"
    """Read the header as it is now, and build."""
    STOP = "stop"
    """End the build, and let the cells that wait fail."""
    ATTACH = "attach"
    TELL = "tell"
    """Let the cells that wait fail with the error."""
    RUN_ON = "run on"
    """The kernel has its environment now: cells run."""
    KEEP = "keep"
    """Hold the new environment for the restart that is to come."""
    SHOW = "show"
    """Show the error; the kernel runs on in what it has."""


class Step(NamedTuple):
    """What an event leads to."""

    state: KernelState
    effect: Effect


_STEPS: dict[tuple[KernelState, Event], Step] = {
    (KernelState.HELD, Event.AGREED): Step(KernelState.BUILDING, Effect.BUILD),
    (KernelState.FAILED, Event.AGREED): Step(KernelState.BUILDING, Effect.BUILD),
    (KernelState.BUILDING, Event.CANCELLED): Step(KernelState.FAILED, Effect.STOP),
    (KernelState.BUILDING, Event.BUILT): Step(KernelState.BUILDING, Effect.ATTACH),
    (KernelState.BUILDING, Event.ATTACHED): Step(KernelState.READY, Effect.RUN_ON),
    (KernelState.BUILDING, Event.ERROR): Step(KernelState.FAILED, Effect.TELL),
    # Cancelled, or the cells that waited were interrupted, when the kernel had it already.
    (KernelState.FAILED, Event.ATTACHED): Step(KernelState.READY, Effect.RUN_ON),
    (KernelState.READY, Event.AGREED): Step(KernelState.CHANGING, Effect.BUILD),
    (KernelState.NONE, Event.AGREED): Step(KernelState.CHANGING, Effect.BUILD),
    (KernelState.CHANGING, Event.CANCELLED): Step(KernelState.READY, Effect.STOP),
    (KernelState.CHANGING, Event.BUILT): Step(KernelState.READY, Effect.KEEP),
    (KernelState.CHANGING, Event.ERROR): Step(KernelState.READY, Effect.SHOW),
}


def next_step(state: KernelState, event: Event) -> Step:
    """What an event leads to; nothing happens where it comes too late.

    >>> next_step(KernelState.HELD, Event.AGREED)
    Step(state=<KernelState.BUILDING: 'building'>, effect=<Effect.BUILD: 'build'>)
    """
    return _STEPS.get((state, event), Step(state, Effect.NOTHING))
