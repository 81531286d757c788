"""Receipts: what a kernel runs with goes into the notebook, where the settings say so."""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..core.store.manifest import EnvironmentKind
from ..core.store.receipt import PROVIDED, RESOLVED, Receipt, installed_digest, leave_receipt
from ..core.timestamp import timestamp
from .notebook.discover import document_of_client
from .status import status_board

if TYPE_CHECKING:
    from ..environments.ready import Ready

__all__ = ["leave_in_client", "leave_in_saved", "receipt_of"]


_REMEMBERED = 1000
"""Notebooks of a server whose last receipt is known after their kernel's end."""

_left: dict[str, Receipt] = {}
"""The last receipts of notebooks that were saved, by their API paths."""


def receipt_of(ready: Ready) -> Receipt:
    """What a kernel that starts now in an environment runs with."""
    environment, given = ready.environment.environment, ready.spec.lock
    manifest = environment.manifest
    ephemeral = manifest.kind is EnvironmentKind.EPHEMERAL
    return Receipt(
        # A lock in the notebook has more than this machine installs, and its digest is the same
        # on every machine: receipts are compared elsewhere.
        lock=given.digest if given is not None else ready.lock.digest,
        key="" if ephemeral else environment.key,
        python=manifest.python_version,
        platform=sysconfig.get_platform(),
        time=timestamp(datetime.now(UTC)),
        headstart=__version__,
        origin=PROVIDED if given is not None else RESOLVED,
        installed=installed_digest(
            (item.name, item.wheel) for item in manifest.distributions if item.wheel
        ),
    )


def leave_in_client(manager: Any, receipt: Receipt) -> None:
    """Put a receipt into the notebook of the headless client that is starting a kernel."""
    document = document_of_client(manager)
    metadata = document.get("metadata") if document is not None else None
    if isinstance(metadata, MutableMapping):
        leave_receipt(metadata, receipt)


def leave_in_saved(model: Mapping[str, Any], path: str, **_: Any) -> None:
    """A pre-save hook of contents managers: the receipt of the notebook's kernel goes with it."""
    content = model.get("content")
    if model.get("type") != "notebook" or not isinstance(content, Mapping):
        return
    path, metadata = path.strip("/"), content.get("metadata")
    status = status_board.by_path(path)
    if status is not None and status.receipt is not None:
        _keep(path, status.receipt)
    if path in _left and isinstance(metadata, MutableMapping):
        leave_receipt(metadata, _left[path])


def _keep(path: str, receipt: Receipt) -> None:
    """Remember it: an editor saves what it has read, which has no receipt, after the kernel's end.

    Of many notebooks the ones saved longest ago are forgotten.
    """
    _left.pop(path, None)
    _left[path] = receipt
    while len(_left) > _REMEMBERED:
        del _left[next(iter(_left))]
