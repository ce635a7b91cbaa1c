"""Three outcomes reach Dagster: a failure blocks, a check that could not run blocks, a silent one blocks too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import dagster as dg
import pytest

from orchestration.run.check_results import asset_check_results
from orchestration.run.warehouse_assets import unjudged_layers
from quality.outcome import CheckResult

KEY = dg.AssetKey(["lake", "yjgl__inspection"])
PASSED = CheckResult(
    check_id="raw:yjgl.inspection:key",
    layer="raw",
    subject="yjgl.inspection",
    column="inspection_id",
    expectation="unique",
    label_zh="检查编号唯一",
    dimension="一致性",
    outcome="pass",
    severity="error",
    observed="0",
    unexpected_count=0,
    element_count=10,
    message="",
    owner="yjgl-data",
    blocks="发布",
    run_id="r1",
    checked_at=datetime(2026, 11, 21),
)


def _judge(*results: CheckResult) -> dg.AssetCheckResult:
    [judged] = asset_check_results(list(results), {"yjgl.inspection": KEY}, "contract")
    return judged


def test_all_passed_is_passed() -> None:
    assert _judge(PASSED).passed


@pytest.mark.parametrize("outcome", ["fail", "error"])
def test_a_failure_and_a_check_that_could_not_run_both_block(outcome: str) -> None:
    judged = _judge(PASSED, replace(PASSED, outcome=outcome, message="检查编号重复 2 条"))
    assert not judged.passed
    assert judged.severity == dg.AssetCheckSeverity.ERROR
    assert "重复 2 条" in (judged.description or "")


def test_a_warning_does_not_block() -> None:
    judged = _judge(replace(PASSED, outcome="fail", severity="warn"))
    assert not judged.passed
    assert judged.severity == dg.AssetCheckSeverity.WARN


def test_silence_is_no_pass() -> None:
    judged = _judge()
    assert not judged.passed
    assert judged.severity == dg.AssetCheckSeverity.ERROR


def test_a_blocking_result_of_an_unknown_subject_is_not_lost() -> None:
    with pytest.raises(KeyError, match="台账读不出"):
        _judge(PASSED, replace(PASSED, subject="ledger", outcome="error", message="台账读不出"))


def test_a_layer_that_said_nothing_is_named_before_publishing() -> None:
    assert unjudged_layers([PASSED]) == ["mart", "reconciliation", "dbt"]
    assert unjudged_layers([replace(PASSED, layer=layer) for layer in ("raw", "mart", "reconciliation", "dbt")]) == []
