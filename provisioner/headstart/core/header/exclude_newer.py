"""Read ``exclude-newer``: a date, a time or a span; and moments as RFC 3339 writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ..timestamp import timestamp

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)"
_NUMBER = r"(\d{1,12}(?:[.,]\d{1,9})?)"
# Compiled where they are used: every kernel start imports this, and few headers have a span.
_ISO_SPAN = (
    rf"(?ai)P(?:(\d{{1,12}})W)?(?:(\d{{1,12}})D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_CLOCK = r"(?a)(\d{1,12}):([0-5]\d):([0-5]\d)"
# As in uv, single letters are lower case: an M would mean months.
_UNIT = (
    rf"(?a){_NUMBER}\s*((?i:weeks?|wks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)|[wdhms])"
    r"(?![^\W\d])(?:,\s+|\s*)"
)
_SECONDS = {"week": 7 * 86400, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
_LONGEST = 700_000 * 86400
"""Seconds of a span, about 1,900 years: with more of them a moment may be before the year 1."""
_LONGEST_TEXT = 100
"""Characters of a time: Python would read a fraction of any length."""


def parse_exclude_newer(value: Any) -> str | None:
    """The canonical text of an ``exclude-newer`` value; None if it is invalid.

    A date stays a date, a time becomes one in UTC. A span may be written as uv reads it (``7
    days``, ``1d 2h``) or as ISO 8601 does (``P7D``, ``PT36H``), and becomes one of a single unit:
    ``7 days``, ``26 hours``. Months and years are invalid: they have no fixed length. ``""`` stays
    as it is.
    """
    try:
        if isinstance(value, str):
            return _from_text(value.strip())
        if isinstance(value, datetime):
            return timestamp(value) if value.tzinfo else None
        return _from_text(value.isoformat()) if isinstance(value, date) else None
    except (ValueError, OverflowError):
        return None


def parse_users_limit(value: Any) -> str | None:
    """The canonical text of ``exclude-newer`` in uv's own settings, as `parse_exclude_newer`.

    uv accepts more than a header may have: times without seconds, names of zones, and ``false``
    for no limit. Of a time without a zone only the date counts. Dates become the moment, in UTC,
    at which they end.
    """
    if value is False or value == "false":
        return ""
    text = parse_exclude_newer(value)
    try:
        if text is None and isinstance(value, str) and len(value) < _LONGEST_TEXT:
            moment = datetime.fromisoformat(value.partition("[")[0].strip().upper())
            text = timestamp(moment) if moment.tzinfo else moment.date().isoformat()
        return timestamp(end_of(text)) if text and re.fullmatch(_DATE, text) else text
    except (ValueError, OverflowError):
        return None


def moment_of(limit: str, now: datetime) -> str:
    """The moment that a canonical ``exclude-newer`` means, in UTC as RFC 3339 writes it.

    What was uploaded then or later is left out. A date ends with its day.

    :param now: the moment from which a span counts back.
    """
    number, _, unit = limit.partition(" ")
    if (seconds := _SECONDS.get(unit.removesuffix("s"))) is None:
        return timestamp(end_of(limit))
    return timestamp(now - timedelta(seconds=int(number) * seconds))


def _from_text(text: str) -> str | None:
    if not text:
        return ""
    if re.fullmatch(_DATE, text):
        end_of(text)
        return text
    if re.fullmatch(_TIME, text):
        return timestamp(datetime.fromisoformat(text.upper()))
    # uv reads a span into the future as one into the past.
    return _span(re.sub(r"^[+-]|\s+ago$", "", text))


def _span(text: str) -> str | None:
    """A span in the smallest of its units; in seconds if that is not a whole number."""
    parts = _iso_parts(text) or _friendly_parts(text)
    if not parts:
        return None
    # Rounded up, and in whole numbers: a float would lose digits of long spans.
    seconds = -sum(-number * _SECONDS[unit] // 10**9 for unit, number in parts)
    unit = min((unit for unit, _ in parts), key=_SECONDS.__getitem__)
    if seconds % _SECONDS[unit]:
        unit = "second"
    number = seconds // _SECONDS[unit]
    return f"{number} {unit}{'' if number == 1 else 's'}" if seconds <= _LONGEST else None


def _iso_parts(text: str) -> list[tuple[str, int]]:
    """The units of an ISO 8601 span, each with its number in billionths; empty if it is not one."""
    match = re.fullmatch(_ISO_SPAN, text)
    groups = match.groups() if match else ()
    return [
        (unit, _billionths(number))
        for unit, number in zip(_SECONDS, groups, strict=False)
        if number is not None
    ]


def _friendly_parts(text: str) -> list[tuple[str, int]]:
    """The same for a span as ``1d 2h`` or ``7 days``, from the largest unit to the smallest."""
    parts: list[tuple[str, int]] = []
    units, position = list(_SECONDS), 0
    while position < len(text):
        if clock := re.compile(_CLOCK).fullmatch(text, position):
            matches = list(zip(("hour", "minute", "second"), clock.groups(), strict=True))
            position = len(text)
        elif word := re.compile(_UNIT).match(text, position):
            matches = [(next(unit for unit in units if unit[0] == word[2][0].lower()), word[1])]
            position = word.end()
        else:
            return []
        parts += [(unit, _billionths(number)) for unit, number in matches]
    order = [units.index(unit) for unit, _ in parts]
    return parts if order == sorted(set(order)) else []


def _billionths(number: str) -> int:
    whole, _, fraction = number.replace(",", ".").partition(".")
    return int(whole) * 10**9 + int(fraction.ljust(9, "0"))


def moment_text(value: object) -> str:
    """A TOML date and time in UTC as RFC 3339 writes it, ``""`` for anything else.

    One without an offset is in UTC, as PEP 751 has it.
    """
    if not isinstance(value, datetime):
        return ""
    try:
        return timestamp(value if value.tzinfo else value.replace(tzinfo=UTC), "auto")
    except OverflowError:
        return ""


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
