"""A feed pulled from a real PostgreSQL and a real MariaDB: every row once, as it is, also when the source misbehaves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest

from ingest.base.home import Home
from ingest.pulls import pull as pull_module
from ingest.pulls.landing_file import LandingFile
from ingest.pulls.pull import has_waiting, is_due, pull, pull_window
from ingest.storage.freshness import freshness
from ingest.storage.ledger import Ledger
from tests.support.database_servers import DatabaseServer
from tests.support.pulled_feed import NOW, Desk, day, properties, pulled_feed

Kind = Literal["postgres", "mysql", "sqlalchemy"]
CURSOR = {"column": "updated_at", "overlap": "2 d"}
COLUMNS = "check_id, enterprise_name, jcrq, fine, passed, updated_at"
TYPES = {
    "postgres": "check_id bigint, enterprise_name text, jcrq date, fine numeric(18,2), passed boolean, updated_at timestamp",
    "mysql": "check_id bigint, enterprise_name varchar(200), jcrq date, fine decimal(18,2), passed tinyint(1), updated_at datetime",
}
pytestmark = pytest.mark.usefixtures("login")


@dataclass(frozen=True)
class Source:
    """A server with one table of checks, and how a contract speaks of it."""

    kind: Kind
    server: DatabaseServer
    table: str

    def fill(self, *rows: tuple[int, str | None]) -> None:
        """Add checks: number and time of change ('NULL' for none)."""
        moments = {number: f"'{at}'" if at else "null" for number, at in rows}
        values = ", ".join(
            f"({number}, '企业{number}', '2026-11-01', 12.50, {self.true}, {at})" for number, at in moments.items()
        )
        self.server.execute(f"insert into {self.table} ({COLUMNS}) values {values};")

    @property
    def true(self) -> str:
        """The word for true."""
        return "true" if self.kind == "postgres" else "1"

    def contract(self, **more: Any) -> dict[str, Any]:
        """Its entry in the contract; `more` goes to customProperties."""
        custom = {"table": self.table, "cursor": CURSOR, **more}
        if self.kind == "sqlalchemy":
            url = f"mysql+pymysql://127.0.0.1:{self.server.port}/{self.server.database}?charset=utf8mb4"
            return {"server": "frontdb", "type": "sqlalchemy", "customProperties": properties(url=url, **custom)}
        return {
            "server": "frontdb",
            "type": self.kind,
            "host": "127.0.0.1",
            "port": self.server.port,
            "database": self.server.database,
            "customProperties": properties(**{k: v for k, v in custom.items() if v is not None}),
        }


@pytest.fixture(params=["postgres", "mysql", "sqlalchemy"])
def source(request: pytest.FixtureRequest) -> Source:
    """An empty table of checks in each kind of server."""
    kind: Kind = request.param
    server = request.getfixturevalue("postgres" if kind == "postgres" else "mariadb")
    server.execute(
        f"drop table if exists checks; create table checks ({TYPES['postgres' if kind == 'postgres' else 'mysql']});"
    )
    return Source(kind, server, "checks")


@pytest.fixture
def desk_for(tmp_path: Path) -> Callable[..., Desk]:
    """An operator's desk for a source; arguments go to its customProperties."""

    def desk(source: Source, **more: Any) -> Desk:
        return Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, source.contract(**more)))

    return desk


