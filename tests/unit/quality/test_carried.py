"""A check is carried over when neither it nor its rows changed, and judged in every other case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quality.carried import Judging, split
from quality.check import Suite, SuiteBuilder
from quality.outcome import CheckResult, Outcome, check_result, write_results


def suite(subject: str, severity: str = "error") -> Suite:
    build = SuiteBuilder("mart", subject, subject, ("id",), "数据管理员")
    build.not_null("id", "编号", "error" if severity == "error" else "warn", "请补送")
    return Suite(subject, subject, tuple(build.checks))


def result(check_id: str, subject: str, outcome: Outcome) -> CheckResult:
    return check_result(
        check_id,
        layer="mart",
        subject=subject,
        column="id",
        expectation="id is not null",
        label_zh="编号非空",
        dimension="完整性",
        outcome=outcome,
        severity="warn",
        observed="",
        unexpected_count=0,
        element_count=3,
        message="" if outcome == "pass" else "缺编号",
        owner="数据管理员",
        run_id="r1",
    )


CASES, FINES = suite("case"), suite("fine")
DATA = {"case": "1", "fine": "1"}


@pytest.fixture
def last(tmp_path: Path) -> Path:
    """Results of the last published run, r1: a pass and a warning."""
    folder = tmp_path / "r1"
    assert split([CASES, FINES], Judging(folder, None, DATA), "mart", "r1") == ((CASES, FINES), [])
    found = [result(CASES.checks[0].check_id, "case", "pass"), result(FINES.checks[0].check_id, "fine", "fail")]
    write_results(folder, "mart", found)
    return folder


def test_nothing_changed_and_nothing_is_judged(last: Path, tmp_path: Path) -> None:
    again, carried = split([CASES, FINES], Judging(tmp_path / "r2", last, DATA), "mart", "r2")
    assert again == ()
    assert {(r.subject, r.outcome, r.run_id) for r in carried} == {("case", "pass", "r2"), ("fine", "fail", "r2")}


def test_changed_rows_are_judged(last: Path, tmp_path: Path) -> None:
    again, carried = split([CASES, FINES], Judging(tmp_path / "r2", last, {**DATA, "case": "2"}), "mart", "r2")
    assert (again, [r.subject for r in carried]) == ((CASES,), ["fine"])


def test_a_changed_check_is_judged(last: Path, tmp_path: Path) -> None:
    stricter = replace(FINES, checks=tuple(replace(c, severity="warn") for c in FINES.checks))
    again, _ = split([CASES, stricter], Judging(tmp_path / "r2", last, DATA), "mart", "r2")
    assert again == (stricter,)


def test_rows_that_nobody_signed_are_judged(last: Path, tmp_path: Path) -> None:
    again, _ = split([CASES, FINES], Judging(tmp_path / "r2", last, {"case": "1"}), "mart", "r2")
    assert again == (FINES,)


@pytest.mark.parametrize("outcome", ["error", None])
def test_a_check_that_could_not_be_run_or_left_no_result_is_judged(
    last: Path, tmp_path: Path, outcome: Outcome | None
) -> None:
    found = [result(FINES.checks[0].check_id, "fine", "pass")]
    write_results(last, "mart", [*found, result(CASES.checks[0].check_id, "case", outcome)] if outcome else found)
    again, carried = split([CASES, FINES], Judging(tmp_path / "r2", last, DATA), "mart", "r2")
    assert (again, [r.subject for r in carried]) == ((CASES,), ["fine"])


def test_what_is_carried_once_is_carried_again(last: Path, tmp_path: Path) -> None:
    second = tmp_path / "r2"
    _, carried = split([CASES, FINES], Judging(second, last, DATA), "mart", "r2")
    write_results(second, "mart", carried)
    again, carried = split([CASES, FINES], Judging(tmp_path / "r3", second, DATA), "mart", "r3")
    assert (again, len(carried)) == ((), 2)
