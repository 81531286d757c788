"""What callers show of an environment: what its manifest says, seen from one header."""

from __future__ import annotations

from ..core.header.spec import EnvironmentSpec
from ..core.store.manifest import Distribution, Environment

__all__ = ["packages"]


def packages(environment: Environment, spec: EnvironmentSpec) -> tuple[Distribution, ...]:
    """What is installed, with ``direct`` as this spec has it.

    Notebooks that ask for the same lock in different words share an environment, and its manifest
    has the words of the first of them.
    """
    direct = spec.direct
    found = environment.manifest.distributions
    return tuple(item._replace(direct=item.name in direct) for item in found)
