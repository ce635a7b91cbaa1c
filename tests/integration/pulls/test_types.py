"""Values of every kind of column as they come out of real servers: text that the judge takes, exact, NULL as NULL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.base.home import Home
from tests.support.database_servers import DatabaseServer
from tests.support.pulled_feed import Desk, properties, pulled_feed

pytestmark = pytest.mark.usefixtures("login")
# type → (as SQL, as text that must land)
POSTGRES = {
    "n_int": ("bigint", "-9007199254740993", "-9007199254740993"),
    "n_exact": ("numeric(30,6)", "12345678901234567890.5", "12345678901234567890.500000"),
    "n_big": ("double precision", "1e22", "10000000000000000000000"),
    "n_small": ("double precision", "1.5e-7", "0.00000015"),
    "n_real": ("real", "1.1", "1.1"),
    "n_money": ("money", "1234.5", "1234.50"),
    "d": ("date", "'2026-01-02'", "2026-01-02"),
    "t": ("timestamp", "'2026-01-02 03:04:05.5'", "2026-01-02 03:04:05.5"),
    "t_zone": ("timestamptz", "'2026-01-02 20:00:00+00'", "2026-01-03 04:00:00"),
    "b": ("boolean", "false", "false"),
    "c": ("char(6)", "'甲'", "甲"),
    "text": ("text", "'引号\" 逗号, 换行\n''x'''", "引号\" 逗号, 换行\n'x'"),
    "empty": ("text", "''", ""),
    "nothing": ("text", "null", None),
    "j": ("jsonb", """'{"a": 1}'""", '{"a": 1}'),
    "u": ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "hours": ("time", "'08:30:00'", "08:30:00"),
    "list": ("text[]", "array['甲','乙']", "{甲,乙}"),
    "address": ("inet", "'10.1.2.3'", "10.1.2.3/32"),
}
MYSQL = {
    "n_int": ("bigint unsigned", "18446744073709551615", "18446744073709551615"),
    "n_exact": ("decimal(30,6)", "12345678901234567890.5", "12345678901234567890.500000"),
    "n_big": ("double", "1e22", "10000000000000000000000"),
    "n_small": ("double", "1.5e-7", "0.00000015"),
    "n_float": ("float", "1.1", "1.1"),
    "flag": ("tinyint(1)", "1", "1"),
    "bits": ("bit(3)", "5", "5"),
    "d": ("date", "'2026-01-02'", "2026-01-02"),
    "d_zero": ("date", "'0000-00-00'", "0000-00-00"),
    "t": ("datetime(3)", "'2026-01-02 03:04:05.5'", "2026-01-02 03:04:05.500"),
    "t_zero": ("datetime", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
    "t_zone": ("timestamp null", "'2026-01-02 20:00:00'", "2026-01-03 04:00:00"),  # the server's clock is UTC
    "c": ("char(6)", "'甲'", "甲"),
    "long": ("longtext", "'引号\" 逗号, 换行\n''x'' 𠮷'", "引号\" 逗号, 换行\n'x' 𠮷"),
    "latin": ("varchar(20) character set gbk", "'乙级'", "乙级"),
    "empty": ("varchar(10)", "''", ""),
    "nothing": ("varchar(10)", "null", None),
    "e": ("enum('是','否')", "'是'", "是"),
    "j": ("json", """'{"a": 1}'""", '{"a": 1}'),
    "y": ("year", "2026", "2026"),
    "hours": ("time", "'08:30:00'", "08:30:00"),
}
# what pymysql gives through SQLAlchemy; a date of zeros is its text
ANY = {name: MYSQL[name] for name in MYSQL if name not in ("bits", "t_zone", "hours", "t")} | {
    "t": ("datetime(3)", "'2026-01-02 03:04:05.5'", "2026-01-02 03:04:05.500000"),
}


@pytest.fixture
def landed(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., tuple[dict[str, Any], str | None]]:
    """Pull one row of a table with these columns; gives what landed and the pull's note."""

    def pull(kind: str, columns: dict[str, tuple[str, str, Any]]) -> tuple[dict[str, Any], str | None]:
        server: DatabaseServer = request.getfixturevalue("postgres" if kind == "postgres" else "mariadb")
        mark = '"' if kind == "postgres" else "`"
        listed = ", ".join(f"{mark}{name}{mark} {column}" for name, (column, _, _) in columns.items())
        values = ", ".join(value for _, value, _ in columns.values())
        server.execute(
            f"drop table if exists kinds; create table kinds (check_id varchar(9), enterprise_name varchar(9), {listed}); "
            f"insert into kinds values ('1', '甲', {values});"
        )
        entry: dict[str, Any] = {"server": "frontdb", "type": kind, "host": "127.0.0.1", "port": server.port}
        entry |= {"database": server.database, "customProperties": properties(table="kinds")}
        if kind == "sqlalchemy":
            url = f"mysql+pymysql://127.0.0.1:{server.port}/{server.database}?charset=utf8mb4"
            entry = {"server": "frontdb", "type": kind, "customProperties": properties(table="kinds", url=url)}
        desk = Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, entry))
        result = desk.pull()
        assert result.outcome == "landed", result.message
        table = pq.read_table(desk.home.landing / str(result.file))
        assert {str(field.type) for field in table.schema} == {"string"}
        return table.to_pylist()[0], result.message

    return pull


