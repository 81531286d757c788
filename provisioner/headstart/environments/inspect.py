"""What callers show of an environment. Nothing is recomputed: it comes from the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..core.environment import Distribution, Environment
from ..core.spec import EnvironmentSpec

__all__ = ["packages", "versions"]


def packages(environment: Environment, spec: EnvironmentSpec) -> tuple[Distribution, ...]:
    """What is installed, with ``direct`` as this spec has it.

    Notebooks that ask for the same lock in different words share an environment, and its manifest
    has the words of the first of them.
    """
    direct = spec.direct
    found = environment.manifest.distributions
    return tuple(replace(item, direct=item.name in direct) for item in found)


def versions(environment: Environment) -> Mapping[str, str]:
    """Version by normalised name."""
    return {item.name: item.version for item in environment.manifest.distributions}
