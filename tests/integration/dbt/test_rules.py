"""The dbt project alone: it builds where nothing has arrived yet, and every rule holds at its bounds (dbt's unit tests).

The published city is another test's matter; here no row of data is needed, so the rules are judged in seconds.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import prepare
from ingest.storage.ledger import Ledger
from orchestration.dbt.project import assembled, write
from quality.outcome import write_schema

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"


@pytest.fixture(scope="module")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """`dbt build`, unit tests included, on a lake without a single row: build file, run results, what dbt said."""
    root = tmp_path_factory.mktemp("empty")
    home, feeds = Home(root / "home"), load_feeds()
    prepare(home, feeds)
    with Ledger(home.ledger) as ledger:
        ledger.export(home.lake / "ledger")
    write_schema(home.lake / "checks")
    write(assembled(feeds), home.dbt_project)
    build_file, target = root / "jgt.duckdb", root / "target"
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build", "--quiet"]
    command += ["--project-dir", str(home.dbt_project), "--profiles-dir", str(home.dbt_project)]
    command += ["--target-path", str(target), "--log-path", str(target)]
    environment = {
        **os.environ,
        "JGT_LAKE": str(home.lake),
        "JGT_BUILD_FILE": str(build_file),
        "JGT_AS_OF": "2026-11-20",
    }
    done = subprocess.run(command, cwd=home.dbt_project, env=environment, capture_output=True, text=True)
    results = json.loads((target / "run_results.json").read_text("utf-8"))
    return build_file, results, done.stdout + done.stderr


def test_every_model_and_test_passes_where_nothing_has_arrived(
    empty_build: tuple[Path, dict[str, Any], str],
) -> None:
    _, results, said = empty_build
    failed = [r["unique_id"] for r in results["results"] if r["status"] not in ("success", "pass")]
    assert failed == [], said


def test_rules_are_judged_at_their_bounds(empty_build: tuple[Path, dict[str, Any], str]) -> None:
    _, results, _ = empty_build
    passed = {r["unique_id"].split(".")[-1] for r in results["results"] if r["unique_id"].startswith("unit_test.")}
    assert {
        "int_accident__graded_takes_the_worst_of_three_tests_and_includes_the_bound",
        "int_accident__latest_keeps_the_first_figure_and_counts_by_the_last",
        "rpt_accident_indicator_says_tongbi_as_a_leader_reads_it",
        "agg_accident_month_counts_the_functional_zone_beside_its_district_never_twice",
        "fct_hazard_judges_deadlines_on_the_day_itself",
    } <= passed


def test_every_published_column_has_label_caliber_and_type(empty_build: tuple[Path, dict[str, Any], str]) -> None:
    build_file, _, _ = empty_build
    manifest = json.loads((build_file.parent / "target" / "manifest.json").read_text("utf-8"))
    missing: list[str] = []
    marts = [n for n in manifest["nodes"].values() if n["resource_type"] == "model" and "marts" in n["fqn"]]
    for node in marts:
        meta = node["config"]["meta"]
        missing += [f"{node['name']}: {k}" for k in ("label", "owner", "grain", "domain") if not meta.get(k)]
        for column in node["columns"].values():
            labels = column["config"]["meta"]
            if not (labels.get("label") and labels.get("caliber") and column["data_type"]):
                missing.append(f"{node['name']}.{column['name']}")
            elif not column["description"].startswith(labels["label"]):
                missing.append(f"{node['name']}.{column['name']}: description does not begin with the label")
    assert len(marts) > 25
    assert missing == []


def test_every_published_table_begins_with_its_grain_and_tests_it(
    empty_build: tuple[Path, dict[str, Any], str],
) -> None:
    manifest = json.loads((empty_build[0].parent / "target" / "manifest.json").read_text("utf-8"))
    marts = {i: n for i, n in manifest["nodes"].items() if n["resource_type"] == "model" and "marts" in n["fqn"]}
    unsaid = [n["name"] for n in marts.values() if "一行" not in re.split("[。：]", n["description"])[0]]
    assert unsaid == []
    keyed = {
        n["attached_node"]
        for n in manifest["nodes"].values()
        if n["resource_type"] == "test" and (n.get("test_metadata") or {}).get("name") in ("unique", "jgt_grain")
    }
    # the publisher writes the one row of rpt_publication; here it is empty
    assert {marts[i]["name"] for i in set(marts) - keyed} == {"rpt_publication"}


def test_one_column_has_one_name_in_all_tables(empty_build: tuple[Path, dict[str, Any], str]) -> None:
    manifest = json.loads((empty_build[0].parent / "target" / "manifest.json").read_text("utf-8"))
    shared = ("area_code", "area_name", "area_level", "area_order", "uscc", "entity_id", "district_code", "as_of")
    labels: dict[str, set[str]] = {name: set() for name in (*shared, "district_name", "functional_zone_code")}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and "marts" in node["fqn"] and node["name"] != "rpt_publication":
            for name in labels.keys() & node["columns"].keys():
                labels[name].add(node["columns"][name]["config"]["meta"]["label"])
    assert {name: found for name, found in labels.items() if len(found) != 1} == {}


def test_calendar_knows_holidays_and_says_null_where_none_are_announced(
    empty_build: tuple[Path, dict[str, Any], str],
) -> None:
    with duckdb.connect(str(empty_build[0]), read_only=True) as connection:
        rows = connection.execute(
            "select cast(date_day as varchar), is_workday, is_holiday, holiday_name from core.dim_date"
            " where date_day in ('2026-02-17', '2026-10-10', '2026-11-21', '2027-02-06') order by 1"
        ).fetchall()
    # 国务院办公厅 2026 年放假安排：2 月 17 日春节，10 月 10 日（星期六）上班；2027 年尚未公布
    assert rows == [
        ("2026-02-17", False, True, "春节"),
        ("2026-10-10", True, False, None),
        ("2026-11-21", False, False, None),
        ("2027-02-06", None, None, None),
    ]


def test_metrics_are_valid_sql_over_their_own_table(empty_build: tuple[Path, dict[str, Any], str]) -> None:
    build_file, _, _ = empty_build
    manifest = json.loads((build_file.parent / "target" / "manifest.json").read_text("utf-8"))
    tried: Counter[str] = Counter()
    with duckdb.connect(str(build_file), read_only=True) as connection:
        for node in manifest["nodes"].values():
            if node["resource_type"] != "model":
                continue
            metrics = node["config"]["meta"].get("metrics", [])
            assert len({m["name"] for m in metrics}) == len(metrics), node["name"]
            for metric in metrics:
                # a wrong column or function raises here
                connection.execute(f'select {metric["expression"]} from "{node["schema"]}"."{node["name"]}"')
                tried[node["schema"]] += 1
    assert {"accident", "inspection", "insurance", "credit", "assessment", "quality", "core"} <= set(tried)
