"""The ways in which a kernel's process comes to be, each of which is compared with plain."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from headstart import envvars
from tests.zygotes import Zygotes, children, is_parked


@dataclass(frozen=True)
class Launching:
    """One of them.

    :param environ: the settings that choose it.
    :param ahead: is the kernel there before it is wanted?
    :param preload: has it imported the notebook's modules, too?
    :param late: does its environment come after it, when the first cell is run, as in a server?
    """

    name: str
    environ: Mapping[str, str] = field(default_factory=dict)
    ahead: bool = False
    preload: bool = False
    late: bool = False

    @property
    def is_forked(self) -> bool:
        """Whether a zygote makes the kernel."""
        return self.environ[envvars.ZYGOTE] == "on"

    def __str__(self) -> str:
        return self.name


PROCESS = Launching("process", {envvars.ZYGOTE: "off"})
ZYGOTE = Launching("zygote", {envvars.ZYGOTE: "on", envvars.PARKED: "0"})
PARKED = Launching("parked", {envvars.ZYGOTE: "on", envvars.PARKED: "1"}, ahead=True)
PRELOADED = Launching("preloaded", ZYGOTE.environ, ahead=True, preload=True)

LATE = Launching("late", {**PROCESS.environ, envvars.TRUST: "run"}, late=True)
LATE_ZYGOTE = Launching("late zygote", {**ZYGOTE.environ, envvars.TRUST: "run"}, late=True)
LATE_PARKED = Launching("late parked", {**PARKED.environ, envvars.TRUST: "run"}, True, late=True)

LAUNCHINGS = (PROCESS, ZYGOTE, PARKED, PRELOADED, LATE, LATE_ZYGOTE, LATE_PARKED)


def is_long() -> bool:
    """Whether everything is to be compared."""
    return os.environ.get("FIDELITY") == "all"


def launchings() -> tuple[Launching, ...]:
    """The ways that scripts and lives of kernels are to be compared in.

    In every run the one that users have: on Linux all but the first kernel of a layer are forked.
    """
    return LAUNCHINGS if is_long() else (ZYGOTE,)


def launchings_of_probes() -> tuple[Launching, ...]:
    """The ways that what a kernel says of itself is to be compared in.

    In every run as a process, too, which has its environment late.
    """
    return LAUNCHINGS if is_long() else (ZYGOTE, LATE)


def waiting_kernels(zygotes: Zygotes) -> set[int]:
    """Kernels that wait to be wanted."""
    return {child for zygote in zygotes.pids() for child in children(zygote) if is_parked(child)}
