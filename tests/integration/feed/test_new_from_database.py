"""`jgt feed new` on a department's own database: the contract can pull from it, and no password is in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.feeds.loading import load_feed
from ingest.feeds.servers import Database
from tests.support.database_servers import SECRET, DatabaseServer

TABLE = """
create table venue (场馆编号 varchar(20), 场馆名称 varchar(60), 检查日期 date, 发现隐患数 int, 更新时间 timestamp);
"""
ROWS = "".join(
    f"insert into venue values ('CG{i:04}', '第{i}游泳馆', '2026-11-{i % 28 + 1:02}', {i % 4}, '2026-11-20 08:{i:02}:00');\n"
    for i in range(30)
)


@pytest.fixture(params=["postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> Iterator[tuple[str, DatabaseServer]]:
    """A table of venues on a real server, which the puller may read."""
    kind = request.param
    server: DatabaseServer = request.getfixturevalue("postgres" if kind == "postgresql" else "mariadb")
    grant = "grant select on venue to puller;" if kind == "postgresql" else ""
    server.execute("drop table if exists venue;" + TABLE + ROWS + grant)
    yield kind, server
    server.execute("drop table venue;")


def test_a_table_becomes_a_contract_that_can_pull_it(database: tuple[str, DatabaseServer], tmp_path: Path) -> None:
    kind, server = database
    dsn = f"{kind}://puller@127.0.0.1:{server.port}/{server.database}"
    command = [str(Path(sys.executable).with_name("jgt")), "feed", "new", dsn, "--table", "venue"]
    command += ["--department", "tyj", "--name", "venue", "--subject", "none", "--into", str(tmp_path / "own")]
    environment = {
        **os.environ,
        "JGT_HOME": str(tmp_path / "home"),
        "JGT_LANG": "zh",
        "JGT_SECRET_TYJ_SOURCE_PASSWORD": SECRET,
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert "入库 30，退回 0" in done.stdout
    contract = tmp_path / "own" / "tyj" / "venue.yaml"
    feed = load_feed(contract)
    [pull] = feed.pulls
    assert isinstance(pull, Database)
    assert (pull.table, pull.port, pull.database) == ("venue", server.port, server.database)
    assert pull.cursor is not None
    assert pull.cursor.column == "更新时间"
    assert [c.logical_type for c in feed.columns] == ["string", "string", "date", "integer", "timestamp"]
    assert SECRET not in contract.read_text("utf-8") + done.stdout + done.stderr


def test_a_refused_login_says_what_to_do_and_shows_no_password(
    database: tuple[str, DatabaseServer], tmp_path: Path
) -> None:
    kind, server = database
    dsn = f"{kind}://puller:wrong-secret@127.0.0.1:{server.port}/{server.database}?table=venue"
    command = [
        str(Path(sys.executable).with_name("jgt")),
        "feed",
        "new",
        dsn,
        "--department",
        "tyj",
        "--into",
        str(tmp_path),
    ]
    environment = {**os.environ, "JGT_HOME": str(tmp_path / "home"), "JGT_LANG": "zh"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert done.stderr.startswith("✘ ")
    assert "wrong-secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.yaml"))
