"""Spellings that departments use, each turned into its value in one way, and what is said to have been repaired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingest.base.reasons import REPAIRS
from ingest.base.sql import literal
from ingest.feeds.headers import match
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column, Feed, Unit
from ingest.judging.judge import judge, prepare_connection

ANY = load_feeds()["jrjg.claim"]
YUAN = Unit("元", "元", 1)
WAN_YUAN = Unit("万元", "元", 10_000)


def feed_of(column: Column) -> Feed:
    return replace(ANY, columns=(column,), date_orders=(), version_column=None)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    opened = duckdb.connect()
    prepare_connection(opened, load_feeds().values())
    yield opened
    opened.close()


def cast(
    connection: duckdb.DuckDBPyConnection, column: Column, text: str | None, header: str = ""
) -> tuple[Any, Any, set[str]]:
    """(value, reason code or None, repairs) of one text in one column."""
    feed = feed_of(column)
    sent = "null" if text is None else literal(text)
    connection.execute(
        f"create or replace temp table sent as select 0 as _file, 0 as _part, 1 as _ord, 2 as _row, '' as _sheet, "
        f"{sent}::varchar as c0"
    )
    judge(connection, feed, match(feed, [header or column.label]), "sent", "judged")
    found = {d[0] for d in connection.execute("select * from judged").description}
    reason = f'"f_{column.name}"' if f"f_{column.name}" in found else "null"
    value, code, mask = connection.execute(
        f'select "v_{column.name}", {reason}, "m_{column.name}" from judged'
    ).fetchall()[0]
    return value, code, {r.code for r in REPAIRS.values() if mask & r.bit}


DAY = Column("happened_on", "日期", "date", "DATE", required=True)
MOMENT = Column("happened_at", "时间", "timestamp", "TIMESTAMP")


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02",
        "2024-1-2",
        "2024/01/02",
        "2024/1/2",
        "20240102",
        "2024年1月2日",
        "2024年01月02日",
        "2024.1.2",
        "45293",
        "45293.5",
        "2024-01-02 13:05:00",
        "２０２４－０１－０２",
        " 2024-01-02\u3000",
        "2024/1/2 13:05",
        "2024年1月2日 13时05分",
    ],
)
def test_every_spelling_of_2_january_2024_is_that_day(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert cast(connection, DAY, text)[:2] == (date(2024, 1, 2), None)


@pytest.mark.parametrize(
    "text",
    ["2024-02-30", "2023年2月29日", "2024-13-01", "20240230", "2024", "昨天", "0024-01-02", "1-2", "epoch", "infinity"],
)
def test_a_day_that_does_not_exist_is_refused(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert cast(connection, DAY, text)[:2] == (None, "DATE_INVALID")


def test_a_missing_required_day_is_missing_not_invalid(connection: duckdb.DuckDBPyConnection) -> None:
    assert cast(connection, DAY, None)[1] == "REQUIRED_MISSING"
    assert cast(connection, DAY, " \u3000")[1] == "REQUIRED_MISSING"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-02 13:05:06", datetime(2024, 1, 2, 13, 5, 6)),
        ("2024/1/2 8:05", datetime(2024, 1, 2, 8, 5)),
        ("2024年1月2日8时5分6秒", datetime(2024, 1, 2, 8, 5, 6)),
        ("2024-01-02T13:05:06", datetime(2024, 1, 2, 13, 5, 6)),
        ("45293.5", datetime(2024, 1, 2, 12, 0)),
        ("20240102130506", datetime(2024, 1, 2, 13, 5, 6)),
        ("2024-01-02", datetime(2024, 1, 2)),
    ],
)
def test_every_spelling_of_a_moment(connection: duckdb.DuckDBPyConnection, text: str, moment: datetime) -> None:
    assert cast(connection, MOMENT, text)[:2] == (moment, None)


@pytest.mark.parametrize(
    ("unit", "text", "yuan", "repairs"),
    [
        (YUAN, "35000", "35000.00", set()),
        (YUAN, "3.5万元", "35000.00", {"UNIT_CONVERTED"}),
        (YUAN, "3.5万", "35000.00", {"UNIT_CONVERTED"}),
        (YUAN, "0.5亿元", "50000000.00", {"UNIT_CONVERTED"}),
        (YUAN, "1,600", "1600.00", {"NUMBER_RESPELLED"}),
        (YUAN, "¥1,234,567.89", "1234567.89", {"NUMBER_RESPELLED"}),
        (YUAN, "¥1,234,567.895", "1234567.90", {"NUMBER_RESPELLED", "NUMBER_ROUNDED"}),
        (YUAN, "0.005", "0.01", {"NUMBER_ROUNDED"}),
        (YUAN, "0.5000", "0.50", set()),
        (WAN_YUAN, "1.234567", "12345.67", set()),
        (YUAN, "200元", "200.00", {"NUMBER_RESPELLED"}),
        (YUAN, "５００", "500.00", {"FULLWIDTH_FOLDED"}),
        (WAN_YUAN, "999.99", "9999900.00", set()),
        (WAN_YUAN, "3.5万元", "35000.00", {"NUMBER_RESPELLED"}),
        (WAN_YUAN, "20000元", "20000.00", {"UNIT_CONVERTED"}),
        (WAN_YUAN, "-1", "-10000.00", set()),
    ],
)
def test_amounts_come_out_in_yuan(
    connection: duckdb.DuckDBPyConnection, unit: Unit, text: str, yuan: str, repairs: set[str]
) -> None:
    column = Column("amount_yuan", "金额", "number", "DECIMAL(18,2)", unit=unit)
    assert cast(connection, column, text) == (Decimal(yuan), None, repairs)


def test_the_unit_in_the_files_own_header_counts(connection: duckdb.DuckDBPyConnection) -> None:
    column = Column("fine_yuan", "罚款金额（元）", "number", "DECIMAL(18,2)", unit=YUAN)
    assert cast(connection, column, "3.5", header="罚款金额(万元)")[0] == Decimal("35000.00")
    assert cast(connection, column, "3.5", header="罚款金额（元）")[0] == Decimal("3.50")


@pytest.mark.parametrize("text", ["若干", "1,60", "3.5.6", "1e3", "12个", "--5", "99999999999999999999999"])
def test_what_is_no_amount_is_refused(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    column = Column("amount_yuan", "金额", "number", "DECIMAL(18,2)", unit=YUAN)
    assert cast(connection, column, text)[:2] == (None, "NUMBER_INVALID")


def test_half_a_person_is_no_count_but_a_float_that_is_whole_is(connection: duckdb.DuckDBPyConnection) -> None:
    column = Column("deaths", "死亡人数", "integer", "BIGINT", minimum=0)
    assert cast(connection, column, "2.5")[1] == "NUMBER_INVALID"
    assert cast(connection, column, "2.0")[:2] == (2, None)
    assert cast(connection, column, "-1")[1] == "RANGE"


def test_ten_thousands_of_people_become_people(connection: duckdb.DuckDBPyConnection) -> None:
    column = Column("employed", "就业人数（万人）", "integer", "BIGINT", unit=Unit("万人", "人", 10_000))
    assert cast(connection, column, "12.3456")[0] == 123456


@pytest.mark.parametrize(
    ("text", "code", "repairs"),
    [
        ("0111", "0111", set()),
        ("111", "0111", {"ZERO_PADDED"}),
        ("5245.0", "5245", {"FLOAT_CODE"}),
        ("１１１", "0111", {"FULLWIDTH_FOLDED", "ZERO_PADDED"}),
        ("未知行业", "未知行业", set()),
        ("52451", "52451", set()),
    ],
)
def test_a_code_gets_its_leading_zeros_back(
    connection: duckdb.DuckDBPyConnection, text: str, code: str, repairs: set[str]
) -> None:
    column = Column("industry_code", "行业代码", "string", "VARCHAR", width=4)
    assert cast(connection, column, text) == (code, None, repairs)


@pytest.mark.parametrize(
    ("text", "code", "repairs"),
    [
        ("320115", "320115", set()),
        ("江宁区", "320115", set()),
        ("江宁", "320115", set()),
        ("南京市江宁区", "320115", set()),
        ("320103", "320104", {"DISTRICT_SUCCEEDED"}),
        ("白下区", "320104", {"DISTRICT_SUCCEEDED"}),
        ("320115.0", "320115", {"FLOAT_CODE"}),
    ],
)
def test_a_district_becomes_its_current_code(
    connection: duckdb.DuckDBPyConnection, text: str, code: str, repairs: set[str]
) -> None:
    column = Column("district_code", "区划代码", "string", "VARCHAR", code_list="district")
    assert cast(connection, column, text) == (code, None, repairs)


def test_a_place_that_is_not_in_the_city_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    column = Column("district_code", "区划代码", "string", "VARCHAR", code_list="district")
    assert cast(connection, column, "浦东新区")[:2] == (None, "CODE_UNKNOWN")


@pytest.mark.parametrize(
    ("text", "value"), [("是", True), ("1", True), ("Y", True), ("TRUE", True), ("否", False), ("0", False)]
)
def test_yes_and_no_in_their_spellings(connection: duckdb.DuckDBPyConnection, text: str, value: bool) -> None:
    assert cast(connection, Column("is_it", "是否", "boolean", "BOOLEAN"), text) == (value, None, set())


def test_names_keep_their_chinese_punctuation(connection: duckdb.DuckDBPyConnection) -> None:
    column = Column("name", "名称", "string", "VARCHAR")
    assert cast(connection, column, "南京（江宁）机械厂，Ａ座")[0] == "南京（江宁）机械厂，A座"


def test_a_label_becomes_the_stored_code_and_the_code_stays(connection: duckdb.DuckDBPyConnection) -> None:
    column = Column(
        "status", "状态", "string", "VARCHAR", codes=(("存续", "active"), ("在业", "active"), ("注销", "gone"))
    )
    assert [cast(connection, column, t)[0] for t in ("在业", "active", "注销")] == ["active", "active", "gone"]
    assert cast(connection, column, "开业")[1] == "CODE_UNKNOWN"


def test_a_code_that_is_not_on_its_list_is_kept_as_sent_where_the_contract_says_so(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    kind = Column("kind", "类别", "string", "VARCHAR", codes=(("甲类", "a"),), keeps_unknown=True)
    assert [cast(connection, kind, t)[:2] for t in ("甲类", "丙类", None)] == [
        ("a", None),
        ("丙类", None),
        (None, None),
    ]
    industry = Column("industry_code", "行业", "string", "VARCHAR", width=4, code_list="industry", keeps_unknown=True)
    sent = [cast(connection, industry, t) for t in ("汽车制造业", "3610", "130.0")]
    assert [(value, code) for value, code, _ in sent] == [("36", None), ("3610", None), ("0130", None)]
    # and is counted as such, what is on its list is not
    assert [cast(connection, kind, t)[2] for t in ("甲类", "a", "丙类", None)] == [
        set(),
        set(),
        {"UNKNOWN_KEPT"},
        set(),
    ]
    assert [repairs for *_, repairs in sent] == [set(), {"UNKNOWN_KEPT"}, {"FLOAT_CODE", "UNKNOWN_KEPT"}]


@pytest.mark.parametrize(
    ("text", "repairs"),
    [("机动车保有量（万辆）", set()), ("机动车保有量(万辆)", set()), ("机动车保有量（万辆） ", {"WHITESPACE_TRIMMED"})],
)
def test_a_label_that_the_contract_writes_with_full_width_brackets_is_known(
    connection: duckdb.DuckDBPyConnection, text: str, repairs: set[str]
) -> None:
    column = Column("indicator", "指标", "string", "VARCHAR", codes=(("机动车保有量（万辆）", "vehicles"),))
    value, code, changed = cast(connection, column, text)
    assert (value, code) == ("vehicles", None)
    assert changed == repairs


@pytest.mark.parametrize("rule", ["gb32100", "gb11643"])
def test_a_code_that_need_not_be_given_may_be_empty(connection: duckdb.DuckDBPyConnection, rule: str) -> None:
    column = Column("code", "证件号", "string", "VARCHAR", rules=(rule,))
    assert cast(connection, column, None) == (None, None, set())
