"""``verify --environments`` and ``prune --damaged``: every file of what is in the store."""

from __future__ import annotations

from typing import Any

from ..store.store import Store
from ..store.verify_all import Verified, discard_damaged, verify_all
from .cli_settings import read_settings
from .output import print_json, print_text

SHOWN = 10
"""Files of one environment that are named; damage often affects many."""


def verify_store(as_json: bool) -> int:
    """Read every file of the environments, the layers and what they are made of.

    Changes nothing: what is damaged stays as it is.

    :return: 1 if something is damaged, else 0.
    :raises StoreError: if the store cannot be used.
    """
    store = Store(read_settings().store)
    checked = list(verify_all(store))
    damaged = [item for item in checked if item.problems]
    if as_json:
        items = [to_json(item) for item in checked]
        print_json({"store": str(store.root), "checked": len(checked), "environments": items})
    else:
        for item in damaged:
            print_text(render(item))
        print_text(f"{len(checked)} checked in {store.root}, {len(damaged) or 'none'} damaged.")
        if damaged:
            print_text("To have it built again when it is needed: headstart prune --damaged")
    return 1 if damaged else 0


def prune_damaged(dry_run: bool, as_json: bool) -> int:
    """Read every file of the store, and discard what is not as it was installed.

    Kernels that run in it go on with the files as they are.

    :param dry_run: only say what it would be.
    :raises StoreError: if the store cannot be used.
    """
    store = Store(read_settings().store)
    checked = verify_all(store) if dry_run else discard_damaged(store)
    damaged = [item for item in checked if item.problems]
    if as_json:
        items = [to_json(item) for item in damaged]
        print_json({"store": str(store.root), "dry_run": dry_run, "damaged": items})
        return 0
    for item in damaged:
        print_text(render(item))
    done = "would be discarded" if dry_run else "discarded; it is built again when it is needed"
    print_text(f"{len(damaged)} {done}." if damaged else f"Nothing in {store.root} is damaged.")
    return 0


def render(item: Verified) -> str:
    """What is wrong with an environment, for people."""
    lines = [f"{item.name} is damaged:"]
    lines += [f"  {problem}" for problem in item.problems[:SHOWN]]
    if len(item.problems) > SHOWN:
        lines.append(f"  and {len(item.problems) - SHOWN} more")
    return "\n".join(lines)


def to_json(item: Verified) -> dict[str, Any]:
    """What is wrong with an environment, for programs."""
    problems = [{"path": problem.path, "what": problem.what} for problem in item.problems]
    return {"name": item.name, "damaged": bool(problems), "problems": problems}
