"""What is in the store, for whoever lists it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...core.store.manifest import EnvironmentKind, Manifest
from ...errors import EnvironmentDamaged
from ..disk.trees import names_in
from ..layout import NAME, Layout
from ..leases import in_use, last_used
from ..manifests import Touched, inspect


@dataclass(frozen=True, slots=True)
class StoreEntry:
    """One environment of the store.

    ``manifest`` is None if the environment is damaged. ``size`` is bytes, as the manifest counts
    them. ``last_used`` is seconds since the epoch, 0 if unknown. ``in_use`` says whether anybody
    held a lease a moment ago.
    """

    kind: EnvironmentKind
    key: str
    path: Path
    manifest: Manifest | None
    size: int
    last_used: float
    in_use: bool


def list_entries(layout: Layout) -> Iterator[StoreEntry]:
    """Every environment of the store, by kind and key."""
    for kind in EnvironmentKind:
        for key in filter(NAME.fullmatch, names_in(layout.folder(kind))):
            yield _entry(layout, kind, key)


def _entry(layout: Layout, kind: EnvironmentKind, key: str) -> StoreEntry:
    prefix, manifest = layout.prefix(kind, key), None
    try:
        environment = inspect(prefix, kind, key)
        manifest = environment.manifest if environment else None
    except Touched as touched:  # whoever wants it looks whether it is more than a time
        manifest = touched.environment.manifest
    except EnvironmentDamaged:
        pass
    return StoreEntry(
        kind=kind,
        key=key,
        path=prefix,
        manifest=manifest,
        size=manifest.size if manifest else 0,
        last_used=last_used(layout, key),
        in_use=in_use(layout, key),
    )
