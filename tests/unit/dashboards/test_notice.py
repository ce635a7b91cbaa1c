"""The header's notice: shown while an older version is served because the last run did not pass."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from dashboards import notice


@pytest.mark.parametrize("verdict", [None, {"outcome": "published", "at": "2026-11-21T23:35:53Z"}])
def test_nothing_is_shown_when_all_is_well(verdict: dict[str, str] | None) -> None:
    assert notice.notice(verdict) == notice.NOTHING


def test_a_blocked_run_is_said_with_its_day_and_what_is_shown_instead() -> None:
    drawn = notice.notice({"outcome": "blocked", "at": "2026-11-22T01:00:00Z"})
    assert "2026-11-22 的更新未通过检查，仍显示上一版" in "".join(ET.fromstring(drawn).itertext())


def test_the_day_is_the_one_on_the_readers_calendar() -> None:
    # 17:30 UTC is half past one of the next morning in Nanjing
    assert "2026-11-22" in notice.notice({"outcome": "blocked", "at": "2026-11-21T17:30:00Z"})
