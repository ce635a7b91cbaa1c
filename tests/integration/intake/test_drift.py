"""A feed changes its shape: a new column is kept, a lost or changed one stops that feed alone, with the difference said."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.feeds.shape import stopped
from ingest.intake.take_in import BatchResult, take_in
from ingest.storage.ledger import Ledger

FEEDS = load_feeds()
HEADERS = ["检查编号", "企业名称", "区划代码", "检查日期", "检查类型", "发现隐患数", "重大隐患数", "更新时间"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def inspections(count: int, start: int = 0, **cells: str) -> list[dict[str, str]]:
    """Records of inspections as the department sends them; `cells` overrides, `{}` in a value is the record's number."""
    good = {
        "检查编号": "J{}",
        "企业名称": "甲厂{}",
        "区划代码": "320102",
        "检查日期": "2026-11-01",
        "检查类型": "日常检查",
        "发现隐患数": "1",
        "重大隐患数": "0",
        "更新时间": "2026-11-02 08:00:00",
    } | cells
    return [{h: v.replace("{}", str(i)) for h, v in good.items()} for i in range(start, start + count)]


def land(home: Home, day: int, records: list[dict[str, str]]) -> None:
    folder = home.landing / "yjgl" / "inspection"
    folder.mkdir(parents=True, exist_ok=True)
    headers = list(records[0])
    lines = [",".join(headers), *(",".join(r[h] for h in headers) for r in records)]
    (folder / f"执法检查_202611{day:02}.csv").write_text("\n".join(lines) + "\n", "gb18030")


def run(home: Home) -> list[BatchResult]:
    return take_in(home, FEEDS, date(2026, 11, 20), "drift")


def is_stopped(home: Home) -> bool:
    with Ledger(home.ledger) as ledger:
        return stopped(FEEDS["yjgl.inspection"], ledger.batches("yjgl.inspection")) is not None


def note_of(home: Home, batch: BatchResult) -> dict[str, object]:
    [note] = (home.quarantine / "files").glob(f"{batch.batch_id}*.json")
    told: dict[str, object] = json.loads(note.read_text("utf-8"))
    return told


def balanced(batches: list[BatchResult]) -> bool:
    return all(b.received == b.loaded + b.refused + b.duplicate for b in batches)


def test_a_new_column_is_kept_beside_the_batch_and_reported(home: Home) -> None:
    land(home, 1, inspections(3, 天气="晴{}", 备注=""))
    [batch] = run(home)
    assert (batch.loaded, batch.refused) == (3, 0)
    kept = home.lake / "extra" / "yjgl" / "inspection" / f"{batch.batch_id}.parquet"
    assert duckdb.sql(f"select _row, _sheet, 天气 from '{kept}'").fetchall() == [
        (2, "", "晴0"),
        (3, "", "晴1"),
        (4, "", "晴2"),
    ]
    with Ledger(home.ledger) as ledger:
        assert ("天气", "EXTRA_COLUMN", 3) in {
            (c["column_name"], c["change_kind"], c["rows"]) for c in ledger.changes()
        }
    assert not is_stopped(home)


def test_a_lost_required_column_stops_the_feed_and_names_the_likely_rename(home: Home) -> None:
    land(home, 1, inspections(3))
    run(home)
    renamed = [{("巡检日期" if h == "检查日期" else h): v for h, v in r.items()} for r in inspections(3, 10)]
    land(home, 2, renamed)
    [batch] = run(home)
    assert (batch.status, batch.reason_code, batch.received, batch.loaded) == ("refused", "COLUMN_LOST", 3, 0)
    assert "检查日期" in (batch.reason_message or "")
    assert "jgt feed accept" in (batch.reason_message or "")
    difference = note_of(home, batch)["difference"]
    assert [(r["header"], r["column"]) for r in difference["renames"]] == [("巡检日期", "inspected_on")]  # type: ignore[index]
    assert is_stopped(home)


def test_a_first_file_without_a_required_column_has_lost_nothing(home: Home) -> None:
    land(home, 1, [{h: v for h, v in r.items() if h != "检查日期"} for r in inspections(3)])
    assert [b.reason_code for b in run(home)] == ["HEADER_MISSING"]
    assert not is_stopped(home)


