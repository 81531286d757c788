from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from headstart.core.timestamp import timestamp

EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    "moment, text",
    [
        (datetime(2026, 11, 20, 13, 42, 21, tzinfo=UTC), "2026-11-20T13:42:21Z"),
        (datetime(2026, 11, 20, 1, 0, 0, 999999, tzinfo=EAST), "2026-11-19T23:00:00Z"),
    ],
)
def test_moments_are_written_in_utc_and_whole_seconds(moment: datetime, text: str) -> None:
    assert timestamp(moment) == text


def test_fractions_stay_where_they_count() -> None:
    moment = datetime(2026, 1, 31, 5, 0, 0, 123456, tzinfo=UTC)
    assert timestamp(moment, "auto") == "2026-01-31T05:00:00.123456Z"
    assert timestamp(moment.replace(microsecond=0), "auto") == "2026-01-31T05:00:00Z"
