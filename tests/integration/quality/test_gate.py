"""Great Expectations for real: it passes what is right, fails what is wrong, and what it could not do is an error."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.base.home import Home
from quality import gate
from quality.check import Suite, SuiteBuilder
from quality.judge import Request
from quality.judge_process import JudgeProcess
from quality.mart_rules import Bound, MartRules
from quality.outcome import CheckResult, blocks_publishing
from tests.support.small_warehouse import GOOD_ROWS, build, deliver, small_feed, write_manifest

FEEDS = {"yjgl.hazard": small_feed()}
RULES = MartRules(bounds=(Bound("^deaths$", 0, None, ("accident.agg_accident_month",)),))
SLOW = "select count(*) as slow from range(100000000000) a where hash(a.range) = 0"


def outcomes(results: list[CheckResult], outcome: str) -> set[str]:
    return {r.check_id.split(".", 3)[-1] for r in results if r.outcome == outcome}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def own_process() -> Iterator[JudgeProcess]:
    process = JudgeProcess()
    yield process
    process.stop()


def test_rows_that_keep_their_contract_pass(home: Home) -> None:
    deliver(home)
    results = gate.judge_raw(home, FEEDS, "r1")
    assert {r.outcome for r in results} == {"pass"}
    assert len(results) == 15


def test_every_kind_of_breach_is_found_and_named_by_key(home: Home) -> None:
    deliver(
        home,
        (
            *GOOD_ROWS,
            ("H4", "91320102MA1WXYK12O", "general", "2026-11-01", None, 1),  # O is no letter of a USCC
            ("H5", None, "unknown", "2026-11-01", None, 1),
            ("H6", None, "general", "2026-11-30", None, 1),  # after the delivery
            ("H7", None, "general", "2026-11-10", "2026-11-01", 1),
            ("H8", None, "general", "2026-11-01", None, 101),
            (None, None, None, None, None, None),
        ),
    )
    results = gate.judge_raw(home, FEEDS, "r1")
    assert outcomes(results, "fail") == {
        "uscc.pattern",
        "level.in_set",
        "found_on.not_ahead",
        "found_on_before_deadline_on",
        "persons.between",
        "hazard_id.not_null",
        "level.not_null",
        "found_on.not_null",
    }
    assert outcomes(results, "error") == set()
    message = {r.check_id.split(".", 3)[-1]: r.message for r in results}
    assert "hazard_id=H8" in message["persons.between"]
    assert "hazard_id=H4" in message["uscc.pattern"]
    assert not any("张三" in m for m in message.values())
    assert blocks_publishing(results)


def test_a_row_loaded_twice_is_found(home: Home) -> None:
    path = deliver(home)
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select * from '{path}' union all select * from '{path}'")
        connection.execute(f"copy t to '{path}' (format parquet)")
    assert outcomes(gate.judge_raw(home, FEEDS, "r1"), "fail") == {"lineage.unique", "content.unique"}


def test_a_delivery_without_rows_warns_and_does_not_block(home: Home) -> None:
    deliver(home, ())
    results = gate.judge_raw(home, FEEDS, "r1")
    assert outcomes(results, "fail") == {"not_empty"}
    assert not blocks_publishing(results)


def test_refusing_more_than_a_fifth_of_a_feed_warns_its_department(home: Home) -> None:
    deliver(home, received=5, refused=2)
    (warning,) = [r for r in gate.judge_raw(home, FEEDS, "r1") if r.outcome == "fail"]
    assert (warning.severity, warning.owner, warning.observed) == ("warn", "yjgl-data", "拒收 2 / 收到 5（40.0%）")


def test_a_column_that_is_not_there_is_an_error_and_blocks(home: Home) -> None:
    path = deliver(home)
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select * exclude (persons, level) from '{path}'")
        connection.execute(f"copy t to '{path}' (format parquet)")
    results = gate.judge_raw(home, FEEDS, "r1")
    assert outcomes(results, "error") == {"persons.between", "level.in_set", "level.not_null"}
    assert blocks_publishing(results)


def test_a_lake_that_cannot_be_read_is_an_error_of_every_check(home: Home) -> None:
    deliver(home).write_bytes(b"no parquet")
    results = gate.judge_raw(home, FEEDS, "r1")
    assert {r.outcome for r in results if not r.check_id.endswith("refused_share")} == {"error"}


def test_without_a_ledger_the_gate_is_shut(home: Home) -> None:
    assert blocks_publishing(gate.judge_raw(home, FEEDS, "r1"))


def test_marts_that_keep_their_word_pass(home: Home, tmp_path: Path) -> None:
    results = gate.judge_marts(home, build(tmp_path / "jgt.duckdb"), write_manifest(tmp_path), "r1", rules=RULES)
    assert {r.outcome for r in results} == {"pass"}
    assert {r.subject for r in results} == {
        "core.dim_district",
        "accident.fct_accident",
        "accident.agg_accident_month",
    }


def test_a_mart_with_a_doubled_key_a_negative_count_and_a_gap_in_its_months_fails(home: Home, tmp_path: Path) -> None:
    file = build(tmp_path / "jgt.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute("insert into accident.fct_accident select * from accident.fct_accident limit 1")
        connection.execute("insert into accident.agg_accident_month values ('2026-08-01', '320102', 'work', 1, 1, -1)")
    results = gate.judge_marts(home, file, write_manifest(tmp_path), "r1", rules=RULES)
    failed = {r.check_id for r in results if r.outcome != "pass"}
    assert failed == {
        "mart.accident.fct_accident.key.unique",
        "mart.accident.agg_accident_month.deaths.between",
        "mart.accident.agg_accident_month.months.complete",
    }
    gap = next(r for r in results if r.check_id.endswith("months.complete"))
    assert "month_start=2026-09-01" in gap.observed


def test_a_mart_that_is_not_there_is_an_error_of_its_checks_and_leaves_the_others_alone(
    home: Home, tmp_path: Path
) -> None:
    file = build(tmp_path / "jgt.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute("drop table accident.agg_accident_month")
    results = gate.judge_marts(home, file, write_manifest(tmp_path), "r1", rules=RULES)
    judged = [r for r in results if not r.check_id.endswith((".labels", ".key.declared"))]
    assert {r.subject for r in judged if r.outcome == "error"} == {"accident.agg_accident_month"}
    assert {r.outcome for r in judged if r.subject != "accident.agg_accident_month"} == {"pass"}
    assert blocks_publishing(results)


def test_a_rule_of_a_column_that_was_renamed_is_an_error_and_blocks(home: Home, tmp_path: Path) -> None:
    renamed = MartRules(bounds=(Bound("^deaths$", 0, None, ("accident.agg_accident_month", "core.dim_district")),))
    file, written = build(tmp_path / "jgt.duckdb"), write_manifest(tmp_path)
    results = gate.judge_marts(home, file, written, "r1", rules=renamed)
    (found,) = [r for r in results if r.outcome != "pass"]
    assert (found.outcome, found.subject) == ("error", "core.dim_district")
    assert "core.dim_district 没有列 ^deaths$" in found.message
    assert blocks_publishing(results)


def test_an_unreadable_manifest_or_build_is_an_error(home: Home, tmp_path: Path) -> None:
    file = build(tmp_path / "jgt.duckdb")
    assert blocks_publishing(gate.judge_marts(home, file, tmp_path / "none.json", "r1", rules=RULES))
    assert blocks_publishing(
        gate.judge_marts(home, tmp_path / "none.duckdb", write_manifest(tmp_path), "r1", rules=RULES)
    )


def slow_request() -> Request:
    checks = SuiteBuilder("raw", "slow", "slow", ("slow",), "nobody")
    checks.not_null("slow", "慢", "error", "")
    return Request((Suite("slow", "slow", tuple(checks.checks), SLOW),))


def test_a_child_that_is_killed_is_an_error(own_process: JudgeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_JUDGE", own_process)
    pid = own_process.start()

    def kill() -> None:
        time.sleep(1)
        os.killpg(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    results = gate.run_suites(slow_request(), "r1", 120)
    killer.join()
    assert [r.outcome for r in results] == ["error"]
    assert "中途退出" in results[0].message


def test_a_child_that_takes_too_long_is_ended_and_is_an_error(
    own_process: JudgeProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_JUDGE", own_process)
    pid = own_process.start()
    results = gate.run_suites(slow_request(), "r1", 0.5)
    assert [r.outcome for r in results] == ["error"]
    assert "超过 0.5 秒" in results[0].message
    with pytest.raises(ProcessLookupError):
        os.killpg(pid, 0)


def test_after_the_judgement_the_build_file_can_be_written_again(home: Home, tmp_path: Path) -> None:
    file = build(tmp_path / "jgt.duckdb")
    gate.judge_marts(home, file, write_manifest(tmp_path), "r1", rules=RULES)
    with duckdb.connect(str(file)) as connection:  # raises when the judge still had it open
        connection.execute("create table accident.later (i int)")
