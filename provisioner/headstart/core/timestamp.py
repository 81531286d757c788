"""Moments in one form, wherever Headstart writes one: ``2026-11-20T13:42:21Z``."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["timestamp"]


def timestamp(moment: datetime, timespec: str = "seconds") -> str:
    """A moment in UTC, as RFC 3339 writes it.

    :param moment: with its zone.
    :param timespec: how exact, as `datetime.isoformat` has it.
    :raises OverflowError: if there is no such moment in UTC.
    """
    # The Z is what PEP 751 and uv write; isoformat spells UTC as an offset.
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