def test_the_first_pull_is_everything_and_reaches_the_lake(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.fill((1, "2019-01-01 08:00:00"), (2, "2026-11-20 09:30:00"))
    desk = desk_for(source)
    result = desk.pull()
    assert (result.outcome, result.rows) == ("landed", 2), result.message
    assert desk.landed() == ["抽查记录_frontdb_20261122T053000.parquet"]
    [batch] = desk.take_in()
    assert (batch.received, batch.loaded) == (2, 2)
    assert desk.rows("check_id, enterprise_name, checked_on, fine, passed, updated_at") == [
        ("1", "企业1", day(1), Decimal("12.50"), True, datetime(2019, 1, 1, 8)),
        ("2", "企业2", day(1), Decimal("12.50"), True, datetime(2026, 11, 20, 9, 30)),
    ]


def test_late_rows_and_rows_without_a_cursor_are_not_missed(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.fill((1, "2026-11-20 09:00:00"), (2, None))
    desk = desk_for(source)
    desk.pull()
    desk.take_in()
    # comes after the pull, but bears an earlier time than what was pulled
    source.fill((3, "2026-11-19 12:00:00"), (4, "2026-11-22 06:00:00"), (5, None))
    later = desk.at(NOW + timedelta(days=1))
    assert later.pull().outcome == "landed"
    [batch] = later.take_in()
    assert (batch.received, batch.loaded, batch.duplicate) == (5, 3, 2)
    assert desk.rows() == ["1", "2", "3", "4", "5"]


def test_only_the_overlap_is_read_again(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.fill((1, "2026-11-01 09:00:00"), (2, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    desk.pull()
    desk.take_in()
    source.fill((3, "2026-11-22 08:00:00"))
    assert desk.at(NOW + timedelta(days=1)).pull().rows == 2


def test_a_row_that_comes_later_than_the_overlap_is_noticed_and_pulled(
    source: Source, desk_for: Callable[..., Desk]
) -> None:
    source.fill((1, "2026-11-01 09:00:00"), (2, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    desk.pull()
    desk.take_in()
    source.fill((3, "2026-10-01 09:00:00"))
    later = desk.at(NOW + timedelta(days=1))
    result = later.pull()
    assert "1 行晚到" in str(result.message)
    later.take_in()
    assert desk.rows() == ["1", "2", "3"]


def test_a_changed_row_is_a_second_version(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.fill((1, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    desk.pull()
    desk.take_in()
    source.server.execute("update checks set fine = 99, updated_at = '2026-11-22 10:00:00';")
    later = desk.at(NOW + timedelta(days=1))
    later.pull()
    later.take_in()
    assert desk.rows("check_id, fine") == [("1", Decimal("12.50")), ("1", Decimal("99.00"))]


def test_a_clock_that_is_wrong_does_not_stop_the_rows_after_it(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.fill((1, "2099-12-31 00:00:00"))
    desk = desk_for(source)
    desk.pull()
    desk.take_in()
    source.fill((2, "2026-11-22 08:00:00"))
    later = desk.at(NOW + timedelta(days=1))
    later.pull()
    later.take_in()
    assert desk.rows() == ["1", "2"]


def test_a_crash_between_pull_and_intake_neither_loses_nor_doubles(
    source: Source, desk_for: Callable[..., Desk]
) -> None:
    source.fill((1, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    desk.pull()
    assert has_waiting(desk.home, desk.feed)
    source.fill((2, "2026-11-22 04:00:00"))
    again = desk.at(NOW + timedelta(hours=1))
    assert again.pull().outcome == "waiting"
    again.take_in()
    assert again.pull().outcome == "landed"
    again.take_in()
    assert desk.rows() == ["1", "2"]


def test_a_crash_before_the_ledger_knows_of_the_file_doubles_nothing(
    source: Source, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    source.fill((1, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    with monkeypatch.context() as patch:
        patch.setattr(pull_module.PullHistory, "landed", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.pull()
    assert desk.at(NOW + timedelta(minutes=1)).pull().outcome == "landed"
    batches = desk.take_in()
    assert sum(b.received for b in batches) == 2
    assert sum(b.duplicate for b in batches) == 1
    assert desk.rows() == ["1"]


def test_a_pull_that_was_killed_leaves_nothing_that_is_taken_in(
    source: Source, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    source.fill((1, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    with monkeypatch.context() as patch:  # neither finished nor tidied up, as after a kill
        patch.setattr(LandingFile, "drop", lambda _: None)
        patch.setattr(LandingFile, "finish", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            desk.pull()
    assert [name[0] for name in desk.landed()] == ["."]
    assert desk.take_in() == []
    assert desk.at(NOW + timedelta(minutes=1)).pull().outcome == "landed"
    assert len(desk.landed()) == 1


def test_a_refused_file_does_not_move_the_cursor_on(
    source: Source, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    source.fill((1, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    desk.pull()
    desk.take_in()
    source.fill((2, "2026-11-22 04:00:00"))
    later = desk.at(NOW + timedelta(days=1))
    later.pull()
    [file] = [p for p in (desk.home.landing / "yjgl" / "check").iterdir() if "20261123" in p.name]
    file.write_bytes(b"PAR1 and then nothing")
    [refused] = later.take_in()
    assert refused.status == "refused"
    source.fill((3, "2026-12-15 04:00:00"))
    month_later = desk.at(datetime(2026, 12, 20, 5, 30))
    month_later.pull()
    month_later.take_in()
    assert desk.rows() == ["1", "2", "3"]


def test_no_news_is_a_delivery_that_keeps_the_feed_fresh(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.fill((1, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    for days in range(3):
        moment = desk.at(NOW + timedelta(days=days))
        assert is_due(desk.home, desk.feed, moment.now)
        moment.pull()
        [batch] = moment.take_in()
        assert not is_due(desk.home, desk.feed, moment.now)
        assert (batch.received, batch.duplicate) == (1, 1 if days else 0)
    with Ledger(desk.home.ledger) as ledger:
        [state] = freshness({desk.feed.id: desk.feed}, ledger, NOW + timedelta(days=2, hours=3))
    assert (state["state"], state["last_batch"]) == ("fresh", day(24))


def test_an_empty_table_is_a_report_of_nothing(source: Source, desk_for: Callable[..., Desk]) -> None:
    desk = desk_for(source)
    assert desk.pull().rows == 0
    [batch] = desk.take_in()
    assert (batch.status, batch.received) == ("loaded", 0)


def test_a_window_of_days_is_pulled_again_and_leaves_the_cursor(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.fill((1, "2026-10-05 23:59:59"), (2, "2026-10-06 00:00:00"), (3, "2026-11-20 09:00:00"), (4, None))
    desk = desk_for(source)
    [result] = pull_window(desk.home, desk.feed, datetime(2026, 10, 1).date(), datetime(2026, 10, 5).date(), now=NOW)
    assert result.rows == 2
    desk.take_in()
    assert desk.rows() == ["1", "4"]
    assert desk.at(NOW + timedelta(minutes=1)).pull().rows == 4


def test_columns_that_no_contract_knows_come_along(source: Source, desk_for: Callable[..., Desk]) -> None:
    source.server.execute("alter table checks add column 新增列 varchar(20) default 'x';")
    source.fill((1, "2026-11-20 09:00:00"))
    desk = desk_for(source)
    desk.pull()
    [batch] = desk.take_in()
    with Ledger(desk.home.ledger) as ledger:
        changes = {(c["column_name"], c["change_kind"]) for c in ledger.changes()}
    assert batch.loaded == 1
    assert ("新增列", "EXTRA_COLUMN") in changes


@pytest.mark.parametrize(
    ("more", "why", "todo"),
    [
        ({"table": "nowhere"}, "没有表 nowhere", "更正合同里的 table"),
        ({"cursor": {"column": "gone", "overlap": "2 d"}}, "没有游标列 gone", "cursor.column"),
        ({"cursor": {"column": "enterprise_name", "overlap": "2 d"}}, "日期或时间", "改用合适的列"),
        (
            {"table": None, "query": "select check_id, jcrq, updated_at from checks"},
            "没有合同要求的列：企业名称",
            "synonyms",
        ),
    ],
)
def test_what_is_not_there_is_named_with_what_to_do(
    source: Source, desk_for: Callable[..., Desk], more: dict[str, Any], why: str, todo: str
) -> None:
    if source.kind == "sqlalchemy" and more.get("table", "") is None:
        more = {**more, "table": ""}
    result = desk_for(source, **more).pull()
    assert result.outcome == "failed"
    assert why in str(result.message)
    assert todo in str(result.message)


def test_a_table_we_may_not_read_is_not_there_for_us(source: Source, desk_for: Callable[..., Desk]) -> None:
    desk = desk_for(source)
    if source.kind == "postgres":
        source.server.execute("revoke pg_read_all_data from puller;")
    else:
        source.server.execute("revoke select on *.* from puller@'127.0.0.1'; grant usage on *.* to puller@'127.0.0.1';")
    try:
        result = desk.pull()
    finally:
        back = (
            "grant pg_read_all_data to puller;"
            if source.kind == "postgres"
            else "grant select on *.* to puller@'127.0.0.1';"
        )
        source.server.execute(back)
    assert result.outcome == "failed"
    assert "请" in str(result.message)


def test_a_wrong_password_is_said_at_once_and_never_shown(
    source: Source, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONTDB_PASSWORD", "不对-but-secret")
    result = desk_for(source).pull()
    assert result.outcome == "failed"
    assert "JGT_SECRET_YJGL_FRONTDB_PASSWORD" in str(result.message)
    assert "but-secret" not in str(result.message)


def test_a_server_that_is_down_is_said(source: Source, desk_for: Callable[..., Desk], tmp_path: Path) -> None:
    down = Source(source.kind, replace(source.server, port=1), source.table)
    result = desk_for(down).pull()
    assert result.outcome == "failed"
    assert "连不上 127.0.0.1:1" in str(result.message)
    with sqlite3.connect(tmp_path / "home" / "lake" / "ledger.sqlite") as ledger:
        assert ledger.execute("select outcome from pull").fetchall() == [("failed",)]


@pytest.mark.parametrize("kind", ["postgres", "mysql", "sqlalchemy"])
def test_a_server_that_dies_in_the_middle_leaves_nothing_behind(
    kind: Kind, desk_for: Callable[..., Desk], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: DatabaseServer = request.getfixturevalue("postgres_to_kill" if kind == "postgres" else "mariadb_to_kill")
    numbers = "generate_series(1, 400000) as seq" if kind == "postgres" else "seq_1_to_400000"
    text = "repeat('甲', 60)"
    server.execute(
        f"create table checks as select seq as check_id, {text} as enterprise_name, date '2026-11-01' as jcrq, "
        f"12.5 as fine, timestamp '2026-11-20 09:00:00' as updated_at from {numbers};"
    )
    desk = desk_for(Source(kind, server, "checks"))
    write = LandingFile.write
    batches = 0

    def kill_after_two(self: LandingFile, batch: Any) -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            server.kill()
        write(self, batch)

    monkeypatch.setattr(LandingFile, "write", kill_after_two)
    result = desk.pull()
    assert batches >= 2
    assert result.outcome == "failed"
    assert "中途断开" in str(result.message)
    assert desk.landed() == []
    assert desk.take_in() == []


def test_a_million_rows_take_no_more_memory_than_a_hundred_thousand(
    postgres: DatabaseServer, desk_for: Callable[..., Desk]
) -> None:
    postgres.execute(
        "drop table if exists checks; create table checks as select g as check_id, '企业' || g as enterprise_name, "
        "date '2026-11-01' as jcrq, 12.5 as fine, timestamp '2026-11-20' as updated_at, md5(g::text) as a "
        "from generate_series(1, 1000000) g;"
    )
    process = psutil.Process()
    query = "select * from checks where check_id <= {}"
    source = Source("postgres", postgres, "checks")
    desk_for(source, table=None, query=query.format(100_000)).pull()
    before = process.memory_info().rss
    peak = 0
    write = LandingFile.write

    def watched(self: LandingFile, batch: Any) -> None:
        nonlocal peak
        peak = max(peak, process.memory_info().rss)
        write(self, batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LandingFile, "write", watched)
        desk = desk_for(source, table=None, query=query.format(1_000_000))
        [result] = pull(desk.home, desk.feed, everything=True, now=NOW + timedelta(days=1))
    assert result.outcome == "waiting"
    desk.take_in()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LandingFile, "write", watched)
        [result] = pull(desk.home, desk.feed, everything=True, now=NOW + timedelta(days=1))
    assert result.rows == 1_000_000, result.message
    assert peak - before < 100e6
