"""The fast lane and the judge agree on every row: value, fingerprint, and that the plain have nothing to repair or refuse.

Thousands of batches: JGT_BATCHES=3000 pytest tests/unit/judging/test_fast_lane.py
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from ingest.feeds.headers import match
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column, Unit
from ingest.judging import fast_lane, text_table
from ingest.judging.fast_lane_query import knows
from ingest.judging.judge import judge, prepare_connection
from ingest.readers import delimited, line_facts
from ingest.readers.table import TextPart
from ingest.storage.lake import Lineage

BATCHES = int(os.environ.get("JGT_BATCHES", "15"))
USCC = "91320102MA1MX1QF8"
GOOD_USCC = USCC + uscc.calc_check_digit(USCC)
GOOD_ID = "11010119900307123" + str(ric.calc_check_digit("110101199003071230"))
WAN = Unit("万元", "元", 10_000)

# every kind of column a contract can have, with cells as the sender should write them
KINDS: dict[Column, tuple[str, ...]] = {
    Column("key_no", "编号", "string", "VARCHAR", required=True, is_key=True): (
        "A-1",
        "苏安监罚2024第1号",
        "（苏）1号",
    ),
    Column("name", "名称", "string", "VARCHAR", required=True): ("甲公司", "ABC", "南京（江宁），Ａ座"),
    Column("note", "说明", "string", "VARCHAR"): ("无", "2 楼　东侧", "1.2E+05", "1E+15", "x,y"),
    Column("folded", "折叠", "string", "VARCHAR", fold=True): ("甲（乙）", "甲(乙)", "A"),
    Column("uscc", "信用代码", "string", "VARCHAR", rules=("gb32100",)): (GOOD_USCC, GOOD_USCC.lower(), USCC + "?"),
    Column("id_no", "身份证号", "string", "VARCHAR", rules=("gb11643",)): (GOOD_ID, GOOD_ID[:-1], GOOD_ID[:-1] + "?"),
    Column("kind", "类别", "string", "VARCHAR", codes=(("甲类（一）", "a"), ("乙类", "b"), ("1", "one"))): (
        "甲类（一）",
        "甲类(一)",
        "a",
        "乙类",
        "1",
        "１",
        "丙类",
    ),
    Column("sort", "种类", "string", "VARCHAR", codes=(("甲类", "a"),), keeps_unknown=True): (
        "甲类",
        "a",
        "丙类",
        "Ｃ类",
    ),
    Column("industry", "行业", "string", "VARCHAR", width=4, code_list="industry", keeps_unknown=True): (
        "2611",
        "汽车制造业",
        "3610",
        "130",
        "2611.0",
    ),
    Column("rank", "级别", "integer", "BIGINT", codes=(("一级", "1"), ("二级", "2"))): ("一级", "1", "2", "三级"),
    Column("district_code", "区划", "string", "VARCHAR", required=True, code_list="district"): (
        "320115",
        "江宁区",
        "320115.0",
        "３２０１１５",
        "320103",
        "999999",
    ),
    Column("post", "邮编", "string", "VARCHAR", width=6): ("210000", "21000", "210000.0", "江宁"),
    Column("is_major", "重大", "boolean", "BOOLEAN"): ("是", "否", "Y", "y", "1", "1.0", "TRUE", "Ｙ", "也许"),
    Column("happened_on", "日期", "date", "DATE", required=True): (
        "2024-02-29",
        "2023-02-29",
        "2024/2/9",
        "20240229",
        "45291",
        "1899-12-31",
        "2024-02-29 10:00:00",
        "infinity",
        "2024-2-9",
        "2024/02/09",
        "2024 02 09",
        "2024\\02\\09",
        "02024-2-09",
        "20240-2-09",
    ),
    Column("updated_at", "时间", "timestamp", "TIMESTAMP"): (
        "2024-02-29 10:00:00",
        "2024-02-29",
        "2024-02-29T10:00:00Z",
        "2024-02-29 10:00:00.5",
        "2024-02-29 25:00:00",
        "2024-02-29 10:00",
        "1800-01-01 00:00:00",
    ),
    Column("people", "人数", "integer", "INTEGER", minimum=0, maximum=9999): (
        "0",
        "12",
        "-1",
        "007",
        "1.0",
        "2.5",
        "1,000",
        "99999999999999",
        "+3",
        "12人",
        "1e3",
    ),
    Column("amount", "金额", "number", "DECIMAL(18,2)", unit=Unit("元", "元", 1)): (
        "1.5",
        "1.505",
        "1.5000",
        "-3",
        "1万元",
        "１２",
        ".5",
        "5.",
        "1e3",
        "123456789012",
        "1234567890123",
    ),
    Column("wan", "投资", "number", "DECIMAL(18,2)", unit=WAN): ("1.5", "1.234567", "1.2345678", "0.5亿元", "12元"),
    Column("wan_whole", "产值", "integer", "BIGINT", unit=WAN): ("3", "1.5", "1.23456", "99999999"),
    Column("longitude", "经度", "number", "DOUBLE"): ("118.7969", "118.79691234", "-0", "0.1"),
    Column("days", "天数", "number", "DECIMAL(9,0)"): ("3", "3.4", "3.0", "1234567890"),
}
COLUMNS = tuple(KINDS)
FEED = replace(
    load_feeds()["jrjg.claim"],
    columns=COLUMNS,
    date_orders=(("happened_on", "updated_at"),),
    version_column="updated_at",
    references=(),
    withdrawn_when=None,
)
BLANKS = ("", "", "", " ", "\t", "　", "\xa0", "\u200b", "\ufeff", "\n")
DIRT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=6)


def cells(column: Column) -> st.SearchStrategy[str]:
    """Texts for a column: mostly what its kind may hold, sometimes blank, dirty, or inside blanks."""
    right = st.sampled_from(KINDS[column])
    if column.logical_type == "date":
        right |= st.dates(date(1890, 1, 1), date(2099, 1, 1)).map(date.isoformat)
    elif column.logical_type == "timestamp":
        right |= st.datetimes(datetime(1890, 1, 1), datetime(2099, 1, 1)).map(lambda m: m.isoformat(" ", "seconds"))
    elif column.logical_type in ("integer", "number") and not column.codes:
        right |= st.decimals(-(10**6), 10**6, places=3).map(str) | st.integers(-10, 10**5).map(str)
    wrapped = st.tuples(st.sampled_from(BLANKS), right, st.sampled_from(BLANKS)).map("".join)
    return st.one_of(right, right, right, wrapped, st.just(""), DIRT)


ROWS = st.lists(st.tuples(*(cells(c) for c in COLUMNS)), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    opened = duckdb.connect(config={"threads": 1})
    prepare_connection(opened, [*load_feeds().values(), FEED])
    yield opened
    opened.close()


def part_of(rows: list[tuple[str, ...]], folder: Path) -> TextPart:
    path = folder / "part.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows((number, *row) for number, row in enumerate(rows, 2))
    headers = tuple(c.label for c in COLUMNS)
    return TextPart(path, headers, match(FEED, headers), ",", 2, True, len(rows))


def looked_through(rows: list[tuple[str, ...]], folder: Path, newline: str = "\n") -> TextPart | None:
    """The rows as a department's file whose lines were looked through; None where it is to be read line by line."""
    path = folder / "sent.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator=newline).writerows([[c.label for c in COLUMNS], *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_WORTH_LOOKING", 0)
        patch.setattr(line_facts, "_MOST", 1)
        [part] = delimited.read(path, replace(FEED, encoding="utf-8", delimiter=","), folder).parts
    return part if part.suspects is not None else None


