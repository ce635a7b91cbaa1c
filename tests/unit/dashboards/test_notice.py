"""The header's notice: shown while an older version is served because the last run did not pass or was broken off."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from dashboards import notice
from ingest.base.home import Home
from ingest.base.last_run import LastRun, last_run
from orchestration.state.last_run import last_run as shown_by_the_command


@pytest.mark.parametrize(
    "run",
    [None, LastRun("r", "published", "2026-11-21T23:35:53Z"), LastRun("r", "running", "2026-11-21T23:35:53Z")],
)
def test_nothing_is_shown_when_all_is_well(run: LastRun | None) -> None:
    assert notice.notice(run) == notice.NOTHING


def test_a_blocked_run_is_said_with_its_day_and_what_is_shown_instead() -> None:
    drawn = notice.notice(LastRun("r", "blocked", "2026-11-22T01:00:00Z"))
    assert "2026-11-22 的更新未通过检查，仍显示上一版" in "".join(ET.fromstring(drawn).itertext())


def test_the_day_is_the_one_on_the_readers_calendar() -> None:
    # 17:30 UTC is half past one of the next morning in Nanjing
    assert "2026-11-22" in notice.notice(LastRun("r", "blocked", "2026-11-21T17:30:00Z"))


def test_a_killed_run_shows_on_the_pages_as_it_does_on_the_command_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.serving.mkdir()
    verdict = {"run_id": "r1", "outcome": "published", "reason": "", "at": "2026-11-21T00:00:00Z", "blocking": []}
    (home.serving / "verdict.json").write_text(json.dumps(verdict))
    mark = {"pid": "1", "run_id": "r2", "began": "2026-11-22T01:00:00Z"}
    (home.root / "writer.lock").write_text(json.dumps(mark))  # what a killed process leaves
    drawn = notice.notice(last_run(home))
    assert "2026-11-22 的更新中途被终止，仍显示上一版" in "".join(ET.fromstring(drawn).itertext())
    shown = shown_by_the_command(home)
    assert shown is not None
    assert (shown["run_id"], shown["outcome"]) == ("r2", "interrupted")
