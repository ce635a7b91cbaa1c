"""Suites are made from contracts and from dbt's manifest, and from nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

from dashboards.published.manifest import declared_grains, label_of
from ingest.feeds.loading import load_feeds
from quality.check import Check
from quality.judge import as_template, raised
from quality.mart_suites import Mart, dictionary_results, mart_suite, mart_suites
from quality.outcome import DIMENSIONS
from quality.raw_suites import allowed_values, raw_suite
from tests.support.small_warehouse import manifest, small_feed


def by_id(checks: tuple[Check, ...]) -> dict[str, Check]:
    found = {c.check_id.split(".", 3)[-1]: c for c in checks}
    assert len(found) == len(checks)
    return found


def test_every_rule_of_a_contract_becomes_a_check() -> None:
    checks = by_id(raw_suite(small_feed()).checks)
    assert set(checks) == {
        "not_empty",
        "lineage.unique",
        "content.unique",
        "_batch_id.not_null",
        "_row.not_null",
        "_received_on.not_null",
        "hazard_id.not_null",
        "uscc.pattern",
        "level.not_null",
        "level.in_set",
        "found_on.not_null",
        "found_on.not_ahead",
        "persons.between",
        "found_on_before_deadline_on",
    }
    assert checks["level.in_set"].values == ("general", "major")
    assert (checks["persons.between"].minimum, checks["persons.between"].maximum) == (0, 100)


def test_a_deadline_may_lie_ahead_and_a_finding_may_not() -> None:
    checks = by_id(raw_suite(small_feed()).checks)
    assert "found_on.not_ahead" in checks
    assert "deadline_on.not_ahead" not in checks


def test_what_only_the_department_can_mend_warns_and_does_not_block() -> None:
    checks = by_id(raw_suite(small_feed()).checks)
    assert checks["found_on.not_ahead"].severity == "warn"
    assert checks["hazard_id.not_null"].severity == "error"


def test_failing_rows_are_shown_by_their_key_and_never_by_personal_data() -> None:
    feed = small_feed()
    personal_key = replace(feed, columns=(*feed.columns[1:], replace(feed.columns[0], is_personal=True)))
    for check in raw_suite(personal_key).checks:
        if check.kind != "unique" and check.failing_query:
            selected = check.failing_query.split(" from ")[0]
            assert "hazard_id" not in selected
            assert "inspector_name" not in selected


def test_a_retired_district_code_is_not_allowed_in_the_lake() -> None:
    column = next(c for c in load_feeds()["yjgl.hazard"].columns if c.name == "district_code")
    allowed = allowed_values(column)
    assert "320102" in allowed
    assert "320107" not in allowed  # 下关区, merged into 鼓楼区 in 2013


def test_every_contract_of_the_product_makes_a_suite_with_owner_label_and_dimension() -> None:
    feeds = load_feeds()
    for feed in feeds.values():
        checks = raw_suite(feed).checks
        assert len({c.check_id for c in checks}) == len(checks)
        for check in checks:
            assert check.owner == feed.owner
            assert re.search(r"[一-鿿]", check.label_zh)
            assert check.dimension in DIMENSIONS
            assert check.remedy


def test_marts_are_checked_by_what_the_manifest_declares() -> None:
    suites = {s.subject: by_id(s.checks) for s in mart_suites(manifest())}
    assert list(suites) == ["accident.agg_accident_month", "accident.fct_accident", "core.dim_district"]
    month = suites["accident.agg_accident_month"]
    assert month["key.unique"].columns == ("month_start", "area_code")
    assert {"not_empty", "month_start.not_null", "area_code.not_null", "deaths.between", "months.complete"} <= set(
        month
    )
    assert "area_name.named" in suites["core.dim_district"]


def test_a_work_list_may_have_no_row_in_a_quiet_month() -> None:
    listed = Mart("inspection", "rpt_gap", "走过场", "yjgl-data", ("gap_id",), (("gap_id", {}), ("month_start", {})))
    monthly = replace(listed, key=("month_start",))
    assert "months.complete" not in by_id(mart_suite(listed).checks)
    assert "months.complete" in by_id(mart_suite(monthly).checks)


def test_the_grain_is_found_in_dbts_own_tests() -> None:
    def test(name: str, model: str, **arguments: object) -> dict[str, object]:
        return {"attached_node": model, "test_metadata": {"name": name, "kwargs": arguments}}

    nodes = {
        "m": {"columns": {"x": {}, "y": {}, "z": {}}},
        "n": {"columns": {"x": {}}},
        "o": {"columns": {"x": {}}},
        "m.1": test("unique", "m", column_name="x"),
        "m.2": test("jgt_grain", "m", columns=["y", "z"]),
        "n.1": test("unique", "n", column_name="x"),
        "o.1": test("unique", "o", column_name="concat(x, '|')"),
    }
    assert declared_grains({"nodes": nodes}) == {"m": ("y", "z"), "n": ("x",)}


def test_a_column_without_a_chinese_label_fails_the_dictionary() -> None:
    changed = manifest()
    changed["nodes"]["model.jgt.fct_accident"]["columns"]["mark"]["description"] = "marker"
    failed = [r for r in dictionary_results(changed, "r1") if r.outcome == "fail"]
    assert [(r.subject, r.check_id.split(".")[-1]) for r in failed] == [("accident.fct_accident", "labels")]
    assert "mark" in failed[0].message


def test_a_mart_without_a_key_fails_the_dictionary() -> None:
    changed = manifest()
    del changed["nodes"]["model.jgt.fct_accident"]["config"]["meta"]["primary_key"]
    failed = [r.check_id for r in dictionary_results(changed, "r1") if r.outcome == "fail"]
    assert failed == ["mart.accident.fct_accident.key.declared"]


def test_a_label_ends_where_the_caliber_begins() -> None:
    assert label_of({"description": "死亡人数：统计口径内"}) == "死亡人数"
    assert label_of({"description": "x", "config": {"meta": {"label": "检查日期"}}}) == "检查日期"


def test_an_exception_is_seen_in_both_shapes_that_great_expectations_gives() -> None:
    calm = {"raised_exception": False, "exception_traceback": None, "exception_message": None}
    assert raised(None) is None
    assert raised(calm) is None
    assert raised({"MetricConfigurationID(a)": calm}) is None
    flat = {**calm, "raised_exception": True, "exception_message": "表不存在\n详情"}
    assert raised(flat) == "表不存在"
    assert raised({"MetricConfigurationID(a)": calm, "MetricConfigurationID(b)": flat}) == "表不存在"


def test_a_pattern_with_a_quantifier_reaches_great_expectations_whole() -> None:
    assert as_template("select 1 from {batch} where x ~ '^[0-9]{18}$'").format(batch="t") == (
        "select 1 from t where x ~ '^[0-9]{18}$'"
    )