def lane_in(folder: Path) -> fast_lane.LaneFile:
    return fast_lane.LaneFile(folder / "lane.parquet", "lane", Lineage("b", 1, "f", date(2026, 11, 20)))


def both_ways(
    connection: duckdb.DuckDBPyConnection, rows: list[tuple[str, ...]], folder: Path, looked: TextPart | None = None
) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]], int]:
    """Every row by the judge, the plain rows of the lane by their place, and how many were left to the judge."""
    for name in ("raw_0", "raw_1"):
        connection.execute(f"drop table if exists {name}")
    lane = lane_in(folder)
    part = looked or part_of(rows, folder)
    text_table.load(connection, part, "raw_0", (0, 0))
    judge(connection, FEED, part.match, "raw_0", "judged_0")
    judged = connection.execute("select * from judged_0 order by _ord")
    names = [d[0] for d in judged.description]
    by_judge = [dict(zip(names, row, strict=True)) for row in judged.fetchall()]
    fast_lane.load(connection, FEED, part, "raw_1", lane, (0, 0), folder if looked else None)
    plain = connection.execute("select * from lane order by _ord")
    names = [d[0] for d in plain.description]
    by_lane = {row[0]: dict(zip(names, row, strict=True)) for row in plain.fetchall()}
    left = connection.execute("select _ord from raw_1").fetchall()
    assert {o for (o,) in left} | set(by_lane) == set(range(1, len(rows) + 1))
    left_as_sent = "select * from raw_1 except select * from raw_0"
    assert connection.execute(left_as_sent).fetchall() == []
    return by_judge, by_lane, len(left)


