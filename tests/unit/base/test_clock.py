"""The city's day begins eight hours before that of UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ingest.base import clock


def test_the_evening_of_utc_is_the_next_day_in_the_city() -> None:
    moment = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
    assert clock.in_city(moment) == datetime(2026, 11, 22, 1, 30)
    assert clock.city_day(moment.timestamp()) == date(2026, 11, 22)


def test_a_moment_without_a_zone_is_the_citys() -> None:
    assert clock.in_city(datetime(2026, 11, 21, 17, 30)) == datetime(2026, 11, 21, 17, 30)


def test_now_is_kept_to_the_second_without_a_zone() -> None:
    before = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    now = clock.utc_now()
    assert (now.tzinfo, now.microsecond) == (None, 0)
    assert before <= now
