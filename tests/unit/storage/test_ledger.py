"""The ledger's file: it grows with the product, keeps what it held, and enters all of a redrive or nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.storage.content_identity import is_known
from ingest.storage.ledger import Batch, Ledger, QuarantineRow, Verdict
from ingest.storage.pull_history import PullHistory

TODAY = date(2026, 11, 20)
# the tables as version 0.2 made them
OLD_BATCH = (
    '"batch_id", "batch_seq", "feed", "department", "file", "sha256", "bytes", "received_on", "run_id", "status", '
    '"reason_code", "reason_message", "received", "loaded", "refused", "duplicate", "furniture", "lake_file", '
    '"lake_sha256", "is_synthetic", "taken_at", "data_until"'
)
OLD_ROW = (
    '"quarantine_id", "batch_id", "feed", "department", "file", "sheet", "row_number", "reason_codes", "dimension", '
    '"columns", "first_seen", "state", "attempts"'
)


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A ledger of before: one file loaded, one report of nothing, one file refused whole, one refused row."""
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"create table batch ({OLD_BATCH}, primary key (batch_id)) without rowid")
        connection.execute(f"create table quarantine_row ({OLD_ROW}, primary key (quarantine_id)) without rowid")
        connection.execute(
            'create table change ("batch_id", "feed", "column_name", "change_kind", "rows", '
            "primary key (batch_id, column_name, change_kind)) without rowid"
        )
        connection.execute("create unique index batch_identity on batch (feed, sha256)")
        for number, (status, received) in enumerate([("loaded", 5), ("loaded", 0), ("refused", 3)], 1):
            refused = received if status == "refused" else min(received, 1)
            row: tuple[Any, ...] = (
                f"b{number}",
                number,
                "yjgl.hazard",
                "yjgl",
                f"f{number}.csv",
                f"sha{number}",
                10,
                "2026-11-18",
            )
            row += ("r", status, None, None, received, received - refused, refused, 0, 0, None, None, 0)
            connection.execute(
                f"insert into batch values ({', '.join('?' * 22)})", (*row, "2026-11-18T01:00:00", "2026-11-18")
            )
        row = (
            "b1_4",
            "b1",
            "yjgl.hazard",
            "yjgl",
            "f1.csv",
            "",
            4,
            "RANGE",
            "accuracy",
            "persons",
            "2026-11-18",
            "open",
            1,
        )
        connection.execute(f"insert into quarantine_row values ({', '.join('?' * 13)})", row)
    return path


def test_an_older_ledger_gains_the_later_columns_and_keeps_its_rows(old_file: Path, tmp_path: Path) -> None:
    for _ in range(2):  # the second opening finds nothing to do
        with Ledger(old_file) as ledger:
            assert [(b["batch_id"], b["kind"], b["state"]) for b in ledger.batches()] == [
                ("b1", "file", None),
                ("b2", "file", None),
                ("b3", "file", "open"),
            ]
            assert [(r["quarantine_id"], r["state"], r["corrected_by"]) for r in ledger.quarantined()] == [
                ("b1_4", "open", None)
            ]
            assert ledger.returned() == {"yjgl.hazard": {"open": 4, "waiting": 0, "corrected": 0, "waived": 0}}
            ledger.export(tmp_path / "export")
    kinds = duckdb.sql(f"select batch_id, kind, state from '{tmp_path}/export/batch.parquet' order by 1").fetchall()
    assert kinds == [("b1", "file", None), ("b2", "file", None), ("b3", "file", "open")]
    assert duckdb.sql(f"select count(*) from '{tmp_path}/export/quarantine_event.parquet'").fetchall() == [(0,)]


def test_a_report_of_nothing_on_an_older_ledger_is_known_for_its_day_alone(old_file: Path) -> None:
    with Ledger(old_file) as ledger:
        assert ledger.known("yjgl.hazard", "sha2", date(2026, 11, 18))
        assert not ledger.known("yjgl.hazard", "sha2", date(2026, 11, 19))
        assert ledger.known("yjgl.hazard", "sha1", date(2026, 11, 19))  # records are known whatever the day
        assert ledger.known("yjgl.hazard", "sha3", date(2026, 11, 19))
        assert not ledger.known("yjgl.penalty", "sha1", date(2026, 11, 18))


