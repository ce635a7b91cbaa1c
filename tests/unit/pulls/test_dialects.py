"""What is sent to databases whose drivers are not at hand (Oracle, 达梦, 人大金仓): SQL as their dialects write it, and their types.

SQLAlchemy brings the dialects of Oracle and PostgreSQL (人大金仓 speaks PostgreSQL's protocol); 达梦 writes Oracle's SQL.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import oracle, postgresql

from ingest.feeds.cursors import Cursor
from ingest.feeds.servers import Database
from ingest.pulls.any_database import AnySource, as_text, column_of, count_below, nothing, rows_of
from ingest.pulls.cursor import Window
from ingest.pulls.secrets import Secrets
from ingest.pulls.source import PullFailed, SourceColumn, cursor_fits

ORACLE, POSTGRES = oracle.dialect(), postgresql.dialect()
CHANGED = Cursor("GXSJ", back=timedelta(days=2))
COLUMNS = [
    SourceColumn("check_id", "integer", "number"),
    SourceColumn("检查结论", "text", "clob"),
    SourceColumn("LEVEL", "text", "varchar2"),
    SourceColumn("gxsj", "moment", "datetime"),
]


def server(cursor: Cursor | None = CHANGED, table: str | None = "CHECKS", query: str | None = None) -> Database:
    schema = "ANJIAN" if table else None
    return Database("front", "sqlalchemy", "10.1.2.3", None, None, schema, table, query, cursor)


def sent(statement: Any, dialect: Any) -> str:
    """The statement on one line, values written out."""
    text = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return " ".join(text.split())


def test_the_first_pull_asks_for_all_without_a_condition() -> None:
    # WHERE true, which SQLAlchemy writes as WHERE 1 here, is no condition in Oracle (ORA-00920)
    listed = 'SELECT check_id, "检查结论", "LEVEL", gxsj FROM "ANJIAN"."CHECKS"'
    for dialect in (ORACLE, POSTGRES):
        assert sent(rows_of(server(), COLUMNS, Window()), dialect) == listed
        assert sent(rows_of(server(None), COLUMNS, Window("2026-11-01 00:00:00")), dialect) == listed


def test_a_window_has_the_rows_without_a_cursor_in_it() -> None:
    window = Window("2026-11-18 08:30:00", "2026-11-21 00:00:00")
    assert sent(rows_of(server(), COLUMNS[:1] + COLUMNS[3:], window), ORACLE) == (
        'SELECT check_id, gxsj FROM "ANJIAN"."CHECKS" '
        "WHERE gxsj >= TO_DATE('2026-11-18 08:30:00', 'YYYY-MM-DD HH24:MI:SS') "
        "AND gxsj < TO_DATE('2026-11-21 00:00:00', 'YYYY-MM-DD HH24:MI:SS') OR gxsj IS NULL"
    )


def test_names_in_small_letters_are_left_to_the_server_and_others_are_quoted() -> None:
    small = Database("front", "sqlalchemy", "h", None, None, "anjian", "checks", None, None)
    assert sent(nothing(small), ORACLE) == "SELECT * FROM anjian.checks WHERE 1 = 0"
    assert sent(nothing(server()), ORACLE) == 'SELECT * FROM "ANJIAN"."CHECKS" WHERE 1 = 0'


def test_the_cursor_is_named_as_the_source_spells_it() -> None:
    spelled = [SourceColumn("GxSj", "moment", "datetime")]
    assert '"GxSj" < ' in sent(count_below(server(), spelled, "2026-11-18 08:30:00"), POSTGRES)
    both = [SourceColumn("gxsj", "moment", "datetime"), SourceColumn("GXSJ", "moment", "datetime")]
    assert '"GXSJ" < ' in sent(count_below(server(), both, "2026-11-18 08:30:00"), POSTGRES)


def test_late_rows_are_counted_without_those_that_have_no_cursor() -> None:
    assert sent(count_below(server(), COLUMNS, "2026-11-18 08:30:00"), ORACLE) == (
        'SELECT count(*) AS count_1 FROM "ANJIAN"."CHECKS" '
        "WHERE gxsj < TO_DATE('2026-11-18 08:30:00', 'YYYY-MM-DD HH24:MI:SS')"
    )


def test_a_cursor_of_numbers_is_compared_with_a_number() -> None:
    numbered = server(Cursor("CHECK_ID", ids=1000))
    assert sent(rows_of(numbered, COLUMNS[:1], Window("9000")), ORACLE).endswith(
        "WHERE check_id >= 9000 OR check_id IS NULL"
    )


def test_a_query_stands_in_brackets_without_as_and_its_colons_are_no_parameters() -> None:
    query = "select a.*, ' :bz' as bz from checks a where sj > to_date('20260101 00:00', 'yyyymmdd hh24:mi') and x like '%甲%'"
    statement = rows_of(server(table=None, query=query), COLUMNS[:1], Window())
    assert sent(statement, ORACLE) == f"SELECT check_id FROM ({query}) pulled"
    cast = "select check_id::text as check_id from checks"
    assert sent(rows_of(server(table=None, query=cast), COLUMNS[:1], Window()), POSTGRES).endswith(f"({cast}) pulled")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (oracle.NUMBER(10, 0), "integer"),
        (oracle.NUMBER(), "integer"),  # NUMBER without more is what Oracle's sequences fill
        (oracle.NUMBER(18, 2), "number"),
        (sa.Numeric(18, 0), "integer"),
        (oracle.BINARY_DOUBLE(), "float"),
        (oracle.DATE(), "moment"),
        (oracle.TIMESTAMP(), "moment"),
        (oracle.TIMESTAMP(timezone=True), "zoned"),
        (oracle.CLOB(), "text"),
        (oracle.NVARCHAR2(20), "text"),
        (oracle.BLOB(), "binary"),
        (oracle.RAW(16), "binary"),
        (postgresql.BYTEA(), "binary"),
        (postgresql.TIMESTAMP(timezone=True), "zoned"),
    ],
)
def test_a_type_of_the_catalogue_is_told_for_what_it_is(kind: Any, expected: str) -> None:
    assert column_of("x", kind).kind == expected


def test_money_is_no_cursor_of_numbers() -> None:
    assert cursor_fits("number", column_of("id", oracle.NUMBER(12, 0)))
    assert not cursor_fits("number", column_of("je", oracle.NUMBER(18, 2)))


def bounds(kind: Any, window: Window) -> list[Any]:
    statement = rows_of(server(), [column_of("gxsj", kind)], window)
    return list(statement.compile(dialect=POSTGRES).params.values())


def test_oracles_date_has_a_time_and_is_compared_with_one() -> None:
    window = Window("2026-11-18 08:30:00", "2026-11-20 12:00:00")
    assert bounds(oracle.DATE(), window) == [datetime(2026, 11, 18, 8, 30), datetime(2026, 11, 20, 12)]


def test_a_column_of_days_loses_no_row_at_either_end() -> None:
    assert bounds(sa.Date(), Window("2026-11-18 08:30:00", "2026-11-20 12:00:00")) == [
        date(2026, 11, 18),
        date(2026, 11, 21),
    ]
    assert bounds(sa.Date(), Window("2026-11-18 00:00:00", "2026-11-20 00:00:00"))[1] == date(2026, 11, 20)


def test_a_moment_with_a_zone_is_compared_in_the_citys() -> None:
    [lower] = bounds(postgresql.TIMESTAMP(timezone=True), Window("2026-11-18 08:30:00"))
    assert lower.utcoffset() == timedelta(hours=8)
    statement = rows_of(
        server(), [column_of("gxsj", postgresql.TIMESTAMP(timezone=True))], Window("2026-11-18 08:30:00")
    )
    assert "TIMESTAMP WITH TIME ZONE" in str(statement.compile(dialect=POSTGRES))


class Refusing:
    """A connection whose server says no."""

    def __init__(self, words: str) -> None:
        self._words = words

    def execute(self, *_: Any) -> Any:
        raise RuntimeError(self._words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ORA-00942: table or view does not exist", "对方没有表 CHECKS"),
        ('ORA-00904: "GXSJ": invalid identifier', "对方没有所查的列"),
        ("ORA-01017: invalid username/password; logon denied", "不接受所给的用户或口令"),
        ("[CODE:-2106]第1 行附近出现错误:\n无效的表或视图名[CHECKS]", "对方没有表 CHECKS"),
        ("[CODE:-2111]第1 行附近出现错误:\n无效的列名[GXSJ]", "对方没有所查的列"),
        ("[CODE:-2501]用户名或密码错误", "不接受所给的用户或口令"),
        ('错误:  关系 "checks" 不存在\nLINE 1: SELECT * FROM checks', "对方没有表 CHECKS"),
        ('错误:  字段 "gxsj" 不存在', "对方没有所查的列"),
        ('relation "checks" does not exist', "对方没有表 CHECKS"),
        ('column "gxsj" does not exist', "对方没有所查的列"),
        ("[28000] Login failed for user 'puller'. (18456)", "不接受所给的用户或口令"),
        ("ORA-03113: end-of-file on communication channel", "拒绝了查询"),
    ],
)
def test_what_a_server_says_in_its_own_words_is_told_with_what_to_do(words: str, told: str) -> None:
    source = AnySource(server(), Secrets("JGT_SECRET_AJ_FRONT_", {"PASSWORD": "s3cret"}), Refusing(words))
    with pytest.raises(PullFailed, match=told):
        source.columns()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),  # what Oracle makes of an empty text
        (Decimal("12345678901234567890.50"), "12345678901234567890.50"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 11, 20, 13, 5), "2026-11-20 13:05:00"),
        (datetime(2026, 11, 20, 5, 0, tzinfo=UTC), "2026-11-20 13:00:00"),
        (StringIO("整改意见" * 3), "整改意见" * 3),  # a CLOB that comes as a handle
        ({"项": ["甲"]}, json.dumps({"项": ["甲"]}, ensure_ascii=False)),
    ],
)
def test_a_drivers_value_becomes_the_text_of_a_file(value: Any, text: str | None) -> None:
    assert as_text(value, "x") == text
