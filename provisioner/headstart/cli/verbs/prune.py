"""``headstart prune``: remove from the store what is not in use."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from ...core.messages import size_of
from ...core.store.accounting import Amount
from ...core.store.retention import CACHES, ENVIRONMENTS, Item, Reason, Removal, Stay, Staying
from ...environments.context import open_context
from ...environments.upkeep.gc import Pruned, prune
from ...settings import Settings
from ..cli_settings import read_settings
from ..output import date_of, print_json, print_note, print_text, table
from ..terminal import ProgressLine

SUMMARY = "remove from the store what is not in use"
DESCRIPTION = """\
Remove from the store what is not in use, until it keeps its quotas and leaves the reserve of free
space: the least recently used first. What kernels use, and what is kept, stays. The store does
so by itself after a build, once an hour."""

_TITLES = ("KIND", "NAME", "LAST USED", "FREES", "BECAUSE")
_STAYING = ("STAYS", "NAME", "OWN", "SHARED", "BECAUSE")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be removed, and why"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        dest="everything",
        help="remove all that is neither in use nor kept, also within the quotas",
    )
    parser.add_argument(
        "--damaged",
        action="store_true",
        help="read every file, and discard what is damaged: it is built again when it is needed",
    )


def main(dry_run: bool, everything: bool, damaged: bool, as_json: bool) -> int:
    """Prune, and print what was removed and why.

    :param damaged: discard what is damaged, and nothing else.
    :raises StoreError: if the store cannot be used.
    """
    if damaged:
        # Rarely needed, and it imports all that reads the store's files.
        from ..verify_store import prune_damaged

        return prune_damaged(dry_run, as_json)
    settings = read_settings()
    with ProgressLine() as line:
        # Of a large store this takes up to 17 s.
        line.say("Looking through the store")
        pruned = prune(open_context(settings), everything=everything, dry_run=dry_run)
    if as_json:
        print_json(_json(pruned, settings, dry_run))
    else:
        print_text(render(pruned, settings, dry_run, everything))
        if pruned.problem:
            print_note(f"uv's cache was not pruned: {pruned.problem}")
    return 0


def render(pruned: Pruned, settings: Settings, dry_run: bool, everything: bool = False) -> str:
    """What was removed, for people, and what stays where that is too much.

    :param everything: whether all that is not in use was to be removed.
    """
    removals = pruned.pruning.removals
    parts = [table([_TITLES, *map(_row, removals)], right=(3,))] if removals else []
    if pruned.leftovers:
        parts.append("\n".join(["Left over by dead processes:", *pruned.leftovers]))
    if pruned.kept:
        parts.append("\n".join(["In use by now, and kept:", *map(_name, pruned.kept)]))
    # Else what stays explains nothing: the store keeps its quotas.
    if pruned.pruning.pressure or everything:
        parts += _staying(pruned)
    parts.append(_summary(pruned, settings, dry_run))
    return "\n\n".join(parts)


def _summary(pruned: Pruned, settings: Settings, dry_run: bool) -> str:
    before, after = pruned.pruning.before, pruned.pruning.after
    takes = (
        f"{settings.store} {'would take' if dry_run else 'takes'} "
        f"{size_of(after.size)} of {size_of(settings.quota_bytes)}, "
        f"{after.inodes:,} files of {settings.quota_inodes:,}"
    )
    if pruned.pruning.pressure is not None:
        takes = f"{takes}. More had to go, for {pruned.pruning.pressure}, but nothing more may"
    elif before == after:
        return f"Nothing {'has' if dry_run else 'had'} to go. {takes}."
    if before == after:
        return f"Nothing {'can go' if dry_run else 'could go'}. {takes}."
    return f"{size_of((before - after).size)} {'would be' if dry_run else 'are'} freed; {takes}."


def _staying(pruned: Pruned) -> list[str]:
    """What may not go, and who uses it; of wheels and downloads how many."""
    staying = pruned.pruning.staying
    rows = [
        (
            stay.item.kind.value,
            _name(stay.item),
            size_of(stay.own.size),
            size_of(stay.shared.size),
            because,
        )
        for stay in staying
        if stay.item.kind in ENVIRONMENTS
        for because in _because(stay, pruned)
    ]
    caches: dict[tuple[str, str], list[int]] = {}
    for stay in staying:
        if stay.item.kind in CACHES:
            caches.setdefault((stay.item.kind.value, stay.reason.value), []).append(stay.own.size)
    # What they share with one another would be counted several times.
    rows += [
        (kind, f"{len(own)} of them", size_of(sum(own)), "", because)
        for (kind, because), own in caches.items()
    ]
    return [table([_STAYING, *rows], right=(2, 3))] if rows else []


def _because(staying: Staying, pruned: Pruned) -> list[str]:
    """Why it stays, a line for each who uses it."""
    if staying.reason is not Stay.USED:
        return [staying.reason.value]
    return [
        f"process {user.pid} uses it: {user.notebook} (started by {user.client})"
        for user in pruned.users_of(staying.item)
    ] or [staying.reason.value]


def _row(removal: Removal) -> tuple[str, ...]:
    item = removal.item
    used = date_of(item.last_used)
    return item.kind.value, _name(item), used, size_of(removal.frees.size), removal.reason.value


def _name(item: Item) -> str:
    return item.key.replace("/", " ") if "/" in item.key else item.key[:12]


def _json(pruned: Pruned, settings: Settings, dry_run: bool) -> dict[str, Any]:
    return {
        "store": str(settings.store),
        "dry_run": dry_run,
        "removed": [
            {
                **_item_json(removal.item),
                "reason": _word(removal.reason),
                "frees": _amount_json(removal.frees),
            }
            for removal in pruned.pruning.removals
        ],
        "leftovers": list(pruned.leftovers),
        "kept": _items_json(pruned.kept),
        "pressure": _word(pruned.pruning.pressure),
        "staying": [
            {
                **_item_json(staying.item),
                "reason": _word(staying.reason),
                "own": _amount_json(staying.own),
                "shared": _amount_json(staying.shared),
                "users": [
                    {"pid": user.pid, "notebook": user.notebook, "client": user.client}
                    for user in pruned.users_of(staying.item)
                ],
            }
            for staying in pruned.pruning.staying
        ],
        "before": _amount_json(pruned.pruning.before),
        "after": _amount_json(pruned.pruning.after),
        "problem": pruned.problem or None,
    }


def _word(reason: Reason | Stay | None) -> str | None:
    """A reason, for programs."""
    return reason.name.lower().replace("_", "-") if reason else None


def _items_json(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [_item_json(item) for item in items]


def _item_json(item: Item) -> dict[str, Any]:
    return {"kind": item.kind.value, "key": item.key, "last_used": item.last_used}


def _amount_json(amount: Amount) -> dict[str, int]:
    return {"bytes": amount.size, "inodes": amount.inodes}
