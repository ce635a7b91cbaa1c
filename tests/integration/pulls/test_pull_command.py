"""What an operator and a run meet of pulls: the command, the status, the asset that pulls first; no secret anywhere."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from ingest.base.home import Home
from ingest.pulls import rest_call
from ingest.pulls.pull import is_due, pull
from ingest.storage.ledger import Ledger
from orchestration.feed.catalogue import form
from orchestration.run import daily, intake_assets
from orchestration.run.daily_resource import DailyRun
from orchestration.run.pulling import failed_pull_lines
from quality.outcome import is_blocking
from quality.pull_results import judge_pulls
from tests.support.database_servers import SECRET, DatabaseServer
from tests.support.exchange_platform import CLIENT_SECRET, TOKEN, Answer, Platform, check, exchange_platform
from tests.support.pulled_feed import NOW, Desk, properties, pulled_feed

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def platform() -> Iterator[Platform]:
    with exchange_platform() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A feed that is pulled from the platform, in an installation of its own."""
    monkeypatch.setattr(rest_call, "pause", lambda _: None)
    monkeypatch.setenv("JGT_CONTRACTS", str(tmp_path))
    custom = {"records": "data.list", "total": "data.total", "timeout": 1, "attempts": 2}
    server = {"server": "platform", "type": "api", "location": platform.url, "customProperties": properties(**custom)}
    feed = pulled_feed(tmp_path, server)
    return Desk(Home(tmp_path / "home"), feed)


def jgt(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "JGT_HOME": str(home.root), "JGT_LANG": "zh", "COLUMNS": "200"}
    command = [str(Path(sys.executable).with_name("jgt")), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)


def run_asset(desk: Desk) -> dg.ExecuteInProcessResult:
    """The feed's asset as a run executes it."""
    feeds = {desk.feed.id: desk.feed}
    assets = intake_assets.intake_assets(desk.home, feeds)
    [wanted] = [a for a in assets if intake_assets.feed_key(desk.feed) in a.keys]
    instance = dg.DagsterInstance.ephemeral()
    return dg.materialize(
        [wanted],
        resources={"daily": DailyRun(home=str(desk.home.root), date="2026-11-21")},
        instance=instance,
        raise_on_error=False,
    )


def test_the_command_lands_the_rows_and_says_what_is_next(platform: Platform, desk: Desk) -> None:
    platform.rows = [check(1), check(2)]
    done = jgt(desk.home, "pull", "yjgl.check")
    assert done.returncode == 0, done.stderr
    assert "抽查记录（yjgl.check）从 platform 拉取 2 行" in done.stdout
    assert len(desk.landed()) == 1
    again = jgt(desk.home, "pull", "yjgl.check")
    assert "请先运行 jgt run" in again.stdout


