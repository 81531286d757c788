"""Decide what a kernel start does, from values alone."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import HeadstartError
from .header.spec import EnvironmentSpec
from .store.manifest import Environment


# Named tuples, for every kernel start imports this.
class LastGood(NamedTuple):
    """The environment of a kernel before it ended, whose lease is still held."""

    spec: EnvironmentSpec
    environment: Environment


class Reuse(NamedTuple):
    """Start in the environment that the kernel had, without reading the notebook."""

    last: LastGood


class Build(NamedTuple):
    """Start in the environment of this spec; it is built if the store does not have it."""

    spec: EnvironmentSpec


class Refuse(NamedTuple):
    """Do not start, for this reason."""

    error: HeadstartError


Plan = Reuse | Build | Refuse


def plan_start(
    requested: EnvironmentSpec | HeadstartError,
    last: LastGood | None = None,
    *,
    autorestart: bool = False,
) -> Plan:
    """Decide what a start, a restart or an autorestart does.

    A kernel that died restarts in the same environment: the user did not ask for another, and the
    header may be half edited. All else follows the header as it is now; an ephemeral environment is
    new at each start and restart.

    :param requested: the header's spec, or the error from reading it.
    :param last: the environment that the kernel ran in before, if it ran.
    :param autorestart: Jupyter starts the kernel again because its process died.
    """
    if autorestart and last is not None:
        return Reuse(last)
    if isinstance(requested, HeadstartError):
        return Refuse(requested)
    return Build(requested)
