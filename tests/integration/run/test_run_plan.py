"""`jgt run --plan` on a published city: told without doing it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

from dashboards.published.manifest import read_manifest
from ingest.base.home import Home
from orchestration.dbt.carry_over import plan_changes

AS_OF = date(2026, 11, 20)  # the day of the fixture `published_home`


def test_with_nothing_new_almost_everything_is_kept_and_nothing_is_touched(
    published_home: Home, jgt: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    served = (published_home.serving / "current").readlink()
    told = jgt(published_home, "run", "--plan", "--date", AS_OF.isoformat())
    assert told.returncode == 0, told.stderr
    assert "收数：没有新文件" in told.stdout
    assert "quality.fct_check_result" in told.stdout  # the last run's results are new to it
    assert "accident.fct_accident" not in told.stdout
    assert "什么也没有改动" in told.stdout
    assert (published_home.serving / "current").readlink() == served


def test_a_coming_file_reaches_what_is_made_of_its_feed(published_home: Home, manifest_path: Path) -> None:
    planned = plan_changes(published_home, read_manifest(manifest_path), AS_OF, coming={"yjgl.hazard"})
    made = {name.rpartition(".")[2] for name in planned.built}
    assert {"stg_hazard", "fct_hazard", "fct_batch"} <= made
    assert not made & {"fct_policy", "fct_accident", "fct_credit_list"}


def test_another_day_reaches_what_asks_for_the_day(published_home: Home, manifest_path: Path) -> None:
    planned = plan_changes(published_home, read_manifest(manifest_path), date(2026, 11, 21))
    assert "model.jgt.fct_accident" in planned.built
    assert "model.jgt.stg_hazard" in planned.kept or not planned.kept
