"""Whether the receipt of a notebook's last run is one of what a run would have now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ...core.lock.selection import select
from ...core.messages import shown
from ...core.notebook.find import Notebook
from ...core.store.key import environment_key, is_key
from ...core.store.receipt import PROVIDED, Receipt, find_receipt, installed_digest
from ...errors import HeadstartError
from ..context import Context
from .findings import SHORT, Finding, State, judged, to_know, wrong
from .lock_findings import Seen

__all__ = ["look_at_receipt"]

TOLERANCE = timedelta(minutes=10)
"""By which the clocks of two machines may differ."""


def look_at_receipt(notebook: Notebook, seen: Seen, context: Context) -> Finding:
    """Compare the receipt with itself, with time, and with the lock that a kernel would have."""
    try:
        receipt = find_receipt(notebook)
    except HeadstartError as error:
        return wrong(error)
    if receipt is None:
        return Finding(State.NONE, "The notebook has no receipt.")
    problems = [*_changed(receipt), *_untimely(receipt, seen, context), *_other(receipt, seen)]
    unchecked = list(_unknown(receipt, seen))
    ran = f"It ran at {receipt.time} with Python {receipt.python} on {receipt.platform}"
    same = ", with this lock" if seen.digest == receipt.lock else ""
    return judged(
        f"{ran}{same}{_elsewhere(receipt, seen)}.",
        problems,
        unchecked,
        hint="Run the notebook again." if problems or seen.digest else to_know(notebook.path),
        facts={"ran": receipt.to_json()},
    )


def _changed(receipt: Receipt) -> Iterator[str]:
    if receipt.intact is False:
        yield "The receipt was changed since it was left: it does not have the digest that it says."
    if receipt.key and not is_key(receipt.key):
        yield f"The receipt's key is none: {shown(receipt.key)}."


def _untimely(receipt: Receipt, seen: Seen, context: Context) -> Iterator[str]:
    moment = _moment(receipt.time)
    if moment is None:
        yield f"The receipt's time is none: {shown(receipt.time)}."
        return
    if moment > context.now() + TOLERANCE:
        yield f"The receipt says that it ran at {receipt.time}, which is in the future."
    created = _moment(seen.written.created) if seen.written is not None else None
    if created and receipt.lock == seen.digest and moment < created - TOLERANCE:
        yield f"The receipt says that it ran at {receipt.time}, before its lock was made."


def _other(receipt: Receipt, seen: Seen) -> Iterator[str]:
    """How what it ran with differs from what a run would have now."""
    ran = f"It ran at {receipt.time} with the lock {receipt.lock[:SHORT]}"
    if receipt.origin == PROVIDED and not seen.brought:
        yield f"{ran}, which the notebook had, and has no longer."
        return
    installed = _installed_now(receipt, seen)
    if seen.digest and receipt.lock != seen.digest:
        resolved_before = seen.brought and receipt.origin != PROVIDED
        if not (resolved_before and receipt.installed and receipt.installed == installed):
            yield f"{ran}; now it has {seen.digest[:SHORT]}."
    elif receipt.installed and installed and receipt.installed != installed:
        yield f"{ran}, and a run would have other files now."


def _installed_now(receipt: Receipt, seen: Seen) -> str:
    """What a run would have here; ``""`` if that is not known, or for another Python."""
    if seen.interpreter is None or seen.installed is None or _elsewhere(receipt, seen):
        return ""
    # Not by the key, which depends on the path of a Python: that differs between machines.
    selected = select(seen.installed, seen.interpreter)
    return installed_digest((package.name, wheel.sha256) for package, wheel in selected)


def _unknown(receipt: Receipt, seen: Seen) -> Iterator[str]:
    if receipt.intact is None:
        yield "The receipt has no digest: whether it was changed since is not known."
    if not seen.digest and not (receipt.origin == PROVIDED and not seen.brought):
        yield "Whether a run would have the same lock now is not known."
    if receipt.intact or not receipt.key or _elsewhere(receipt, seen):
        return
    if seen.interpreter is not None and seen.installed is not None:
        key = environment_key(seen.installed, seen.interpreter)
        if receipt.lock == seen.digest and receipt.key != key:
            yield (
                f"Its key is {receipt.key[:SHORT]}, and here it would be {key[:SHORT]}: it ran on "
                "another machine, or the receipt was changed."
            )


def _elsewhere(receipt: Receipt, seen: Seen) -> str:
    """What is different on this machine, which is not wrong: notebooks are copied to others."""
    if seen.interpreter is None:
        return ""
    ran = f"{receipt.python} on {receipt.platform}"
    here = f"{seen.interpreter.version} on {seen.interpreter.platform}"
    return f"; here it would run with Python {here}" if here != ran else ""


def _moment(text: str) -> datetime | None:
    """A time with its zone; None if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
