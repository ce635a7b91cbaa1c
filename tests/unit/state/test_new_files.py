"""What is new in landing: by content, not by name; a copy that still grows looks different the next time."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from ingest.base.home import Home
from ingest.feeds.file_names import date_in
from orchestration.state.new_files import fingerprint, new_files


def _ledger(home: Home, file: str, content: bytes, taken_at: str, feed: str = "yjgl.inspection") -> None:
    import hashlib

    home.ledger.parent.mkdir(parents=True)
    connection = sqlite3.connect(home.ledger)
    columns = "feed text, file text, bytes integer, sha256 text, taken_at text, status text, received integer, data_until text"
    connection.execute(f"create table batch ({columns})")  # as ledgers were before 2026-11: without content_id
    received = max(0, content.count(b"\n") - 1)
    row = (feed, file, len(content), hashlib.sha256(content).hexdigest(), taken_at, "loaded", received, date_in(file))
    connection.execute("insert into batch values (?, ?, ?, ?, ?, ?, ?, ?)", (*row[:-1], str(row[-1])))
    connection.commit()
    connection.close()


def _land(home: Home, name: str, content: bytes, changed_at: float) -> Path:
    path = home.landing / "yjgl" / "inspection" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (changed_at, changed_at))
    return path


def test_an_empty_state_folder_has_nothing_new(tmp_path: Path) -> None:
    assert new_files(Home(tmp_path)) == []


def test_a_file_the_ledger_knows_is_not_new_also_under_another_name(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _land(home, "执法检查_20261120.csv", b"a,b\n1,2\n", 1_000_000)
    _land(home, "执法检查_20261121.csv", b"a,b\n1,2\n", 1_000_000)
    _ledger(home, "yjgl/inspection/执法检查_20261120.csv", b"a,b\n1,2\n", "2026-11-21 00:00:00")
    assert new_files(home) == []


def test_a_report_of_nothing_is_new_on_another_day_and_known_on_its_own(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _land(home, "执法检查_20261120.csv", b"a,b\n", 1_000_000)
    _land(home, "又报_20261120.csv", b"a,b\n", 1_000_000)
    tomorrow = _land(home, "执法检查_20261121.csv", b"a,b\n", 1_000_000)
    _ledger(home, "yjgl/inspection/执法检查_20261120.csv", b"a,b\n", "2026-11-21 00:00:00")
    assert new_files(home) == [tomorrow]


def test_a_file_of_no_contract_is_new_again_once_a_contract_fits_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    fits = _land(home, "执法检查_20261120.csv", b"a,b\n1,2\n", 1_000_000)
    _ledger(home, "yjgl/inspection/执法检查_20261120.csv", b"a,b\n1,2\n", "2026-11-21 00:00:00", "unknown")
    assert new_files(home) == [fits]


def test_a_file_that_still_fits_no_contract_is_not_new(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _land(home, "备忘.txt", b"a,b\n1,2\n", 1_000_000)
    _ledger(home, "yjgl/inspection/备忘.txt", b"a,b\n1,2\n", "2026-11-21 00:00:00", "unknown")
    assert new_files(home) == []


def test_a_file_replaced_under_its_name_with_the_same_size_is_new(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _ledger(home, "yjgl/inspection/执法检查_20261120.csv", b"a,b\n1,2\n", "2026-11-21 00:00:00")
    path = _land(home, "执法检查_20261120.csv", b"a,b\n1,3\n", 4_000_000_000)
    assert new_files(home) == [path]


def test_files_at_the_top_of_landing_are_nobodys_delivery(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.landing.mkdir()
    (home.landing / "演示数据.json").write_text("{}")
    assert new_files(home) == []


def test_a_growing_copy_changes_the_fingerprint(tmp_path: Path) -> None:
    path = _land(Home(tmp_path), "执法检查_20261120.csv", b"a", 1_000_000)
    before = fingerprint([path])
    path.write_bytes(b"ab")
    assert fingerprint([path]) != before


def test_a_file_that_is_still_being_written_is_not_there_yet(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _land(home, ".执法检查_frontdb_20261122T053000.parquet.part", b"PAR1", 1_000_000)
    _land(home, "执法检查_20261122.csv.part", b"a,b\n", 1_000_000)
    assert new_files(home) == []
