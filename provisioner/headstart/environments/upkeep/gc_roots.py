"""Which environment ``headstart keep`` means, by key or by notebook; keeping it with its layer."""

from __future__ import annotations

import re

from ...core.header.spec import EnvironmentSpec
from ...core.store.manifest import EnvironmentKind, Manifest
from ...errors import StoreError
from ...store.upkeep import Upkeep
from ..build.layers import recalled_layer_of
from ..context import Context
from ..ready import look

__all__ = ["is_short_key", "keep", "key_of_spec", "key_that_begins", "unkeep"]

_SHORT_KEY = re.compile(r"[0-9a-f]{6,64}")


def is_short_key(text: str) -> bool:
    """Whether ``text`` can be a key, or the beginning of one."""
    return _SHORT_KEY.fullmatch(text) is not None


def key_that_begins(start: str, context: Context) -> str:
    """The key of the environment or the layer whose key begins with ``start``.

    :raises StoreError: if there is none, or more than one.
    """
    # Ephemeral ones end with their kernel: there is nothing to keep.
    keys = [
        entry.key
        for entry in context.store.entries()
        if entry.key.startswith(start) and entry.kind is not EnvironmentKind.EPHEMERAL
    ]
    if len(keys) == 1:
        return keys[0]
    several = f"{len(keys)} environments have" if keys else "No environment has"
    raise StoreError(f"{several} a key that begins with {start}.", hint="See `headstart list`.")


def key_of_spec(spec: EnvironmentSpec, context: Context) -> str:
    """The key of the environment that a notebook's kernel would get.

    :raises StoreError: if it was not built yet, or is built again at each start.
    """
    environment = look(spec, context)
    if environment is not None:
        return environment.key
    raise StoreError(
        "The notebook has no environment in the store.", hint="Make one: `headstart ensure`."
    )


def keep(key: str, context: Context) -> None:
    """Keep an environment, and the layer that its kernels run in, until `unkeep`."""
    upkeep = Upkeep(context.store.root)
    for kept in (key, _layer_of(key, context)):
        if kept:
            upkeep.keep(kept)


def unkeep(key: str, context: Context) -> None:
    """Treat an environment as any other again, and its layer unless another kept one needs it."""
    upkeep = Upkeep(context.store.root)
    upkeep.unkeep(key)
    layer = _layer_of(key, context)
    if layer and layer not in {_layer_of(other, context) for other in upkeep.kept()}:
        upkeep.unkeep(layer)


def _layer_of(key: str, context: Context) -> str:
    """The key of the layer that an environment's kernels run in, ``""`` if there is none."""
    manifest = _manifest(key, context)
    return recalled_layer_of(manifest, context) if manifest is not None else ""


def _manifest(key: str, context: Context) -> Manifest | None:
    leased = context.store.find(EnvironmentKind.ENVIRONMENT, key)
    if leased is None:
        return None
    with leased:
        return leased.environment.manifest
