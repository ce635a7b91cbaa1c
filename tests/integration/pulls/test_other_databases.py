"""The way for any other database, against a real PostgreSQL: what 人大金仓 is asked, whose protocol and SQL are PostgreSQL's.

No driver that SQLAlchemy knows of is installed for it, so the dialect here speaks through ADBC: the SQL and its quoting are
what psycopg2 and ksycopg2 would send; what those make of values that come back is not tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect

from ingest.base.home import Home
from tests.support.database_servers import SECRET, DatabaseServer
from tests.support.pulled_feed import Desk, properties, pulled_feed

pytestmark = pytest.mark.usefixtures("login")


class ThroughAdbc(PGDialect):
    """PostgreSQL's dialect over the driver that is here."""

    driver = "adbc"
    default_paramstyle = "numeric_dollar"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """The driver."""
        from adbc_driver_postgresql import dbapi

        return dbapi

    def create_connect_args(self, url: Any) -> tuple[list[Any], dict[str, Any]]:
        """One address with user and password."""
        return [url.set(drivername="postgresql").render_as_string(hide_password=False)], {}

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """Not asked for: it would be, around the statement below."""
        return "READ COMMITTED"

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Values written into the statement, as psycopg2 and ksycopg2 do; SHOW cannot be copied out."""
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
        cursor.execute(statement % {name: _quoted(value) for name, value in (parameters or {}).items()})


def _quoted(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


registry.register("kingbase.adbc", __name__, "ThroughAdbc")


@pytest.fixture
def checks(postgres: DatabaseServer) -> Iterator[DatabaseServer]:
    """A table as 金仓 in Oracle's mode has it: names in capitals, one column in Chinese, moments with a zone."""
    postgres.execute(
        'drop table if exists "CHECKS"; create table "CHECKS" ("CHECK_ID" numeric(12,0), "ENTERPRISE_NAME" varchar(90), '
        '"JCRQ" date, "检查结论" text, "GXSJ" timestamptz)'
    )
    yield postgres
    postgres.execute('drop table "CHECKS"')


def desk_for(server: DatabaseServer, folder: Path, **custom: Any) -> Desk:
    url = f"kingbase+adbc://127.0.0.1:{server.port}/{server.database}"
    entry = {"server": "frontdb", "type": "sqlalchemy", "customProperties": properties(url=url, **custom)}
    return Desk(Home(folder / "home"), pulled_feed(folder, entry))


def fill(server: DatabaseServer, *rows: tuple[int, str | None]) -> None:
    for number, moment in rows:
        at = f"'{moment}+08'" if moment else "null"
        server.execute(f"insert into \"CHECKS\" values ({number}, '企业{number}', '2026-11-01', '合格：无', {at})")


def test_capitals_chinese_names_and_moments_with_a_zone_go_the_way_of_any_database(
    checks: DatabaseServer, tmp_path: Path
) -> None:
    fill(checks, (1, "2026-11-01 08:00:00"), (2, "2026-11-20 09:30:00"), (3, None))
    desk = desk_for(checks, tmp_path, table="CHECKS", cursor={"column": "gxsj", "overlap": "2 d"})
    first = desk.pull()
    assert (first.outcome, first.rows) == ("landed", 3), first.message
    desk.take_in()
    assert desk.rows("check_id, checked_on::varchar") == [(str(n), "2026-11-01") for n in (1, 2, 3)]
    # 07:00 of the 18th in the city is the 17th in UTC, the server's clock, and outside of the overlap's two days
    fill(checks, (4, "2026-11-18 10:00:00"), (5, None), (6, "2026-11-21 00:00:01"))
    second = desk.at(datetime(2026, 11, 23, 5, 30)).pull()
    assert (second.outcome, second.rows) == ("landed", 5), second.message  # 2, 4, 6 and those without a cursor
    desk.at(datetime(2026, 11, 23, 5, 30)).take_in()
    assert sorted(set(desk.rows())) == ["1", "2", "3", "4", "5", "6"]


def test_a_query_with_colons_and_per_cents_is_sent_as_it_is(checks: DatabaseServer, tmp_path: Path) -> None:
    fill(checks, (1, "2026-11-01 08:00:00"))
    query = (
        """select "CHECK_ID"::text as check_id, "ENTERPRISE_NAME" as enterprise_name, ' :bz' as bz from "CHECKS" """
        """where "检查结论" like '%：%' and to_char("GXSJ", 'HH24:MI') <> ':x'"""
    )
    desk = desk_for(checks, tmp_path, query=query)
    assert desk.pull().outcome == "landed"
    desk.take_in()
    assert desk.rows("check_id, enterprise_name") == [("1", "企业1")]


def test_what_is_not_there_is_said_and_the_password_is_not(checks: DatabaseServer, tmp_path: Path) -> None:
    query = 'select nosuch, "CHECK_ID" as check_id, "ENTERPRISE_NAME" as enterprise_name from "CHECKS"'
    for custom, said in (({"table": "NOSUCH"}, "对方没有表 NOSUCH"), ({"query": query}, "对方没有所查的列")):
        failed = desk_for(checks, tmp_path / said, **custom).pull()
        assert failed.outcome == "failed"
        assert said in str(failed.message)
        assert SECRET not in str(failed.message)
