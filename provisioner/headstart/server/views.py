"""The JSON that the panel shows: pure functions of status and header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.header.diff import changes
from ..core.header.edit import HeaderEdit
from ..core.plan import KernelState
from ..core.refresh import RefreshMode
from ..core.store.manifest import EnvironmentKind
from ..errors import HeadstartError
from ..kernels.status import KernelStatus
from ..printable import printable_json
from ..request.read import NO_REQUEST, Request

SHORT_KEY = 12
"""Digits of a key that are shown to people."""


@dataclass(frozen=True, slots=True)
class CurrentHeader:
    """A notebook's header as it is now.

    ``readable`` is False if the notebook cannot be found, so that its header is unknown;
    ``misplaced`` is a sentence about what looks like a header, if there is none.
    """

    request: Request = NO_REQUEST
    error: HeadstartError | None = None
    readable: bool = True
    misplaced: str = ""


def notebook_status(
    path: str,
    status: KernelStatus | None,
    current: CurrentHeader,
    now: float,
    notices: Sequence[str] = (),
    *,
    reads_headers: bool = False,
) -> dict[str, Any]:
    """The status of one notebook.

    :param path: the notebook's API path.
    :param status: its kernel's status, None if no kernel of ours runs for it.
    :param now: seconds since the epoch.
    :param notices: sentences about the kernel's environment.
    :param reads_headers: whether a restart of the notebook's kernel applies the header.
    """
    document = {
        "kernel_id": status.kernel_id if status else None,
        "reads_headers": reads_headers,
        "state": status.state.value if status else "none",
        "header": current.request.header.to_json() if current.request.header else None,
        "header_error": current.error.to_json() if current.error else None,
        "misplaced": current.misplaced,
        "environment": _environment(status) if status else None,
        "notices": list(notices),
        "changes": _changes(status, current) if status else None,
        "note": status.note or None if status else None,
        "progress": _progress(status, now) if status else None,
        "error": status.error.to_json() if status and status.error else None,
        "waiting": [cell._asdict() for cell in status.waiting] if status else [],
        "change": _change(status) if status else None,
    }
    return {
        "path": path,
        **printable_json(document),
    }  # the path unchanged: the front end compares it


def header_edit(edit: HeaderEdit) -> dict[str, Any]:
    """A change to the open document, for the front end to make."""
    return {
        "place": edit.place.value,
        "cell": edit.cell,
        "source": edit.source,
        "metadata": edit.fields,
    }


def _environment(status: KernelStatus) -> dict[str, Any] | None:
    """The environment that the kernel really runs in."""
    if status.environment is None:
        return None
    environment, manifest = status.environment, status.environment.manifest
    ephemeral = manifest.kind is EnvironmentKind.EPHEMERAL
    return {
        "key": environment.key,
        "short_key": environment.key[:SHORT_KEY],
        "mode": (RefreshMode.EPHEMERAL if ephemeral else RefreshMode.CACHED).value,
        "python": manifest.python_version,
        "prefix": environment.prefix,
        "lock": manifest.lock_digest,
        "layer": status.layer.key if status.layer else "",
        "built_at": manifest.built_at,
        "size": manifest.size,
        "reused": status.reused,
        "packages": [item.to_json() for item in environment.packages(status.request.spec.direct)],
    }


def _changes(status: KernelStatus, current: CurrentHeader) -> dict[str, Any] | None:
    """The differences between the header now and the one that the kernel started with."""
    if (
        status.state in (KernelState.HELD, KernelState.BUILDING)
        or not current.readable
        or current.error
    ):
        return None
    diff = changes(status.request.spec, current.request.spec)
    return diff.to_json() if diff else None


def _change(status: KernelStatus) -> dict[str, Any] | None:
    """What came of the last build beside a kernel that runs."""
    if status.change is None:
        return None
    error = status.change.error
    return {"ready": status.change.ready, "error": error.to_json() if error else None}


def _progress(status: KernelStatus, now: float) -> dict[str, Any] | None:
    if status.progress is None:
        return None
    # Not below 0: the clock may have been set back since the build began.
    return {**status.progress.to_json(), "seconds": max(0.0, round(now - status.since, 1))}
