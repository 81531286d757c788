"""Format times in one way, wherever Headstart writes one: ``2026-11-20T13:42:21Z``."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["timestamp"]


def timestamp(moment: datetime, timespec: str = "seconds") -> str:
    """A time in UTC, in the format of RFC 3339.

    :param moment: with its time zone.
    :param timespec: the precision, as in `datetime.isoformat`.
    :raises OverflowError: if the time in UTC is beyond the years that Python has.
    """
    # PEP 751 and uv write Z; isoformat writes UTC as an offset.
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