@pytest.mark.parametrize(("kind", "columns"), [("postgres", POSTGRES), ("mysql", MYSQL), ("sqlalchemy", ANY)])
def test_every_kind_of_value_lands_as_exact_text(
    kind: str, columns: dict[str, Any], landed: Callable[..., Any]
) -> None:
    row, _ = landed(kind, columns)
    assert {name: row[name] for name in columns} == {name: text for name, (_, _, text) in columns.items()}


@pytest.mark.parametrize(
    ("kind", "column"),
    [("postgres", "bytea"), ("mysql", "mediumblob"), ("mysql", "varbinary(9)"), ("sqlalchemy", "blob")],
)
def test_a_binary_column_that_no_contract_asks_for_is_left_out_and_told(
    kind: str, column: str, landed: Callable[..., Any]
) -> None:
    row, note = landed(kind, {"照片": (column, "'abc'", None)})
    assert "照片" not in row
    assert "照片" in str(note)


@pytest.mark.parametrize(("kind", "column"), [("postgres", "bytea"), ("mysql", "blob"), ("sqlalchemy", "blob")])
def test_a_binary_column_of_the_contract_is_refused(kind: str, column: str, landed: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match="是二进制，不能按文本收取"):
        landed(kind, {"罚款金额": (column, "'abc'", None)})


def test_dates_of_zeros_come_to_the_steward_and_not_to_the_lake(mariadb: DatabaseServer, tmp_path: Path) -> None:
    mariadb.execute(
        "drop table if exists kinds; create table kinds (check_id int, enterprise_name varchar(9), jcrq date, updated_at datetime); "
        "insert into kinds values (1, '甲', '0000-00-00', '2026-11-20 08:00:00'), (2, '乙', '2026-11-01', '0000-00-00 00:00:00'), "
        "(3, '丙', '2026-11-01', '2026-11-20 08:00:00');"
    )
    entry = {
        "server": "frontdb",
        "type": "mariadb",
        "host": "127.0.0.1",
        "port": mariadb.port,
        "database": mariadb.database,
    }
    custom = properties(table="kinds", cursor={"column": "updated_at", "overlap": "2 d"})
    desk = Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, {**entry, "customProperties": custom}))
    desk.pull()
    [batch] = desk.take_in()
    assert (batch.received, batch.loaded, batch.refused) == (3, 1, 2)
    assert desk.rows() == ["3"]
    assert (
        desk.pull().rows == 2
    )  # the cursor is the greatest real moment; what lies below the overlap is not read again


def test_a_cursor_of_numbers_looks_back_by_numbers(postgres: DatabaseServer, tmp_path: Path) -> None:
    postgres.execute(
        "drop table if exists kinds; create table kinds as select g as id, 'c' || g as check_id, '甲' as enterprise_name "
        "from generate_series(1, 100) g;"
    )
    entry = {
        "server": "frontdb",
        "type": "postgresql",
        "host": "127.0.0.1",
        "port": postgres.port,
        "database": "postgres",
    }
    custom = properties(query="select * from kinds;", cursor={"column": "id", "overlap": "10 ids"})
    desk = Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, {**entry, "customProperties": custom}))
    assert desk.pull().rows == 100
    desk.take_in()
    postgres.execute("insert into kinds values (101, 'c101', '乙');")
    assert desk.pull().rows == 12
    desk.take_in()
    assert len(desk.rows()) == 101


def test_a_cursor_of_zeros_alone_is_no_cursor_yet(mariadb: DatabaseServer, tmp_path: Path) -> None:
    mariadb.execute(
        "drop table if exists kinds; create table kinds (check_id int, enterprise_name varchar(9), updated_at datetime); "
        "insert into kinds values (1, '甲', '0000-00-00 00:00:00');"
    )
    entry = {
        "server": "frontdb",
        "type": "mysql",
        "host": "127.0.0.1",
        "port": mariadb.port,
        "database": mariadb.database,
    }
    custom = properties(table="kinds", cursor={"column": "updated_at", "overlap": "2 d"})
    desk = Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, {**entry, "customProperties": custom}))
    for _ in range(2):
        result = desk.pull()
        assert (result.outcome, result.rows) == ("landed", 1), result.message
        desk.take_in()
