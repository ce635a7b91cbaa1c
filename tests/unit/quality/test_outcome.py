"""A check passes, fails or could not be run; what could not be run is never taken for passed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from quality.outcome import COLUMNS, blocks_publishing, read_results, write_results
from tests.support.small_warehouse import result


@pytest.mark.parametrize(
    ("outcome", "severity", "blocks"),
    [
        ("pass", "error", False),
        ("fail", "error", True),
        ("error", "error", True),
        ("pass", "warn", False),
        ("fail", "warn", False),
        ("error", "warn", False),
    ],
)
def test_a_check_that_must_hold_blocks_when_it_failed_or_could_not_be_run(
    outcome: str, severity: str, blocks: bool
) -> None:
    assert blocks_publishing([result(), result(outcome, severity)]) is blocks


def test_results_come_back_from_parquet_as_they_were(tmp_path: Path) -> None:
    odd = replace(result("fail"), message="引号 ' \" 换行\n与\\反斜杠", unexpected_count=None, column="列")
    write_results(tmp_path, "r1", [odd, result(check_id="mart.a")])
    assert read_results(tmp_path, "r1") == [result(check_id="mart.a"), odd]


def test_a_run_without_checks_leaves_a_typed_empty_file(tmp_path: Path) -> None:
    path = write_results(tmp_path, "r1", [])
    described = duckdb.sql(f"describe select * from read_parquet('{path}')").fetchall()
    assert {row[0]: row[1] for row in described} == COLUMNS
    assert read_results(tmp_path, "r1") == []


def test_the_glob_of_all_runs_finds_every_column_before_the_first_run(tmp_path: Path) -> None:
    write_results(tmp_path, "r1", [])
    (tmp_path / "r1.parquet").unlink()
    assert read_results(tmp_path) == []


def test_writing_a_run_again_replaces_it(tmp_path: Path) -> None:
    write_results(tmp_path, "r1", [result("fail")])
    write_results(tmp_path, "r1", [result()])
    assert [r.outcome for r in read_results(tmp_path)] == ["pass"]
    assert not list(tmp_path.glob(".*"))
