"""Closed functions are found however they are written; ordinary questions and our own cards pass."""

from __future__ import annotations

import pytest

from dashboards.published.statement_guard import closed_functions


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("select repeat('x', 900000000)", "repeat"),
        ("select lpad('x', 900000000, 'y')", "lpad"),
        ("select REPEAT ('x', 9)", "repeat"),
        ("select \"repeat\"('x', 9)", "repeat"),
        ("select 'x'.repeat(9)", "repeat"),
        ("select main.repeat('x', 9)", "repeat"),
        ("select repeat/* quietly */('x', 9)", "repeat"),
        ("from duckdb_settings", "duckdb_settings"),
        ("select * from duckdb_databases()", "duckdb_databases"),
        ("pragma database_list", "pragma"),
        ("call enable_logging(storage='file')", "enable_logging"),
        ("select format('{:>900000000}', 1)", "format"),
        ("select format('{:,}' || repeat(' ', 9), 1)", "repeat"),
        ("select printf('%900000000d', 1)", "printf"),
        ("select 1; select getenv('HOME')", "getenv"),
    ],
)
def test_closed_functions_are_found(sql: str, name: str) -> None:
    assert name in closed_functions(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select 'repeat(1)' as text -- repeat(2)",
        "select sum(accidents) over (order by month_start range between unbounded preceding and current row) from t",
        'select "range", format from t',
        "select coalesce(format('{:,}', cast(sum(x) as bigint)), '—'), printf('%.1f%%', 100.0 * avg(y)) from t",
        "select format('{:,.2f}', 1.0), printf('%.4f', 2.0)",
        "SELECT FORMAT(\n  '{:,}', 1\n), PRINTF('%%.1f%%%%', 2.0)",
        "select '退回' as 状态, strftime(month_start, '%Y年%m月') from t",
    ],
)
def test_ordinary_questions_pass(sql: str) -> None:
    assert closed_functions(sql) == set()
