"""``headstart list``: the environments in the store, what they take, and who uses them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.messages import size_of
from ...core.store.accounting import Amount, own_and_shared, total
from ...core.timestamp import timestamp
from ...store.gc.inventory import StoreEntry
from ...store.gc.users import NotebookUse, User
from ...store.store import Store
from ...store.upkeep import Upkeep
from ..cli_settings import read_settings
from ..output import date_of, moment_of, print_json, print_text, table
from ..terminal import ProgressLine

SUMMARY = "list the environments in the store"
DESCRIPTION = """\
List the environments in the store: what each takes, alone and together with others, when it was
last used, which kernels use it, and which notebooks asked for it."""

_TITLES = ("KEY", "KIND", "PYTHON", "PACKAGES", "OWN", "SHARED", "LAST USED", "", "NOTEBOOKS")


@dataclass(frozen=True, slots=True)
class Listed:
    """An environment, who uses it and what it takes.

    ``own`` bytes are its alone, ``shared`` are those that other environments have too.
    """

    entry: StoreEntry
    own: int
    shared: int
    kept: bool
    users: tuple[User, ...]
    notebooks: tuple[NotebookUse, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A store: its environments, the last used first, and what all of it takes."""

    root: Path
    environments: Sequence[Listed]
    amount: Amount


def add_arguments(parser: ArgumentParser) -> None:
    """There are none."""


def main(as_json: bool) -> int:
    """Print the environments, the last used first.

    :raises StoreError: if the store cannot be read.
    """
    settings = read_settings()
    with ProgressLine() as line:
        line.say("Measuring the store")
        upkeep = Upkeep(settings.store)
        listing = list_store(settings.store, upkeep)
        system = list_store(settings.system_store, upkeep) if settings.system_store else None
    if as_json:
        system_json = {"system": _listing_json(system)} if system else {}
        print_json({**_listing_json(listing), **system_json})
    else:
        print_text("\n\n".join(render(store) for store in (listing, system) if store))
    return 0


def list_store(root: Path, upkeep: Upkeep) -> Listing:
    """Everything in a store.

    :param upkeep: of the user's own store, where kernels note that they use the system's too.
    """
    entries = Store(root).entries()
    names = {f"{entry.kind}/{entry.key}": entry for entry in entries}
    shares = Upkeep(root).shares()
    sizes = own_and_shared(shares, frozenset(names))
    kept, users = upkeep.kept(), upkeep.users()
    listed = [
        Listed(
            entry,
            *sizes[name],
            kept=entry.key in kept,
            users=tuple(user for user in users if entry.key in (user.environment, user.layer)),
            notebooks=tuple(upkeep.notebooks(entry.key)),
        )
        for name, entry in names.items()
    ]
    listed.sort(key=lambda item: item.entry.last_used, reverse=True)
    return Listing(root, listed, total(shares))


def render(listing: Listing) -> str:
    """A table of the environments, those who use them, and what the whole store takes."""
    listed = listing.environments
    if not listed:
        return f"There are no environments in {listing.root} yet."
    users = {user.file: user for item in listed for user in item.users}
    parts = [table([_TITLES, *map(_row, listed)], right=(3, 4, 5))]
    if users:
        titles = ("USED BY", "ENVIRONMENT", "NOTEBOOK", "STARTED BY")
        parts.append(table([titles, *map(_user_row, users.values())]))
    amount = listing.amount
    takes = f"{size_of(amount.size)} and {amount.inodes:,} files with all that is cached"
    parts.append(f"{len(listed)} in {listing.root}, which takes {takes}")
    return "\n\n".join(parts)


def _row(item: Listed) -> tuple[str, ...]:
    entry, manifest = item.entry, item.entry.manifest
    marks = ["in use"] * entry.in_use + ["kept"] * item.kept
    return (
        entry.key[:12],
        entry.kind.value,
        manifest.python_version if manifest else "damaged",
        str(len(manifest.distributions)) if manifest else "",
        size_of(item.own),
        size_of(item.shared),
        date_of(entry.last_used),
        ", ".join(marks),
        _names(item.notebooks),
    )


def _names(notebooks: Sequence[NotebookUse]) -> str:
    if not notebooks:
        return ""
    more = f" and {len(notebooks) - 1} more" if len(notebooks) > 1 else ""
    return Path(notebooks[0].notebook).name + more


def _user_row(user: User) -> tuple[str, ...]:
    return f"process {user.pid}", user.environment[:12], user.notebook, user.client


def _listing_json(listing: Listing) -> dict[str, Any]:
    return {
        "store": str(listing.root),
        "bytes": listing.amount.size,
        "inodes": listing.amount.inodes,
        "environments": [_json(item) for item in listing.environments],
    }


def _json(item: Listed) -> dict[str, Any]:
    entry, manifest = item.entry, item.entry.manifest
    used = moment_of(entry.last_used)
    return {
        "key": entry.key,
        "kind": entry.kind.value,
        "prefix": str(entry.path),
        "damaged": manifest is None,
        "python": manifest.python_version if manifest else None,
        "packages": len(manifest.distributions) if manifest else None,
        "size": entry.size,
        "own": item.own,
        "shared": item.shared,
        "built_at": manifest.built_at if manifest else None,
        "last_used": timestamp(used) if used else None,
        "in_use": entry.in_use,
        "kept": item.kept,
        "users": [
            {"pid": user.pid, "notebook": user.notebook, "client": user.client, "host": user.host}
            for user in item.users
        ],
        "notebooks": [use.notebook for use in item.notebooks],
    }
