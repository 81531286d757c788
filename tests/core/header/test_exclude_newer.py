"""Limits on upload times: what is written, what it means, and what is not understood."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from headstart.core.header.exclude_newer import moment_of, parse_exclude_newer, parse_users_limit

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("P7D", "7 days"),
        ("p7d", "7 days"),
        ("-P7D", "7 days"),
        ("P1W", "1 week"),
        ("P1W2D", "9 days"),
        ("PT24H", "24 hours"),
        ("P1DT2H", "26 hours"),
        ("PT1H30M", "90 minutes"),
        ("PT1.5H", "5400 seconds"),
        ("PT0.5S", "1 second"),
        ("PT0S", "0 seconds"),
        ("7 days", "7 days"),
        ("7days ago", "7 days"),
        ("1w", "1 week"),
        ("1d2h", "26 hours"),
        ("1 day, 2 hrs", "26 hours"),
        ("1 day 5:00:00", "104400 seconds"),
        ("30 mins", "30 minutes"),
        ("99999 weeks", "99999 weeks"),
    ],
)
def test_a_span_has_one_spelling(text: str, canonical: str) -> None:
    assert parse_exclude_newer(text) == canonical
    assert parse_exclude_newer(canonical) == canonical
    assert parse_users_limit(text) == canonical


@pytest.mark.parametrize(
    "text",
    ["P1M", "P1Y", "1 month", "2mo", "1M", "1 year", "P", "PT", "P7DT", "P1.5D", "7", "d", "7dx",
     "7 dayss", "2 hours 1 day", "1 day 1 day", "seven days", "P999999999D", "٧ days", "P٧D",
     "9999-12-31", "2026-13-01", "Saturday", "1 day,2 hours", "1" * 60_000, "1d" * 30_000],
)  # fmt: skip
def test_what_has_no_fixed_length_or_no_meaning_is_none(text: str) -> None:
    assert parse_exclude_newer(text) is None
    assert parse_users_limit(text) is None


@pytest.mark.parametrize(
    "value, canonical",
    [
        ("2026-01-31", "2026-02-01T00:00:00Z"),
        ("20260131", "2026-02-01T00:00:00Z"),
        ("2026-01-31T05:00:00", "2026-02-01T00:00:00Z"),
        ("2026-01-31T05Z", "2026-01-31T05:00:00Z"),
        ("2026-01-31 05:00z", "2026-01-31T05:00:00Z"),
        ("2026-01-31T05:00:00+01:00[Europe/Berlin]", "2026-01-31T04:00:00Z"),
        ("2026-01-31T05:00:00.123456789Z", "2026-01-31T05:00:00Z"),
        ("false", ""),
        (False, ""),
        ("", ""),
        (True, None),
        (7, None),
        ({"timestamp": "2026-01-31"}, None),
    ],
)
def test_uvs_own_settings_may_say_more(value: object, canonical: str | None) -> None:
    assert parse_users_limit(value) == canonical


@pytest.mark.parametrize(
    "limit, moment",
    [
        ("2026-01-31", "2026-02-01T00:00:00Z"),
        ("2026-01-31T05:00:00Z", "2026-01-31T05:00:00Z"),
        ("1 week", "2026-11-13T00:00:00Z"),
        ("26 hours", "2026-11-18T22:00:00Z"),
        ("90 minutes", "2026-11-19T22:30:00Z"),
        ("1 second", "2026-11-19T23:59:59Z"),
        ("99999 weeks", "0110-05-16T00:00:00Z"),
    ],
)
def test_a_limit_is_a_moment(limit: str, moment: str) -> None:
    assert moment_of(limit, NOW) == moment
