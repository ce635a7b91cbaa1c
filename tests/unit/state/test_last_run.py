"""What the state says of the last run is true also when its process was killed, and a dead run holds up no later one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from typer.testing import CliRunner

from ingest.base.home import Home
from orchestration.cli.app import app
from orchestration.publish.publishing import refuse
from orchestration.publish.versions import current_version, rollback
from orchestration.run import daily
from orchestration.run.daily import is_up_to_date, run_daily
from orchestration.run.daily_resource import close_dead_runs
from orchestration.run.warehouse_assets import dbt_failure
from orchestration.state.last_run import last_run
from orchestration.state.new_files import LedgerUnreadable, require_sound_ledger
from orchestration.state.run_folder import RunFolder, end_left_over_dbt
from orchestration.state.writer_lock import WriterBusy, WriterLock

DAY = date(2026, 11, 20)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A state folder that serves one version, published by run r1."""
    home = Home(tmp_path / "home")
    home.ensure()
    _version(home, "20261120-001", "r1")
    (home.serving / "current").symlink_to("20261120-001")
    verdict = {"run_id": "r1", "outcome": "published", "reason": "", "at": "2026-11-21T00:00:00Z", "blocking": []}
    (home.serving / "verdict.json").write_text(json.dumps(verdict))
    return home


def _version(home: Home, name: str, run_id: str) -> None:
    folder = home.serving / name
    folder.mkdir(parents=True)
    (folder / "jgt.duckdb").write_bytes(b"")
    manifest = {"version": name, "as_of": "2026-11-20", "run_id": run_id, "replaces": None, "is_synthetic": True}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "published_at": "2026-11-21T00:00:00Z"}))