def test_a_failed_pull_ends_the_command_with_1_and_shows_in_the_status(platform: Platform, desk: Desk) -> None:
    platform.page = lambda *_: Answer({}, status=403)
    done = jgt(desk.home, "pull")
    assert done.returncode == 1
    assert "HTTP 403" in done.stdout
    told = json.loads(jgt(desk.home, "status", "--json").stdout)
    [row] = told["pulls"]
    assert (row["feed"], row["server"], row["outcome"]) == ("yjgl.check", "platform", "failed")
    assert "HTTP 403" in jgt(desk.home, "status").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pull", "no.such"), "没有数据 no.such"),
        (("pull", "yjgl.inspection"), "servers"),
        (("pull", "yjgl.check", "--from", "2026-11-01"), "--from 与 --to"),
        (("pull", "yjgl.check", "--from", "2026-11-02", "--to", "2026-11-01"), "--from 与 --to"),
    ],
)
def test_a_slip_of_the_operator_is_said(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    done = jgt(desk.home, *arguments)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_run_pulls_first_and_then_takes_in(platform: Platform, desk: Desk) -> None:
    platform.rows = [check(1), check(2)]
    assert run_asset(desk).success
    assert desk.rows() == ["1", "2"]
    assert not is_due(desk.home, desk.feed)
    assert run_asset(desk).success
    assert len(platform.calls) == 1  # once a period is enough


def test_a_pull_that_is_due_is_a_reason_to_run(platform: Platform, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else is as published, and no file is new."""
    feeds = {desk.feed.id: desk.feed}
    monkeypatch.setattr(daily, "served_day", lambda _: NOW.date())
    assert not daily.is_up_to_date(desk.home, NOW.date(), feeds)
    platform.rows = [check(1)]
    assert run_asset(desk).success
    assert daily.is_up_to_date(desk.home, NOW.date(), feeds)
    assert form(desk.feed) == "接口"


def test_a_server_that_does_not_answer_is_asked_again_and_then_left_to_the_next_run(
    platform: Platform, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_assets, "_RETRY_AFTER_SECONDS", 0)
    platform.page = lambda *_: Answer({}, status=503)
    assert run_asset(desk).success
    assert len(platform.calls) == 3 * 2  # the run tries three times, each pull twice
    assert len(failed_pull_lines(desk.home)) == 1


def test_a_pull_that_a_broken_run_left_is_taken_in_before_the_next_one(platform: Platform, desk: Desk) -> None:
    platform.rows = [check(1)]
    pull(desk.home, desk.feed)
    platform.rows = [check(1), check(2)]
    assert run_asset(desk).success
    assert desk.rows() == ["1"]  # the pull of this period was made; the next one brings the rest


def test_a_failed_pull_does_not_fail_the_run_and_is_a_warning_in_its_verdict(platform: Platform, desk: Desk) -> None:
    platform.page = lambda *_: Answer({}, status=404)
    assert run_asset(desk).success
    assert is_due(desk.home, desk.feed)
    [line] = failed_pull_lines(desk.home)
    assert "抽查记录（yjgl.check）从 platform 拉取失败" in line
    [result] = judge_pulls(desk.home, {desk.feed.id: desk.feed}, "run-1")
    assert (result.outcome, result.severity, is_blocking(result)) == ("fail", "warn", False)
    assert "HTTP 404" in result.message


def _everything_written(home: Home) -> Iterator[tuple[str, bytes]]:
    for path in home.root.rglob("*"):
        if path.is_file() and path.name != "secrets.env":
            yield path.name, path.read_bytes()


def _spelled(secret: str) -> list[bytes]:
    from urllib.parse import quote, quote_plus

    return [s.encode() for s in {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}]


def _require_unseen(secrets: list[str], home: Home, texts: list[str]) -> None:
    for secret in secrets:
        for spelling in _spelled(secret):
            assert [t for t in texts if spelling in t.encode()] == []
            assert [name for name, content in _everything_written(home) if spelling in content] == []


def test_no_secret_of_an_interface_shows_anywhere(
    platform: Platform, desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Good and bad answers that repeat the token; logs at their most talkative; Dagster's events."""
    home = desk.home
    home.ensure()
    file = home.root / "secrets.env"
    file.write_text(f"JGT_SECRET_YJGL_PLATFORM_TOKEN={TOKEN}\n", "utf-8")
    file.chmod(0o600)
    path = tmp_path / "yjgl" / "check.yaml"
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    token = {"in": "query", "name": "appToken"}
    document["servers"][1]["customProperties"] += properties(token=token, success={"path": "code", "values": [200]})
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    from ingest.feeds.loading import load_feed

    feed = load_feed(path)
    sharp = Desk(home, feed)
    answers: list[Callable[..., Answer]] = [
        lambda *_: Answer({"code": f"bad {TOKEN}"}),
        lambda *_: Answer({}, status=302, headers={"Location": "http://localhost:9/?appToken=x"}),
        lambda *_: Answer(raw=TOKEN.encode()),
        lambda *_: Answer({"msg": TOKEN}, status=401),
        lambda *_: Answer({"code": 200, "data": {"total": "x" + TOKEN, "list": []}}),
    ]
    texts = []
    with caplog.at_level(logging.DEBUG):
        for number, answer in enumerate(answers):
            platform.page = answer
            [result] = pull(home, feed, now=NOW.replace(second=number))
            assert result.outcome == "failed"
            texts.append(str(result))
        platform.page, platform.rows = None, [check(1)]
        outcome = run_asset(sharp)
    assert sharp.rows() == ["1"]
    assert platform.calls[-1].parameters["appToken"] == TOKEN
    texts += [str(event) for event in outcome.all_events]
    texts += [record.getMessage() + str(record.args) for record in caplog.records]
    texts += list(capfd.readouterr())
    texts.append(jgt(home, "status", "--json").stdout)
    _require_unseen([TOKEN], home, texts)


def test_no_secret_of_a_database_shows_anywhere(
    postgres: DatabaseServer,
    mariadb: DatabaseServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Also where the driver's own error holds the URL: a host that is no host, a port that is closed, a wrong database."""
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONTDB_USER", "puller")
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONTDB_PASSWORD", SECRET)
    home = Home(tmp_path / "home")
    texts = []
    tried: list[dict[str, Any]] = []
    for kind, server in (("postgres", postgres), ("mysql", mariadb)):
        good = {
            "server": "frontdb",
            "type": kind,
            "host": "127.0.0.1",
            "port": server.port,
            "database": server.database,
        }
        query = properties(query="select 1 as check_id, '甲' as enterprise_name")
        wrong = properties(query="select no_such_column from nowhere")
        tried += [
            {**good, "customProperties": query},
            {**good, "customProperties": wrong},
            {**good, "database": "nowhere", "customProperties": query},
            {**good, "port": 1, "customProperties": query},
            {**good, "host": "no.such.host.invalid", "customProperties": query},
        ]
    for url in (
        f"mysql+pymysql://127.0.0.1:{mariadb.port}/exchange",
        "mysql+pymysql://127.0.0.1:1/exchange",
        "nosuchdriver://127.0.0.1:1/x",
        "mysql+pymysql://127.0.0.1:1/exchange?no_such_option=1",
    ):
        custom = properties(url=url, query="select 1 as check_id, '甲' as enterprise_name")
        tried.append({"server": "frontdb", "type": "sqlalchemy", "customProperties": custom})
    outcomes = []
    with caplog.at_level(logging.DEBUG):
        for number, entry in enumerate(tried):
            folder = tmp_path / f"contract{number}"
            feed = pulled_feed(folder, entry)
            [result] = pull(home, feed, now=NOW.replace(second=number))
            outcomes.append(result.outcome)
            texts.append(str(result))
            if result.outcome == "landed":
                Desk(home, feed, NOW).take_in()
    assert outcomes.count("landed") == 3
    assert all("请" in text for text in texts if "failed" in text)
    texts += [record.getMessage() + str(record.args) + str(record.exc_text) for record in caplog.records]
    texts += list(capfd.readouterr())
    with Ledger(home.ledger) as ledger:
        texts.append(str(ledger.batches()))
    _require_unseen([SECRET], home, texts)


def test_a_client_secret_shows_nowhere_either(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JGT_SECRET_YJGL_PLATFORM_CLIENT_ID", "jgt")
    monkeypatch.setenv("JGT_SECRET_YJGL_PLATFORM_CLIENT_SECRET", CLIENT_SECRET)
    platform.rows = [check(1)]
    token = {"in": "bearer", "url": f"http://127.0.0.1:{platform.port}/oauth/token"}
    custom = properties(records="data.list", token=token)
    feed = pulled_feed(
        tmp_path, {"server": "platform", "type": "api", "location": platform.url, "customProperties": custom}
    )
    desk = Desk(Home(tmp_path / "home"), feed)
    with caplog.at_level(logging.DEBUG):
        result = desk.pull()
    assert result.outcome == "landed", result.message
    assert len(platform.tokens) == 1
    texts = [str(result), *(record.getMessage() + str(record.args) for record in caplog.records)]
    _require_unseen([CLIENT_SECRET, "tok-1-秘"], desk.home, texts)


def test_a_driver_that_quotes_its_url_tells_no_password(
    mariadb: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import connectorx

    def quoting(url: str, *_: Any, **__: Any) -> None:
        raise RuntimeError(f"MySqlError {{ ERROR 1064 (42000): cannot use {url} nor {SECRET} }}")

    monkeypatch.setattr(connectorx, "read_sql", quoting)
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONTDB_USER", "puller")
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONTDB_PASSWORD", SECRET)
    entry = {
        "server": "frontdb",
        "type": "mysql",
        "host": "127.0.0.1",
        "port": mariadb.port,
        "database": mariadb.database,
    }
    custom = properties(query="select 1 as check_id, '甲' as enterprise_name")
    desk = Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, {**entry, "customProperties": custom}))
    result = desk.pull()
    assert "mysql://puller:***@127.0.0.1" in str(result.message)
    _require_unseen([SECRET], desk.home, [str(result)])
