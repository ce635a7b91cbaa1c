"""Several feeds at a time come to the same ledger and the same bytes as one after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Reference
from ingest.intake import parallel
from ingest.intake.parallel import take_in_side_by_side, waves, workers
from ingest.intake.take_in import prepare, take_in
from ingest.storage.ledger import Ledger

FEEDS = load_feeds()
TODAY = date(2026, 11, 20)
INSPECTIONS = "检查编号,企业名称,区划代码,检查日期,检查类型,发现隐患数,重大隐患数,更新时间\n"
HAZARDS = "隐患编号,检查编号,企业名称,区划代码,发现日期,隐患级别,整改期限,更新时间\n"


def landed(folder: Path) -> Home:
    home = Home(folder)
    prepare(home, FEEDS)
    for day in range(1, 6):
        rows = "".join(f"J{n},甲公司,320115,2026-10-01,日常检查,{n},0,2026-10-0{day}\n" for n in range(200))
        path = home.landing / "yjgl" / "inspection" / f"执法检查_2026110{day}.csv"
        path.write_bytes((INSPECTIONS + rows + "J,,,,,,,\n").encode("gb18030"))
        rows = "".join(f"H{n},J{n},甲公司,江宁区,2026/10/01,一般,2026-10-15,2026-10-0{day}\n" for n in range(200))
        (home.landing / "yjgl" / "hazard" / f"隐患_2026110{day}.csv").write_text(HAZARDS + rows, "utf-8")
    return home


def account(home: Home) -> list[Any]:
    with Ledger(home.ledger) as ledger:
        batches = [{k: v for k, v in b.items() if k != "taken_at"} for b in ledger.batches()]
        return [batches, ledger.quarantined(), ledger.changes()]


def test_side_by_side_is_the_same_as_one_after_the_other(tmp_path: Path) -> None:
    one, many = landed(tmp_path / "one"), landed(tmp_path / "many")
    take_in(one, FEEDS, TODAY, "run")
    said: list[str] = []
    results = take_in_side_by_side(many, FEEDS, TODAY, "run", said.append, at_a_time=2)
    assert len(results) == len(said) == 10
    assert sum(r.received for r in results) == 5 * 401
    assert account(many) == account(one)
    assert take_in(many, FEEDS, TODAY, "run") == []


def test_a_feed_that_fails_stops_no_other_and_its_own_step_comes_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = landed(tmp_path)

    def broken(*given: Any, only: str, **more: Any) -> Any:
        if only == "yjgl.hazard":
            raise OSError("the share is away")
        return take_in(*given, only=only, **more)

    monkeypatch.setattr(parallel, "take_in", broken)
    said: list[str] = []
    results = take_in_side_by_side(home, FEEDS, TODAY, "run", said.append, at_a_time=2)
    assert {r.feed for r in results} == {"yjgl.inspection"}
    assert [line for line in said if "yjgl.hazard" in line and "OSError" in line]
    assert len(take_in(home, FEEDS, TODAY, "run", only="yjgl.hazard")) == 5


def test_one_core_leaves_it_to_the_steps(tmp_path: Path) -> None:
    assert take_in_side_by_side(landed(tmp_path), FEEDS, TODAY, "run", print, at_a_time=1) == []


def test_whom_a_feed_refers_to_comes_in_an_earlier_wave() -> None:
    a, b, c = (replace(FEEDS["yjgl.hazard"], id=name, references=()) for name in "abc")
    a = replace(a, references=(Reference("inspection_id", "b", "inspection_id"),))
    b = replace(b, references=(Reference("inspection_id", "c", "inspection_id"),))
    d = replace(c, id="d")
    assert waves({"a": a, "b": b, "c": c, "d": d}) == [["c", "d"], ["b"], ["a"]]


@pytest.mark.parametrize(("given", "expected"), [("3", 3), ("1", 1)])
def test_the_environment_says_how_many(monkeypatch: pytest.MonkeyPatch, given: str, expected: int) -> None:
    monkeypatch.setenv("JGT_WORKERS", given)
    assert workers() == expected


@pytest.mark.parametrize("given", ["", "0", "-1", "many"])
def test_what_is_no_number_means_the_cores_there_are(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("JGT_WORKERS", given)
    assert workers() >= 1
