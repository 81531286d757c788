"""Read and write the receipt: what a notebook last ran with, in ``headstart.receipt``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ...errors import NotebookError
from ..lock.own_digest import is_intact, with_digest
from ..messages import kind_of
from ..notebook.model import DEPENDENCIES, METADATA_KEY, Notebook

__all__ = [
    "PROVIDED",
    "RECEIPT_FIELD",
    "RESOLVED",
    "Receipt",
    "find_receipt",
    "installed_digest",
    "leave_receipt",
]

RECEIPT_FIELD = "receipt"
"""Field of the metadata's ``headstart`` that has it."""

PROVIDED = "notebook"
"""Origin of a lock that the notebook brings."""

RESOLVED = "resolved"
"""Origin of a lock that was resolved on the machine of the run."""

_MAX_TEXT = 200
"""Characters of a field; the longest that Headstart writes, a digest, has 64."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a kernel ran with.

    ``lock`` is the SHA-256 of the text of the lock, in the notebook or resolved; ``key`` names the
    environment, ``""`` if it was ephemeral; ``python`` is the full version, ``platform`` as
    `sysconfig.get_platform` says it; ``time`` is when the kernel started, ISO 8601 in UTC;
    ``headstart`` is Headstart's version. ``origin`` says where the lock came from, `PROVIDED` or
    `RESOLVED`; ``installed`` is what `installed_digest` gives. Both are ``""`` in receipts of
    earlier versions. ``intact`` says whether it is unchanged, None if that is not known.
    """

    lock: str
    key: str
    python: str
    platform: str
    time: str
    headstart: str
    origin: str = ""
    installed: str = ""
    intact: bool | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The value of the metadata's field, with a digest of its own."""
        return with_digest({name: text for name, text in asdict(self).items() if name != "intact"})


def installed_digest(wheels: Iterable[tuple[str, str]]) -> str:
    """A digest of what was installed, the same on all machines: SHA-256, as 64 hex digits.

    The environment's key is not: it depends on the path of a Python.

    :param wheels: normalised names, and the SHA-256 of the wheel of each.
    """
    return hashlib.sha256(repr(sorted(wheels)).encode("utf-8")).hexdigest()


def find_receipt(notebook: Notebook) -> Receipt | None:
    """The receipt in a notebook's metadata, or None.

    :raises NotebookError: if the field is not a receipt.
    """
    ours = notebook.metadata.get(METADATA_KEY)
    value = ours.get(RECEIPT_FIELD) if isinstance(ours, Mapping) else None
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _unreadable(f"it is {kind_of(value)}")
    names = [row.name for row in fields(Receipt) if row.name != "intact"]
    # Earlier versions wrote fewer fields, and later ones may write more.
    values = {name: value.get(name, "") for name in names}
    for name, text in values.items():
        if not isinstance(text, str) or len(text) > _MAX_TEXT:
            raise _unreadable(f"{name} is {kind_of(text)}")
    return Receipt(**values, intact=is_intact(value))


def _unreadable(reason: str) -> NotebookError:
    return NotebookError(
        f"The receipt in the notebook's metadata cannot be read: {reason}.",
        hint="Remove it, or run the notebook again.",
    )


def leave_receipt(metadata: MutableMapping[str, Any], receipt: Receipt) -> None:
    """Put a receipt into a notebook's metadata, in place of an older one.

    A header there is kept. Invalid metadata stays as it is.
    """
    ours = metadata.get(METADATA_KEY, {})
    if isinstance(ours, str | list):
        # A short form of the header, which has no room for a field: it becomes an object.
        ours = {DEPENDENCIES: ours}
    if isinstance(ours, Mapping):
        metadata[METADATA_KEY] = {**ours, RECEIPT_FIELD: receipt.to_json()}
