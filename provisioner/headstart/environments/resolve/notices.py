"""Warnings about an environment that can be built all the same: remembered next to its lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.store.manifest import Environment
from ...errors import StoreError
from ...store.store import Store
from ..facts import digest_of, recall, remember
from .newer_versions import recall_held_back

if TYPE_CHECKING:
    from ...uv.warnings import Warned

__all__ = ["notices_for", "notices_in", "recall_warnings", "remember_warnings"]


def remember_warnings(
    warned: Sequence[Warned], spec: EnvironmentSpec, interpreter: Interpreter, store: Store
) -> None:
    """Keep what uv has warned of when it resolved a spec."""
    # Without warnings too, if there were some: a new resolution replaces them.
    digest = _digest(spec, interpreter.version)
    if warned or recall(store, digest) is not None:
        remember(store, digest, {"warned": [list(warning) for warning in warned]})


def recall_warnings(
    spec: EnvironmentSpec, versions: Mapping[str, str], python: str, store: Store
) -> tuple[str, ...]:
    """What uv has warned of when it resolved a spec, of the versions that were chosen.

    :param versions: what is installed, or would be, by normalised name.
    :param python: the version of the interpreter.
    """
    try:
        fact = recall(store, _digest(spec, python)) or {"warned": []}
        rows = [(name, version, text) for name, version, text in fact["warned"]]
    except (StoreError, KeyError, TypeError, ValueError):  # a warning is lost, nothing fails for it
        return ()
    return tuple(str(text) for name, version, text in rows if versions.get(name) == version)


def notices_for(
    spec: EnvironmentSpec, versions: Mapping[str, str], python: str, store: Store
) -> tuple[str, ...]:
    """Old versions that were taken for want of wheels, and what uv has warned of; for people.

    The parameters are those of `recall_warnings`.
    """
    held_back = recall_held_back(spec, versions, python, store)
    warnings = recall_warnings(spec, versions, python, store)
    return (*(package.message for package in held_back), *warnings)


def notices_in(environment: Environment, spec: EnvironmentSpec, store: Store) -> tuple[str, ...]:
    """The warnings about an environment that is for a spec."""
    manifest = environment.manifest
    return notices_for(spec, manifest.versions, manifest.python_version, store)


def _digest(spec: EnvironmentSpec, python: str) -> str:
    return digest_of("warned", spec.digest, python)
