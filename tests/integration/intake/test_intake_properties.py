"""Whatever a department sends, the ledger balances, and neither the fast lane nor the day it comes on makes a difference.

Thousands of batches: JGT_BATCHES=2000 pytest tests/integration/intake/test_intake_properties.py
"""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import prepare, take_in
from ingest.judging import fast_lane
from ingest.readers import delimited, line_facts
from ingest.storage.ledger import Ledger

FEED = load_feeds()["yjgl.hazard"]
VALID = "91320102MA1MX1QF8" + uscc.calc_check_digit("91320102MA1MX1QF8")
BATCHES = int(os.environ.get("JGT_BATCHES", "8"))
CELLS = {
    "隐患编号": ["A1", "A2", "A3", "", "Ａ1", "合计"],
    "检查编号": ["J1", " J1", "J1　"],
    "统一社会信用代码": [VALID, "", VALID[:-1] + "?", VALID.lower()],
    "企业名称": ["甲公司", "乙公司", ""],
    "区划代码": ["320115", "江宁区", "320115.0", "999999"],
    "发现日期": ["2026-10-01", "2026/10/1", "2026-02-30", "45291"],
    "隐患级别": ["一般", "重大", "特大"],
    "隐患描述": ["配电箱未接地", '他说"停"', "上,下", "上\n下", "Ａ座", ""],
    "整改期限": ["2026-10-15", "2026-09-01"],
    "更新时间": ["2026-10-02", "2026-10-02 08:00:00", "2026-10-03"],
}
HEADERS = list(CELLS)
ODD_LINES = [
    "",
    ",,,,,,,,,",
    "只有一格",
    'A9,J9,"没有闭合的引号',
    "A,B,C,D,E,F,G,H,I,J,K",
    "合计,,,,,,,,,3",
    '"A""8",J',
]


def written(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n') else cell


RIGHT = {name: cells[0] for name, cells in CELLS.items()}
ROWS = st.fixed_dictionaries({}, optional={name: st.sampled_from(cells) for name, cells in CELLS.items()}).map(
    lambda row: ",".join(written({**RIGHT, **row}[name]) for name in HEADERS)
)
FILES = st.lists(
    st.lists(st.one_of(ROWS, ROWS, ROWS, ROWS, st.sampled_from(ODD_LINES)), min_size=1, max_size=12).map(
        lambda rows: "\n".join([",".join(HEADERS), *rows]) + "\n"
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


# the judge alone; rows that are plain by their cells; rows that are plain by what the bytes of the file say of its lines
LANES = ("judge", "cells", "lines")


def taken(folder: Path, files: list[str], one_by_one: bool, lane: str, patch: pytest.MonkeyPatch) -> Home:
    """A state folder after these files, dated a day each, came on one day or one a day."""
    home = Home(folder)
    prepare(home, {FEED.id: FEED})
    patch.setattr(fast_lane, "FAST_ROWS", 1 << 60 if lane == "judge" else 1)
    patch.setattr(delimited, "_WORTH_LOOKING", 0 if lane == "lines" else 1 << 60)
    patch.setattr(line_facts, "_MOST", 1)
    for number, content in enumerate(files, 1):
        (home.landing / "yjgl" / "hazard" / f"隐患_202611{number:02d}.csv").write_text(content, "utf-8-sig")
        if one_by_one or number == len(files):
            take_in(home, {FEED.id: FEED}, date(2026, 11, 20), "run")
    return home


def account(home: Home) -> list[Any]:
    """What the ledger says, but for run, moment and bytes."""
    apart = ("taken_at", "run_id", "lake_sha256")
    with Ledger(home.ledger) as ledger:
        batches = [{k: v for k, v in b.items() if k not in apart} for b in ledger.batches()]
        return [batches, ledger.quarantined(), ledger.changes()]


def lake_bytes(home: Home) -> list[str]:
    with Ledger(home.ledger) as ledger:
        return [sha256 for _, sha256, _ in ledger.lake_files()]


def lake_rows(home: Home) -> list[tuple[Any, ...]]:
    lake = home.lake / "raw" / "yjgl" / "hazard" / "*.parquet"
    return duckdb.sql(f"select * from '{lake}' order by _batch_seq, _row").fetchall()


@settings(max_examples=BATCHES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES)
def test_the_ledger_balances_and_neither_lane_nor_day_makes_a_difference(files: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        ways = {
            (one_by_one, lane): taken(Path(folder, f"{one_by_one}{lane}"), files, one_by_one, lane, patch)
            for one_by_one in (False, True)
            for lane in LANES
        }
        judged = ways[False, "judge"]
        batches, _, _ = account(judged)
        assert len(batches) == len(files)
        for batch in batches:
            assert batch["received"] == batch["loaded"] + batch["refused"] + batch["duplicate"]
        rows = lake_rows(judged)
        assert len(rows) == sum(batch["loaded"] for batch in batches)
        for home in ways.values():
            assert account(home) == account(judged)
            assert lake_rows(home) == rows
        for lane in LANES:
            assert lake_bytes(ways[False, lane]) == lake_bytes(ways[True, lane])
