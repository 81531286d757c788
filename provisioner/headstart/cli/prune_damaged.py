"""``headstart prune --damaged``: have what is damaged made again when it is needed."""

from __future__ import annotations

from ..store.store import Store
from ..store.verify_all import put_aside, verify_all
from .cli_settings import read_settings
from .output import print_json
from .verify_store import render, to_json


def main(dry_run: bool, as_json: bool) -> int:
    """Read every file of the store, and put aside what is not as it was installed.

    Kernels that run in it go on with what is there.

    :param dry_run: only say what it would be.
    :raises StoreError: if the store cannot be used.
    """
    store = Store(read_settings().store)
    found = verify_all(store) if dry_run else put_aside(store)
    damaged = [item for item in found if item.problems]
    if as_json:
        put = [to_json(item) for item in damaged]
        print_json({"store": str(store.root), "dry_run": dry_run, "damaged": put})
        return 0
    for item in damaged:
        print(render(item))
    done = "would be put aside" if dry_run else "put aside; it is made again when it is needed"
    print(f"{len(damaged)} {done}." if damaged else f"Nothing in {store.root} is damaged.")
    return 0
