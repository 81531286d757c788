"""``headstart prune``: take out of the store what nobody uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.messages import size_of
from ..core.retention import Item, Removal
from ..core.usage import Amount
from ..environments.context import open_context
from ..environments.prune import Pruned, prune
from ..settings import Settings
from .configured import read_settings
from .output import date_of, print_json, print_note, print_text, table
from .terminal import ProgressLine

_TITLES = ("KIND", "NAME", "LAST USED", "FREES", "BECAUSE")


def main(dry_run: bool, everything: bool, damaged: bool, as_json: bool) -> int:
    """Prune, and print what was removed and why.

    :param damaged: put aside what is damaged, and nothing else.
    :raises StoreError: if the store cannot be used.
    """
    if damaged:
        from .prune_damaged import main as prune_damaged

        return prune_damaged(dry_run, as_json)
    settings = read_settings()
    with ProgressLine() as line:
        line.say("Looking through the store")
        pruned = prune(open_context(settings), everything=everything, dry_run=dry_run)
    if as_json:
        print_json(_json(pruned, settings, dry_run))
    else:
        print_text(render(pruned, settings, dry_run))
        if pruned.problem:
            print_note(f"uv's cache was not pruned: {pruned.problem}")
    return 0


def render(pruned: Pruned, settings: Settings, dry_run: bool) -> str:
    """What was removed, for people."""
    removals = pruned.pruning.removals
    parts = [table([_TITLES, *map(_row, removals)], right=(3,))] if removals else []
    if pruned.leftovers:
        parts.append("\n".join(["Left over by dead processes:", *pruned.leftovers]))
    if pruned.kept:
        parts.append("\n".join(["In use by now, and kept:", *map(_name, pruned.kept)]))
    parts.append(_summary(pruned, settings, dry_run))
    return "\n\n".join(parts)


def _summary(pruned: Pruned, settings: Settings, dry_run: bool) -> str:
    before, after = pruned.pruning.before, pruned.pruning.after
    takes = (
        f"{settings.store} {'would take' if dry_run else 'takes'} "
        f"{size_of(after.size)} of {size_of(settings.quota_bytes)}, "
        f"{after.inodes:,} files of {settings.quota_inodes:,}"
    )
    if before == after:
        return f"Nothing {'has' if dry_run else 'had'} to go. {takes}."
    return f"{size_of((before - after).size)} {'would be' if dry_run else 'are'} freed; {takes}."


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
                "reason": removal.reason.name.lower().replace("_", "-"),
                "frees": _amount_json(removal.frees),
            }
            for removal in pruned.pruning.removals
        ],
        "leftovers": list(pruned.leftovers),
        "kept": _items_json(pruned.kept),
        "before": _amount_json(pruned.pruning.before),
        "after": _amount_json(pruned.pruning.after),
        "problem": pruned.problem or None,
    }


def _items_json(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [_item_json(item) for item in items]


def _item_json(item: Item) -> dict[str, Any]:
    return {"kind": item.kind.value, "key": item.key, "last_used": item.last_used}


def _amount_json(amount: Amount) -> dict[str, int]:
    return {"bytes": amount.size, "inodes": amount.inodes}
