"""Dagster's event log over kept connections: the same history as Dagster's own, seen by other processes too."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from ingest.base.home import Home
from orchestration.run.daily import write_dagster_settings
from orchestration.run.event_storage import KeptConnectionsEventLog


@dg.asset
def counted() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3})


@dg.asset_check(asset=counted)
def is_counted() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(tmp_path / "a home")
    write_dagster_settings(home)
    monkeypatch.setenv("DAGSTER_HOME", str(home.dagster))
    return home


def run_once(instance: dg.DagsterInstance) -> str:
    return dg.materialize([counted, is_counted], instance=instance).run_id


def test_what_a_run_wrote_another_process_reads(home: Home) -> None:
    with dg.DagsterInstance.get() as writer, dg.DagsterInstance.get() as reader:
        assert isinstance(writer.event_log_storage, KeptConnectionsEventLog)
        assert reader.get_latest_materialization_event(counted.key) is None
        run_id = run_once(writer)
        found = reader.get_latest_materialization_event(counted.key)
        assert found is not None and found.run_id == run_id
        assert [e.message for e in reader.all_logs(run_id)] == [e.message for e in writer.all_logs(run_id)]


def test_dagsters_own_storage_reads_the_same_history(home: Home) -> None:
    with dg.DagsterInstance.get() as instance:
        run_id = run_once(instance)
        written = len(instance.all_logs(run_id))
    own = SqliteEventLogStorage(str(home.dagster / "history" / "runs"))
    assert len(own.get_logs_for_run(run_id)) == written > 5


def test_a_history_that_dagsters_own_storage_began_goes_on(home: Home) -> None:
    folder = home.dagster / "history" / "runs"
    SqliteEventLogStorage(str(folder))
    with dg.DagsterInstance.get() as instance:
        run_once(instance)
        instance.delete_run(run_once(instance))
        assert len(instance.get_run_ids()) == 1


def test_the_files_are_whole_when_the_power_goes(home: Home) -> None:
    with dg.DagsterInstance.get() as instance:
        run_once(instance)
        with instance.event_log_storage.index_connection() as connection:
            modes = [connection.exec_driver_sql(f"pragma {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 1]  # 1: normal, which in WAL loses the last events at most
    with sqlite3.connect(home.dagster / "history" / "runs" / "index.db") as again:
        assert again.execute("pragma integrity_check").fetchall() == [("ok",)]