def _killed_run(home: Home, run_id: str) -> None:
    code = (
        "import os, sys; from pathlib import Path; from ingest.base.home import Home; "
        "from orchestration.state.writer_lock import WriterLock; "
        "WriterLock(Home(Path(sys.argv[1]))).acquire(sys.argv[2]); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.root), run_id])
    assert done.returncode == -9


def test_a_run_that_is_going_on_is_said(home: Home) -> None:
    lock = WriterLock(home)
    lock.acquire("r2")
    assert (last_run(home) or {})["outcome"] == "running"
    lock.release()
    assert (last_run(home) or {})["outcome"] == "published"


def test_a_killed_run_is_interrupted_and_not_the_run_before(home: Home) -> None:
    _killed_run(home, "r2")
    told = last_run(home) or {}
    assert (told["outcome"], told["run_id"]) == ("interrupted", "r2")
    assert "jgt run" in told["reason"]


def test_a_run_killed_after_its_switch_has_published(home: Home) -> None:
    _version(home, "20261120-002", "r2")
    (home.serving / "current").unlink()
    (home.serving / "current").symlink_to("20261120-002")
    _killed_run(home, "r2")
    told = last_run(home) or {}
    assert (told["outcome"], told["version"]) == ("published", "20261120-002")


def test_after_a_run_that_did_not_publish_the_same_day_is_not_up_to_date(home: Home) -> None:
    assert is_up_to_date(home, DAY)
    refuse(home, "r2", [], "1 项检查未通过")
    assert not is_up_to_date(home, DAY)


@pytest.mark.parametrize(
    "content", ["", '{"run_id": "r1"', "[]", '{"outcome": "blocked", "at": "2026-11-22T01:00:00Z"}']
)
def test_a_damaged_verdict_counts_as_none_and_the_run_is_made_again(home: Home, content: str) -> None:
    (home.serving / "verdict.json").write_text(content)
    told = last_run(home) or {}
    assert told["outcome"] == "interrupted" and "jgt run" in told["reason"]
    assert not is_up_to_date(home, DAY)


def test_after_a_killed_run_the_same_day_is_not_up_to_date(home: Home) -> None:
    _killed_run(home, "r2")
    assert not is_up_to_date(home, DAY)


def test_a_second_writer_is_refused_with_who_is_writing(home: Home) -> None:
    lock = WriterLock(home)
    lock.acquire("r2")
    with pytest.raises(WriterBusy, match=f"进程 {os.getpid()}"):
        run_daily(home, DAY, emit=print, force=True)
    assert json.loads((home.serving / "verdict.json").read_text())["run_id"] == "r1"
    lock.release()


def test_an_earlier_day_than_the_published_is_refused_and_said(home: Home) -> None:
    said: list[str] = []
    assert not run_daily(home, date(2026, 11, 10), emit=said.append)
    assert "2026-11-20" in said[-1]
    assert "--force" in said[-1]


def test_a_damaged_ledger_is_said_by_run_and_status(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.lake.mkdir()
    home.ledger.write_bytes(b"SQLite format 3\x00" + b"\x01" * 4096)
    with pytest.raises(LedgerUnreadable, match="备份"):
        require_sound_ledger(home)
    monkeypatch.setenv("JGT_HOME", str(home.root))
    ran = CliRunner().invoke(app, ["run", "--date", DAY.isoformat()])
    assert ran.exit_code == 1
    assert "台账" in ran.output
    shown = CliRunner().invoke(app, ["status", "--json"])
    state = json.loads(shown.output)
    assert shown.exit_code == 1
    assert state["balanced"] is False
    assert state["last_run"]["outcome"] == "blocked"
    assert state["published"]["version"] == "20261120-001"
    assert "台账" in state["problems"][0]


def test_a_link_to_a_version_that_is_gone_is_said_and_rolled_back(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.serving / "current").unlink()
    (home.serving / "current").symlink_to("20261121-001")
    monkeypatch.setenv("JGT_HOME", str(home.root))
    shown = CliRunner().invoke(app, ["status"])
    assert shown.exit_code == 1
    assert "20261121-001" in shown.output
    assert not is_up_to_date(home, DAY)
    assert rollback(home) == "20261120-001"
    assert current_version(home) == "20261120-001"


def test_the_dbt_of_a_killed_run_is_ended_and_no_other_process(home: Home) -> None:
    folder = RunFolder(home, "r2")
    folder.checks.mkdir(parents=True)
    other = RunFolder(home, "r3")
    other.checks.mkdir(parents=True)
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        subprocess.Popen(sleep, env={**os.environ, "DBT_TARGET_PATH": str(folder.target)}) as left,
        subprocess.Popen(sleep) as stranger,
    ):
        folder.dbt_process.write_text(str(left.pid))
        other.dbt_process.write_text(str(stranger.pid))
        assert end_left_over_dbt(home) == [left.pid]
        assert stranger.poll() is None
        stranger.kill()
    assert not list(home.build.glob("*/dbt.pid"))


def test_a_dead_run_gives_back_its_place_in_the_writer_pool() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        dead, alive = (
            instance.create_run_for_job(dg.job(name="daily")(lambda: None), status=dg.DagsterRunStatus.STARTED)
            for _ in range(2)
        )
        assert close_dead_runs(instance, alive.run_id) == [dead.run_id]
        after = {run.run_id: run.status for run in instance.get_runs()}
    assert after == {dead.run_id: dg.DagsterRunStatus.FAILURE, alive.run_id: dg.DagsterRunStatus.STARTED}


def test_a_full_disk_is_named_as_such(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("(sqlite3.OperationalError) disk I/O error")

    monkeypatch.setattr(daily, "_execute", fail)
    with pytest.raises(RuntimeError, match="disk I/O"):  # there is room: a defect stays one
        run_daily(home, DAY, emit=print, force=True)
    monkeypatch.setattr(daily.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(daily.DiskFull, match="磁盘已满"):
        run_daily(home, DAY, emit=print, force=True)


def test_dbts_failure_is_told_without_its_command_line() -> None:
    said = "The dbt CLI process with command\n\n`dbt build`\n\nfailed.\n\nErrors parsed from dbt logs:\n\nno column x\n"
    told = dbt_failure(said, Path("build/r1/target")).splitlines()
    assert told[1:] == ["no column x", "全文：build/r1/target/dbt.log"]