@settings(
    max_examples=BATCHES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(ROWS)
def test_whatever_the_lane_takes_the_judge_finds_as_it_is(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, rows: list[tuple[str, ...]]
) -> None:
    by_judge, by_lane, _ = both_ways(connection, rows, tmp_path)
    they_agree(by_judge, by_lane)


@settings(
    max_examples=BATCHES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(ROWS, st.sampled_from(["\n", "\r\n"]))
def test_they_agree_on_a_file_that_was_looked_through(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, rows: list[tuple[str, ...]], newline: str
) -> None:
    one_line = [tuple(cell.replace("\n", "").replace(' "', "").replace('" ', "") for cell in row) for row in rows]
    part = looked_through(one_line, tmp_path, newline)
    assume(part is not None)
    try:
        by_judge, by_lane, _ = both_ways(connection, one_line, tmp_path, part)
    except text_table.CountMismatch:
        assume(False)
    they_agree(by_judge, by_lane)


def they_agree(by_judge: list[dict[str, Any]], by_lane: dict[int, dict[str, Any]]) -> None:
    """What the lane takes the judge finds as it is, row by row."""
    reasons = [name for name in by_judge[0] if name[:2] in ("f_", "o_", "x_")] if by_judge else []
    for judged in by_judge:
        plain = by_lane.get(judged["_ord"])
        if plain is None:
            continue
        assert not judged["_is_refused"], {name: judged[name] for name in reasons if judged[name]}
        assert [name for name in judged if name.startswith("m_") and judged[name]] == []
        assert {c.name: plain[c.name] for c in COLUMNS} == {c.name: judged[f"v_{c.name}"] for c in COLUMNS}
        assert (plain["_row"], plain["_row_hash"]) == (judged["_row"], judged["_row_hash"])


PLAIN = {
    "key_no": "苏安监罚〔2024〕1号",
    "name": "南京（江宁），有限公司",
    "note": "2 楼　东侧",
    "uscc": GOOD_USCC,
    "id_no": GOOD_ID,
    "kind": "乙类",
    "rank": "二级",
    "district_code": "320115",
    "post": "210000",
    "is_major": "Y",
    "happened_on": "2024-02-29",
    "updated_at": "2024-02-29 10:00:00",
    "people": "12",
    "amount": "1.5",
    "wan": "1.234567",
    "wan_whole": "3",
    "longitude": "118.796912",
    "days": "3",
}


def test_rows_as_the_contract_wants_them_are_plain(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    full = tuple(PLAIN.get(c.name, "") for c in COLUMNS)
    least = tuple(PLAIN[c.name] if c.required else "" for c in COLUMNS)
    by_judge, by_lane, left = both_ways(connection, [full, least], tmp_path)
    assert left == 0
    part = looked_through([full, least], tmp_path)
    assert part is not None and part.suspects == ()
    assert both_ways(connection, [full, least], tmp_path, part)[2] == 0
    assert by_lane[1]["wan"] == by_judge[0]["v_wan"]
    assert str(by_lane[1]["wan"]) == "12345.67"


REPAIRED = {
    "key_no": "（苏）1号",
    "name": "甲公司 ",
    "note": "Ａ座",
    "uscc": GOOD_USCC.lower(),
    "post": "21000",
    "district_code": "320115.0",
    "happened_on": "2024/2/9",
    "people": "1,000",
    "amount": "1.505",
}


@pytest.mark.parametrize("name", REPAIRED)
def test_a_row_with_one_value_to_repair_is_left_to_the_judge(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    row = tuple({**PLAIN, name: REPAIRED[name]}.get(c.name, "") for c in COLUMNS)
    by_judge, by_lane, left = both_ways(connection, [row], tmp_path)
    assert (by_lane, left) == ({}, 1)
    assert by_judge[0][f"m_{name}"]
    full = tuple(PLAIN.get(c.name, "") for c in COLUMNS)
    _, by_lane, left = both_ways(connection, [full, row], tmp_path, looked_through([full, row], tmp_path))
    assert (list(by_lane), left) == ([1], 1)


def test_codes_given_in_every_second_row_leave_the_rows_in_order(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    full = tuple({**PLAIN, "industry": "2611"}.get(c.name, "") for c in COLUMNS)
    least = tuple(PLAIN[c.name] if c.required else "" for c in COLUMNS)
    rows = [full, least] * 4000  # several of DuckDB's vectors
    _, by_lane, left = both_ways(connection, rows, tmp_path, looked_through(rows, tmp_path))
    assert (len(by_lane), left) == (8000, 0)
    industry = [by_lane[place]["industry"] for place in range(1, 8001)]
    assert industry == ["2611", None] * 4000


def test_a_record_more_or_less_than_was_counted_adds_nothing(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("drop table if exists raw_2")
    part = part_of([tuple(PLAIN.get(c.name, "") for c in COLUMNS)], tmp_path)
    with pytest.raises(text_table.CountMismatch):
        fast_lane.load(connection, FEED, replace(part, rows=2), "raw_2", lane_in(tmp_path), (0, 0))
    assert not lane_in(tmp_path).path.exists()
    assert connection.execute("select count(*) from raw_2").fetchone() == (0,)


USUAL = Column("x", "值", "string", "VARCHAR")


@pytest.mark.parametrize(
    "unusual",
    [
        replace(USUAL, logical_type="date"),
        replace(USUAL, logical_type="timestamp", duckdb_type="DATE"),
        replace(USUAL, code_list="district", duckdb_type="BIGINT"),
        replace(USUAL, rules=("gb32100",), codes=(("甲", "a"),)),
    ],
)
def test_a_contract_with_a_column_that_the_lane_does_not_know_is_all_the_judges(unusual: Column) -> None:
    rows = fast_lane.FAST_ROWS
    large = TextPart(Path("x.csv"), ("值",), match(FEED, ("值",)), ",", 2, False, rows, skip=1)
    assert fast_lane.takes(large, FEED)
    assert not fast_lane.takes(large, replace(FEED, columns=(*FEED.columns, unusual)))


def test_the_lane_knows_every_column_of_every_shipped_contract() -> None:
    assert not [(feed.id, c.name) for feed in load_feeds().values() for c in feed.columns if not knows(c)]