def test_content_with_records_is_known_also_where_it_once_was_none() -> None:
    taken = [
        {"status": "loaded", "received": 0, "data_until": "2026-11-18", "content_id": "x:2026-11-18"},
        {"status": "loaded", "received": 2, "data_until": "2026-11-18", "content_id": "x"},
    ]
    assert is_known("x", taken, date(2026, 11, 25))
    assert not is_known("x", taken[:1], date(2026, 11, 25))


def batch(number: int, **other: object) -> Batch:
    """A batch of one refused row and two loaded ones."""
    values: tuple[Any, ...] = (
        *(f"b{number}", number, "yjgl.hazard", "yjgl", f"f{number}.csv", f"sha{number}", 10, TODAY, "r", "loaded"),
        *(None, None, 3, 2, 1, 0, 0, None, None, False, datetime(2026, 11, 20, 1), TODAY),
    )
    plain = replace(Batch(*values), content_id=f"sha{number}")
    return replace(plain, **other)  # type: ignore[arg-type]


ROW = QuarantineRow("b1_4", "b1", "yjgl.hazard", "yjgl", "f1.csv", "", 4, "RANGE", "accuracy", "persons", TODAY)


def test_a_redrive_is_counted_apart_and_its_row_points_to_it(tmp_path: Path) -> None:
    redrive = batch(2, kind="redrive", received=1, loaded=1, refused=0)
    with Ledger(tmp_path / "l") as ledger:
        ledger.record(batch(1), [ROW], [])
        verdict = Verdict("b1_4", "corrected", "corrected", "张三", "更正后入库", "b2", TODAY)
        ledger.record_all([(redrive, (), ())], [verdict])
        assert ledger.balance() == [{"feed": "yjgl.hazard", "received": 3, "loaded": 2, "refused": 1, "duplicate": 0}]
        assert ledger.returned()["yjgl.hazard"] == {"open": 0, "waiting": 0, "corrected": 1, "waived": 0}
        [row] = ledger.quarantined()
        assert (row["state"], row["corrected_by"], row["attempts"]) == ("corrected", "b2", 2)
        [event] = ledger.events("b1_4")
        assert (event["action"], event["who"], event["batch_id"]) == ("corrected", "张三", "b2")


def test_a_verdict_on_nothing_enters_nothing_at_all(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l") as ledger:
        ledger.record(batch(1), [ROW], [])
        with pytest.raises(ValueError, match="b9_9"):
            ledger.record_all([(batch(2), (), ())], [Verdict("b9_9", "waived", "waived", "张三", "已撤场")])
        assert ledger.batch_ids() == {"b1"}


def test_a_refused_file_is_settled_when_the_same_name_is_loaded(tmp_path: Path) -> None:
    refused = batch(1, status="refused", reason_code="FILE_TRUNCATED", loaded=0, refused=3, state="open")
    with Ledger(tmp_path / "l") as ledger:
        ledger.record(refused, [], [])
        assert [f["batch_id"] for f in ledger.refused_files()] == ["b1"]
        ledger.record(batch(2, file="f1.csv"), [], [])
        assert ledger.refused_files() == []
        assert [(f["batch_id"], f["state"]) for f in ledger.refused_files(None)] == [("b1", "corrected")]
        assert ledger.returned()["yjgl.hazard"]["corrected"] == 3


def test_pulls_are_exported_for_the_warehouse_also_when_there_are_none(tmp_path: Path) -> None:
    ledger, folder = tmp_path / "ledger.sqlite", tmp_path / "export"
    began = datetime(2026, 11, 20, 1, 2, 3, 400_000)
    query = f"select feed, server, mode, started, cursor_from, cursor_to, rows, outcome from '{folder}/pull.parquet'"
    with Ledger(ledger) as opened:
        opened.export(folder)
    assert duckdb.sql(query).fetchall() == []
    with PullHistory(ledger) as history:
        pull = history.start("yjgl.inspection", "frontdb", "cursor", began, "2026-11-01", "yjgl/inspection/a.parquet")
        history.landed(pull, 5, "2026-11-19", None, ("2026-11-17", 3))
    with Ledger(ledger) as opened:
        opened.export(folder)
    row = ("yjgl.inspection", "frontdb", "cursor", began, "2026-11-01", "2026-11-19", 5, "landed")
    assert duckdb.sql(query).fetchall() == [row]
