"""`jgt feed new` on an interface and on any database: the contract it writes pulls the same rows, and holds no secret."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.base.home import Home
from ingest.feeds.loading import load_feed
from ingest.feeds.servers import Database, Interface
from ingest.pulls.pull import pull
from tests.support.exchange_platform import check, exchange_platform
from tests.support.pulled_feed import NOW

TOKEN = "t0p-s3cret"


def feed_new(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Draft the feed tyj.checks; its contract."""
    command = [str(Path(sys.executable).with_name("jgt")), "feed", "new", *arguments, "--department", "tyj"]
    command += ["--name", "checks", "--subject", "none", "--into", str(folder / "own")]
    environment = {
        **os.environ,
        "JGT_HOME": str(folder / "home"),
        "JGT_LANG": "zh",
        "JGT_SECRET_TYJ_SOURCE_TOKEN": TOKEN,
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done, folder / "own" / "tyj" / "checks.yaml"


def test_an_interface_becomes_a_contract_that_pulls_every_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with exchange_platform() as platform:
        platform.rows = [check(number) for number in range(1, 26)]
        platform.good_tokens = {TOKEN}
        done, contract = feed_new(tmp_path, f"{platform.url}?pageNum=1&pageSize=10", "--pull")
        assert done.returncode == 0, done.stderr
        feed = load_feed(contract)
        [interface] = feed.pulls
        assert isinstance(interface, Interface)
        assert TOKEN not in contract.read_text("utf-8") + done.stdout + done.stderr
        monkeypatch.setenv("JGT_SECRET_TYJ_SOURCE_TOKEN", TOKEN)
        [result] = pull(Home(tmp_path / "home"), feed, now=NOW)
        assert (result.outcome, result.rows) == ("landed", 25), result.message


def test_any_database_that_sqlalchemy_reaches_becomes_a_contract(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as database:
        database.execute("create table checks (check_id text, enterprise_name text, updated_at timestamp)")
        database.executemany(
            "insert into checks values (?, ?, ?)",
            [(f"J{n}", f"企业{n}", f"2026-11-{n:02} 08:00:00") for n in range(1, 20)],
        )
    done, contract = feed_new(tmp_path, f"sqlite:///{tmp_path}/old.db?table=checks")
    assert done.returncode == 0, done.stderr
    [database_pull] = load_feed(contract).pulls
    assert isinstance(database_pull, Database)
    assert (database_pull.url, database_pull.table) == (f"sqlite:///{tmp_path}/old.db", "checks")


def test_a_dsn_whose_parameters_hold_a_secret_is_not_written(tmp_path: Path) -> None:
    done, contract = feed_new(tmp_path, f"oracle+oracledb://u@10.1.2.3/x?password={TOKEN}", "--table", "checks")
    assert done.returncode == 1
    assert not contract.exists()
    assert TOKEN not in done.stdout + done.stderr
