"""``headstart list``: the environments in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ..settings import read_settings
from ..store.entries import StoreEntry
from ..store.store import Store
from .output import print_json, size_of, table

_TITLES = ("KEY", "KIND", "PYTHON", "PACKAGES", "SIZE", "LAST USED", "IN USE")


def main(as_json: bool) -> int:
    """Print the environments, the last used first.

    :raises StoreError: if the store cannot be read.
    """
    store = Store(read_settings().store)
    entries = sorted(store.entries(), key=lambda entry: entry.last_used, reverse=True)
    if as_json:
        print_json({"store": str(store.root), "environments": [_json(item) for item in entries]})
    elif entries:
        print(render(entries))
        total = size_of(sum(entry.size for entry in entries))
        print(f"\n{len(entries)} in {store.root}, {total}")
    else:
        print(f"There are no environments in {store.root} yet.")
    return 0


def render(entries: Sequence[StoreEntry]) -> str:
    """A table of the environments."""
    return table([_TITLES, *map(_row, entries)], right=(3, 4))


def _row(entry: StoreEntry) -> tuple[str, ...]:
    manifest = entry.manifest
    used = _moment(entry.last_used)
    return (
        entry.key[:12],
        entry.kind.value,
        manifest.python_version if manifest else "damaged",
        str(len(manifest.distributions)) if manifest else "",
        size_of(entry.size),
        used.astimezone().strftime("%Y-%m-%d %H:%M") if used else "",
        "yes" if entry.in_use else "",
    )


def _json(entry: StoreEntry) -> dict[str, Any]:
    manifest, used = entry.manifest, _moment(entry.last_used)
    return {
        "key": entry.key,
        "kind": entry.kind.value,
        "prefix": str(entry.path),
        "damaged": manifest is None,
        "python": manifest.python_version if manifest else None,
        "packages": len(manifest.distributions) if manifest else None,
        "size": entry.size,
        "built_at": manifest.built_at if manifest else None,
        "last_used": used.isoformat(timespec="seconds") if used else None,
        "in_use": entry.in_use,
    }


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