def test_a_column_of_another_type_stops_the_feed_with_its_first_rows(home: Home) -> None:
    land(home, 1, inspections(30))
    land(home, 2, inspections(30, 100, 检查日期="第{}周", 企业名称="张三丰{}"))
    first, second = run(home)
    assert (first.loaded, second.status, second.reason_code) == (30, "refused", "TYPE_CHANGED")
    assert (second.received, second.refused) == (30, 30)
    assert "检查日期" in (second.reason_message or "")
    # content is in the note alone
    assert "张三丰" not in (second.reason_message or "")
    [changed] = note_of(home, second)["difference"]["changed"]  # type: ignore[index]
    assert (changed["column"], changed["misfits"], changed["rows"][0]["row"]) == ("inspected_on", 30, 2)
    assert changed["rows"][0]["content"]["检查日期"] == "第100周"
    assert not list((home.quarantine / "rows").rglob("*.parquet"))
    assert is_stopped(home)


@pytest.mark.parametrize("at_once", [True, False])
def test_what_drifts_does_not_depend_on_how_files_are_grouped(home: Home, at_once: bool) -> None:
    deliveries = [inspections(30), inspections(30, 100, 检查日期="坏{}"), inspections(30), inspections(25, 200)]
    # the third says again what the first said, and in part what the refused second would have said
    deliveries[2] = [*inspections(30), *inspections(30, 100)]
    results = []
    for day, records in enumerate(deliveries, 1):
        land(home, day, records)
        results += [] if at_once else run(home)
    results += run(home) if at_once else []
    assert [(b.received, b.loaded, b.refused, b.duplicate) for b in results] == [
        (30, 30, 0, 0),
        (30, 0, 30, 0),
        (60, 30, 0, 30),
        (25, 25, 0, 0),
    ]
    assert balanced(results)
    with Ledger(home.ledger) as ledger:
        assert [b["batch_seq"] for b in ledger.batches("yjgl.inspection")] == [1, 2, 3, 4]


def test_a_good_file_starts_the_feed_again(home: Home) -> None:
    land(home, 1, inspections(30))
    land(home, 2, inspections(30, 100, 检查日期="坏{}"))
    run(home)
    assert is_stopped(home)
    land(home, 3, inspections(5, 200))
    run(home)
    assert not is_stopped(home)


@pytest.mark.parametrize(("bad", "expected"), [(14, None), (16, "TYPE_CHANGED")])
def test_half_of_the_values_is_the_bound(home: Home, bad: int, expected: str | None) -> None:
    land(home, 1, inspections(30))
    land(home, 2, inspections(30 - bad, 100) + inspections(bad, 200, 检查日期="坏{}"))
    _, second = run(home)
    assert second.reason_code == expected


def test_a_few_slips_in_a_short_file_are_slips(home: Home) -> None:
    land(home, 1, inspections(30))
    land(home, 2, inspections(3, 100, 检查日期="坏{}"))
    _, second = run(home)
    assert (second.status, second.refused) == ("loaded", 3)


def test_other_feeds_go_on(home: Home) -> None:
    land(home, 1, inspections(30))
    run(home)
    land(home, 2, inspections(30, 100, 检查日期="坏{}"))
    other = home.landing / "fgw" / "credit_list"
    other.mkdir(parents=True, exist_ok=True)
    feed = FEEDS["fgw.credit_list"]
    record = {c.label: "甲" for c in feed.columns if c.required}
    record |= {c.label: c.codes[0][0] for c in feed.columns if c.codes}
    record |= {c.label: "2026-11-01" for c in feed.columns if c.logical_type in ("date", "timestamp")}
    name = feed.file_pattern.replace("*", "20261102")
    (other / name).write_text(json.dumps([record], ensure_ascii=False), "utf-8")
    states = {b.feed: b.status for b in run(home)}
    assert states == {"yjgl.inspection": "refused", "fgw.credit_list": "loaded"}
