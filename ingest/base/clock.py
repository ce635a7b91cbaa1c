"""The city's clock, and the moment now as the state keeps it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

# of the city that the product is for; China has one time zone and, since 1992, no summer time
CITY_ZONE_NAME = "Asia/Shanghai"
CITY_ZONE = ZoneInfo(CITY_ZONE_NAME)
# ahead of UTC, for SQL
CITY_MINUTES = 8 * 60


def utc_now() -> datetime:
    """The moment now in UTC, without a zone and to the second: as ledger, verdicts and versions keep it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def in_city(moment: datetime) -> datetime:
    """A moment as the city's clock shows it, without a zone; one without a zone is the city's already."""
    return (moment.astimezone(CITY_ZONE) if moment.tzinfo else moment).replace(tzinfo=None)


def city_day(seconds: float) -> date:
    """The day in the city at a moment in seconds since 1970, as file systems keep it."""
    return datetime.fromtimestamp(seconds, CITY_ZONE).date()


def city_today() -> date:
    """The day in the city now."""
    return datetime.now(CITY_ZONE).date()
