"""What a reader of the published version cannot do: leave the file, write, find paths, change settings, run forever."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from ingest.base.home import Home
from orchestration.lookup.connection import (
    NotPublished,
    QueryFailed,
    QueryTimedOut,
    StatementRefused,
    WarehouseError,
    connect,
    guard,
    query,
)
from orchestration.publish.publishing import publish
from tests.support.small_warehouse import AS_OF, build, result, write_manifest


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("hardened")
    home = Home(folder / "home")
    extra = {"run_id": "r1", "dbt_manifest": str(write_manifest(folder))}
    publish(home, build(folder / "build" / "jgt.duckdb"), AS_OF, [result()], extra)
    return home


CLOSED = [
    "copy core.dim_district to '/tmp/jgt-leak.csv'",
    "select * from read_csv('/etc/passwd')",
    "select * from READ_TEXT('/etc/passwd')",
    "select * from \"read_blob\"('/etc/passwd')",
    "select * from read_text /* hidden */ ('/etc/passwd')",
    "select * from '/etc/passwd'",
    "from glob('/*')",
    "attach '/tmp/jgt-other.duckdb' as other",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '64GB'",
    "set enable_external_access = true",
    "reset lock_configuration",
    "pragma database_list",
    "select * from pragma_database_list",
    "select * from duckdb_settings()",
    "select * from duckdb_databases()",
    "select current_setting('secret_directory')",
    "call enable_logging(storage = 'file')",
    "insert into core.dim_district values ('1', '2', '3')",
    "update core.dim_district set area_name = ''",
    "delete from core.dim_district",
    "drop table core.dim_district",
    "create table core.mine as select 1",
    "create temp table mine as select 1",
    "checkpoint",
    "export database '/tmp/jgt-leak'",
    "select * from query('select * from duckdb_settings()')",
    "select repeat('x', 900000000)",
    "select repeat/**/('x', 900000000)",
    "select lpad/* width */('x', 900000000)",
    "select 'x'.repeat(900000000)",
    "select len(range(80000000))",
    "select len( generate_series /* hidden */ (1, 80000000))",
    "select length(format('{:>500000000}', 'x'))",
    "select 1; select 2",
    "explain analyze create table core.mine as select 1",
    "explain pragma database_list",
    "",
]


@pytest.mark.parametrize("statement", CLOSED)
def test_a_closed_door_is_closed_and_says_so_in_chinese(home: Home, statement: str) -> None:
    with pytest.raises(WarehouseError) as refused:
        query(home, statement)
    assert re.search(r"[一-鿿]", str(refused.value))
    assert str(home.root) not in str(refused.value)
    assert not Path("/tmp/jgt-leak.csv").exists()


# The guard is the first door. These show that the second, DuckDB's own settings, is shut as well.
@pytest.mark.parametrize(
    "statement",
    [
        "copy core.dim_district to '/tmp/jgt-leak.csv'",
        "select * from read_csv('/etc/passwd')",
        "attach '/tmp/jgt-other.duckdb' as other",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '64GB'",
        "insert into core.dim_district values ('1', '2', '3')",
        "export database '/tmp/jgt-leak'",
    ],
)
def test_the_settings_hold_without_the_guard(home: Home, statement: str) -> None:
    with connect(home) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement)
        connection.fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from accident.fct_accident",
        "with a as (select 1 as x) select x from a",
        "from core.dim_district select area_name",
        "describe accident.fct_accident",
        "show all tables",
        "summarize core.dim_district",
        "explain select 1",
        "explain analyze select count(*) from accident.fct_accident",
        "-- 说明\nselect '字符串里的 read_csv 和 repeat 不算', '；' ;",
        "select 1 as format, sum(deaths) over (order by month_start range between unbounded preceding and current row) "
        "from accident.fct_accident limit 1",
        "select \"deaths\" from accident.fct_accident where accident_id = '事故''1'",
    ],
)
def test_reading_is_open(home: Home, statement: str) -> None:
    query(home, statement)


def test_values_come_with_their_names(home: Home) -> None:
    names, rows = query(home, "select area_code, area_name from core.dim_district where area_code = ?", ["320102"])
    assert (names, rows) == (["area_code", "area_name"], [("320102", "玄武区")])


def test_a_query_without_end_is_stopped_in_time(home: Home) -> None:
    facts = "accident.fct_accident"
    endless = f"select count(*) from {facts} a, {facts} b, {facts} c where hash(a.deaths + b.deaths * c.deaths) = 0"
    with pytest.raises(QueryTimedOut, match=r"超过 0\.3 秒"):
        query(home, endless, timeout_seconds=0.3)
    assert query(home, "select 1") == (["1"], [(1,)])


def test_a_wrong_name_is_explained(home: Home) -> None:
    with pytest.raises(QueryFailed, match="没有这个表"):
        query(home, "select * from accident.fct_nothing")


def test_a_statement_of_unreasonable_length_is_refused() -> None:
    with pytest.raises(StatementRefused, match="超过"):
        guard("select " + "1," * 60_000 + "1")


def test_before_the_first_publication_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotPublished, match="jgt run"):
        query(Home(tmp_path), "select 1")
