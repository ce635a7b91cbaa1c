"""`jgt feed accept`: the difference shown, the next version written, and the same file then taken in whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from ingest.base.home import Home
from ingest.feeds.loading import CONTRACTS, load_feed, load_feeds
from ingest.feeds.shape import stopped
from ingest.intake.take_in import take_in
from ingest.storage.ledger import Ledger
from orchestration.feed.catalogue import entries
from orchestration.operate.status import collect

GOOD = {
    "检查编号": "J{}",
    "企业名称": "甲厂",
    "区划代码": "320102",
    "检查日期": "2026-11-01",
    "检查类型": "日常检查",
    "发现隐患数": "1",
    "重大隐患数": "0",
    "更新时间": "2026-11-02 08:00:00",
}


MAJOR, MINOR, _ = (int(part) for part in load_feeds()["yjgl.inspection"].version.split("."))
NEXT_MINOR, NEXT_MAJOR = f"{MAJOR}.{MINOR + 1}.0", f"{MAJOR + 1}.0.0"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("JGT_CONTRACTS", str(folder))
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def land(home: Home, day: int, record: dict[str, str], count: int = 30) -> None:
    folder = home.landing / "yjgl" / "inspection"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [",".join(v.replace("{}", f"{day}-{i}") for v in record.values()) for i in range(count)]
    text = "\n".join([",".join(record), *rows]) + "\n"
    (folder / f"执法检查_202611{day:02}.csv").write_text(text, "gb18030")
    take_in(home, load_feeds(), date(2026, 11, 20), f"run{day}")


def jgt(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("jgt")), "feed", "accept", "yjgl.inspection", *arguments]
    environment = {**os.environ, "JGT_HOME": str(home.root), "JGT_LANG": "zh"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, input="")


def is_stopped(home: Home) -> bool:
    with Ledger(home.ledger) as ledger:
        return stopped(load_feeds()["yjgl.inspection"], ledger.batches("yjgl.inspection")) is not None


def again(home: Home) -> tuple[int, int]:
    """What the newest file comes to under the contract as it is now, in a fresh state folder: loaded, refused."""
    fresh = Home(home.root.parent / "fresh")
    shutil.rmtree(fresh.root, ignore_errors=True)
    newest = max((home.landing / "yjgl" / "inspection").iterdir())
    (fresh.landing / "yjgl" / "inspection").mkdir(parents=True)
    shutil.copy(newest, fresh.landing / "yjgl" / "inspection")
    [batch] = take_in(fresh, load_feeds(), date(2026, 11, 20), "again")
    return batch.loaded, batch.refused


def test_a_renamed_column_becomes_an_alias_and_the_feed_goes_on(home: Home, own: Path) -> None:
    land(home, 1, GOOD)
    land(home, 2, {("巡检日期" if h == "检查日期" else h): v for h, v in GOOD.items()})
    assert is_stopped(home)
    assert [row["feed"] for row in collect(home).stopped] == ["yjgl.inspection"]
    [entry] = [e for e in entries(home, load_feeds()) if e["feed"] == "yjgl.inspection"]
    assert (entry["state"], entry["rows_loaded"]) == ("stopped", 30)
    done = jgt(home, "--yes")
    assert done.returncode == 0, done.stderr
    assert "巡检日期" in done.stdout
    assert NEXT_MINOR in done.stdout
    assert "jgt quarantine redrive --feed yjgl.inspection" in done.stdout
    feed = load_feed(own / "yjgl" / "inspection.yaml")
    assert (feed.version, feed.column("inspected_on").synonyms) == (NEXT_MINOR, ("巡检日期",))
    assert not is_stopped(home)
    assert again(home) == (30, 0)
    # and the command that was named brings the refused file in
    redrive = [str(Path(sys.executable).with_name("jgt")), "quarantine", "redrive", "--feed", "yjgl.inspection"]
    environment = {**os.environ, "JGT_HOME": str(home.root), "JGT_LANG": "zh"}
    driven = subprocess.run(redrive, env=environment, capture_output=True, text=True)
    assert driven.returncode == 0, driven.stderr
    with Ledger(home.ledger) as ledger:
        assert sum(loaded for _, _, loaded in ledger.lake_files("yjgl.inspection")) == 60
    # what ships stays as it was
    assert load_feed(CONTRACTS / "yjgl" / "inspection.yaml").column("inspected_on").synonyms == ()


def test_a_lost_column_is_accepted_as_a_major_version(home: Home, own: Path) -> None:
    land(home, 1, GOOD)
    land(home, 2, {h: v for h, v in GOOD.items() if h != "重大隐患数"})
    done = jgt(home, "--yes")
    assert done.returncode == 0, done.stderr
    feed = load_feeds()["yjgl.inspection"]
    assert (feed.version, feed.column("major_hazards_found").required) == (NEXT_MAJOR, False)
    assert again(home) == (30, 0)


def test_a_new_column_is_accepted_as_a_minor_version(home: Home, own: Path) -> None:
    land(home, 1, GOOD | {"检查费用（万元）": "1.5", "陪同人员": "王建国"})
    done = jgt(home, "--yes")
    assert done.returncode == 0, done.stderr
    feed = load_feeds()["yjgl.inspection"]
    assert feed.version == NEXT_MINOR
    assert "jgt backfill yjgl.inspection --from 2026-11-01 --to 2026-11-01" in done.stdout
    cost, companion = feed.columns[-2:]
    assert (cost.label, cost.duckdb_type) == ("检查费用（万元）", "DECIMAL(18,2)")
    assert cost.unit is not None
    assert cost.unit.factor == 10_000
    assert companion.label == "陪同人员"
    assert again(home) == (30, 0)


def test_another_type_is_accepted_as_a_major_version(home: Home, own: Path) -> None:
    land(home, 1, GOOD)
    land(home, 2, GOOD | {"检查日期": "第{}周"})
    assert is_stopped(home)
    done = jgt(home, "--yes")
    assert done.returncode == 0, done.stderr
    assert "第2-0周" not in done.stdout
    feed = load_feeds()["yjgl.inspection"]
    assert (feed.version, feed.column("inspected_on").logical_type) == (NEXT_MAJOR, "string")
    assert not is_stopped(home)


def test_values_that_codes_do_not_know_join_them(home: Home, own: Path) -> None:
    land(home, 1, GOOD)
    land(home, 2, GOOD | {"检查类型": "夜间巡查"})
    # what only describes an inspection stops nothing: it was taken in as unknown
    assert not is_stopped(home)
    done = jgt(home, "--file", str(home.landing / "yjgl" / "inspection" / "执法检查_20261102.csv"), "--yes")
    assert done.returncode == 0, done.stderr
    feed = load_feeds()["yjgl.inspection"]
    assert feed.version == NEXT_MINOR
    assert dict(feed.column("inspection_kind").codes)["夜间巡查"] == "夜间巡查"
    assert dict(feed.column("inspection_kind").codes)["日常检查"] == "routine"
    assert again(home) == (30, 0)


def test_without_a_yes_nothing_is_written(home: Home, own: Path) -> None:
    land(home, 1, GOOD | {"天气": "晴"})
    done = jgt(home)
    assert done.returncode == 1
    assert "新列 天气" in done.stdout
    assert not (own / "yjgl").exists()


def test_a_person_decides_what_is_a_rename(home: Home, own: Path) -> None:
    land(home, 1, GOOD)
    land(home, 2, {("巡检日期" if h == "检查日期" else h): v for h, v in GOOD.items()})
    assert jgt(home, "--as-new", "巡检日期", "--yes").returncode == 0
    feed = load_feeds()["yjgl.inspection"]
    assert (feed.version, feed.column("inspected_on").required, feed.columns[-1].label) == (
        NEXT_MAJOR,
        False,
        "巡检日期",
    )


def test_nothing_to_accept_is_said_with_what_to_do(home: Home, own: Path) -> None:
    land(home, 1, GOOD)
    done = jgt(home, "--yes")
    assert done.returncode == 1
    assert "--file" in done.stderr
