"""Moments, as RFC 3339 writes them, and ``exclude-newer``: a date, a time or a span."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)"
_SPAN = r"(\d{1,5})\s*(hour|day|week)s?"


def parse_exclude_newer(value: Any) -> str | None:
    """The canonical text of an ``exclude-newer`` value; None if it means nothing.

    A date stays a date, a time becomes one in UTC, a span becomes ``7 days`` or ``24 hours``;
    ``""`` stays as it is.
    """
    try:
        if isinstance(value, str):
            return _from_text(value.strip())
        if isinstance(value, datetime):
            return _in_utc(value) if value.tzinfo else None
        return value.isoformat() if isinstance(value, date) else None
    except (ValueError, OverflowError):
        return None


def _from_text(text: str) -> str | None:
    if not text:
        return ""
    span = re.fullmatch(_SPAN, text, re.IGNORECASE) if text.isascii() else None
    if span:
        number, unit = int(span[1]), span[2].lower()
        return f"{number} {unit}{'' if number == 1 else 's'}"
    if re.fullmatch(_DATE, text):
        return date.fromisoformat(text).isoformat()
    if re.fullmatch(_TIME, text):
        return _in_utc(datetime.fromisoformat(text.upper()))
    return None


def moment_text(value: object) -> str:
    """A TOML date and time in UTC as RFC 3339 writes it, ``""`` for anything else.

    One without an offset is in UTC, as PEP 751 has it.
    """
    if not isinstance(value, datetime):
        return ""
    try:
        moment = value.astimezone(UTC) if value.tzinfo else value
    except OverflowError:
        return ""
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def end_of(text: str) -> datetime:
    """The moment that an RFC 3339 time is, or at which a date ends, in UTC.

    :raises ValueError: if it is neither.
    """
    try:
        if re.fullmatch(_DATE, text):
            return datetime.combine(date.fromisoformat(text), time(tzinfo=UTC)) + timedelta(days=1)
        if re.fullmatch(_TIME, text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        pass
    raise ValueError(f"{text!r} is not a date or a time")


def _in_utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
