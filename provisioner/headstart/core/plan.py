"""What a kernel start should do, decided from values alone."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import HeadstartError
from .header.spec import EnvironmentSpec
from .store.manifest import Environment


class LastGood(NamedTuple):
    """The environment that a kernel had before it ended, whose lease is still held."""

    spec: EnvironmentSpec
    environment: Environment


class Reuse(NamedTuple):
    """Start in the environment that the kernel had, and look at nothing else."""

    last: LastGood


class Build(NamedTuple):
    """Start in the environment of this spec; it is built if the store does not have it."""

    spec: EnvironmentSpec


class Refuse(NamedTuple):
    """Start in no environment, for this reason."""

    error: HeadstartError


Plan = Reuse | Build | Refuse


def plan_start(
    wanted: EnvironmentSpec | HeadstartError,
    last: LastGood | None = None,
    *,
    autorestart: bool = False,
) -> Plan:
    """Decide what a start, a restart or an autorestart does.

    A kernel that died comes back as it was: nobody asked for another environment, and the header
    may be half edited. All else follows the header as it is now; an ephemeral environment is new
    at each start and restart.

    :param wanted: the header's spec, or the error that kept it from being read.
    :param last: what the kernel ran in before, if it ran.
    :param autorestart: Jupyter starts the kernel again because its process died.
    """
    if autorestart and last is not None:
        return Reuse(last)
    if isinstance(wanted, HeadstartError):
        return Refuse(wanted)
    return Build(wanted)
