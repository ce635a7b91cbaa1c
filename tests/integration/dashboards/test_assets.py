"""Charts and dashboards as files: they fit dbt's manifest, and a file that does not is named with its remedy."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards import bundle, datasets, validate
from dashboards.published.manifest import PUBLISHED_SCHEMAS, Table, read_tables

# proper names and codes that have no Chinese form on these screens
ALLOWED_LATIN = {"GDP", "GB", "T", "yyyy", "nanjing_four_colour_v1"}


@pytest.fixture(scope="module")
def tables(manifest_path: Path) -> dict[str, Table]:
    return read_tables(manifest_path)


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A copy of our files to break."""
    root = tmp_path / "assets"
    shutil.copytree(bundle.ASSETS, root)
    return root


def change(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    content = yaml.safe_load(path.read_text("utf-8"))
    edit(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def test_every_chart_and_dashboard_fits_the_manifest(tables: dict[str, Table]) -> None:
    assert validate.problems(tables) == []


def test_only_published_schemas_become_datasets(tables: dict[str, Table]) -> None:
    assert {table.schema for table in tables.values()} == set(PUBLISHED_SCHEMAS)


def test_every_published_column_and_metric_has_a_chinese_label(tables: dict[str, Table]) -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    columns = [f"{t.key}.{c.name}" for t in tables.values() for c in t.columns.values() if not chinese.search(c.label)]
    metrics = [f"{t.key}.{m.name}" for t in tables.values() for m in t.metrics.values() if not chinese.search(m.label)]
    assert (columns, metrics) == ([], [])


def test_a_metric_that_dbt_does_not_define_names_the_file(assets: Path, tables: dict[str, Table]) -> None:
    path = assets / "charts" / "overview_ranking.yaml"
    change(path, lambda chart: chart["params"]["metrics"].append("made_up"))
    (problem,) = validate.problems(tables, assets)
    assert str(path) in problem and "made_up" in problem and "config.meta.metrics" in problem


def test_a_metric_inside_an_expression_is_checked_too(assets: Path, tables: dict[str, Table]) -> None:
    path = assets / "charts" / "inspection_cards.yaml"
    text = path.read_text("utf-8")
    assert "${rectification_rate}" in text
    path.write_text(text.replace("${rectification_rate}", "${made_up}"), "utf-8")
    assert any(str(path) in problem and "made_up" in problem for problem in validate.problems(tables, assets))


def test_a_column_that_is_gone_from_dbt_names_the_chart(tables: dict[str, Table]) -> None:
    hazard = tables["inspection.fct_hazard"]
    kept = {name: column for name, column in hazard.columns.items() if name != "overdue_days"}
    without = {**tables, hazard.key: Table(**{**hazard.__dict__, "columns": kept})}
    assert any(
        "inspection_overdue.yaml" in problem and "overdue_days" in problem for problem in validate.problems(without)
    )


def test_rows_are_not_sorted_by_a_column_that_a_metric_is_named_like(tables: dict[str, Table]) -> None:
    """Superset takes the name for the metric, and the database then asks for a GROUP BY."""
    hazard = tables["inspection.fct_hazard"]
    alike = {**hazard.metrics, "overdue_days": next(iter(hazard.metrics.values()))}
    named_alike = {**tables, hazard.key: dataclasses.replace(hazard, metrics=alike)}
    assert any(
        "inspection_overdue.yaml" in problem and "overdue_days" in problem for problem in validate.problems(named_alike)
    )


def test_a_dashboard_without_the_data_date_is_refused(assets: Path, tables: dict[str, Table]) -> None:
    path = assets / "dashboards" / "credit.yaml"
    used = datasets.identity("chart", "publication")

    def drop(dashboard: dict[str, Any]) -> None:
        parts = dashboard["position"]
        for name in [n for n, p in parts.items() if isinstance(p, dict) and p.get("meta", {}).get("uuid") == used]:
            del parts[name]

    change(path, drop)
    assert any(str(path) in problem and "数据日期" in problem for problem in validate.problems(tables, assets))


def test_a_missing_dashboard_is_said(assets: Path, tables: dict[str, Table]) -> None:
    (assets / "dashboards" / "quality.yaml").unlink()
    assert any("缺少看板 quality" in problem for problem in validate.problems(tables, assets))


def test_a_renamed_file_must_take_its_new_uuid(assets: Path) -> None:
    (assets / "charts" / "overview_trend.yaml").rename(assets / "charts" / "renamed.yaml")
    with pytest.raises(bundle.AssetError, match=r"renamed\.yaml"):
        bundle.load("charts", assets)


def test_titles_are_chinese_and_say_what_they_count() -> None:
    for chart in bundle.load("charts"):
        title = chart.content["slice_name"]
        assert set(re.findall(r"[A-Za-z_]+", title)) <= ALLOWED_LATIN, title
        if chart.content["viz_type"].startswith("echarts"):
            assert re.search(r"\((起|人|次|家|项|条|分|%|万元)\) · ", title), f"{title}: 缺单位或期间"


# what a chart may aggregate itself: its sort key, and the one cell of a table in which each district has a column
OWN_AGGREGATES = re.compile(
    r"min\((display|indicator)_order\)|max\(case when area_code = '\d{6}' then points / nullif\(points_full, 0\) end\)"
)


def test_measures_are_dbts_and_charts_only_format_them() -> None:
    aggregate = re.compile(r"\b(?:sum|count|avg|min|max|min_by|max_by|bool_and|bool_or)\((?!\$\{)")
    own = []
    for chart in bundle.load("charts"):
        used = [*(chart.content["params"].get("metrics") or []), chart.content["params"].get("metric")]
        own += [
            f"{chart.name}: {metric['sqlExpression']}"
            for metric in used
            if isinstance(metric, dict) and aggregate.search(OWN_AGGREGATES.sub("", metric["sqlExpression"]))
        ]
    assert own == []


def test_what_reaches_superset_has_no_short_form_left(tables: dict[str, Table]) -> None:
    contents = bundle.assemble(tables, "duckdb:////nowhere/jgt.duckdb", {})
    rendered = {path: content for path, content in contents.items() if path.startswith(("charts/", "dashboards/"))}
    left = re.compile(r"\$\{[a-z]|\[\[[a-z]|^file:")
    assert [
        path for path, content in rendered.items() if any(left.search(text) for text in bundle.strings(content))
    ] == []


def test_every_chart_has_the_saved_query_that_its_data_endpoint_needs(tables: dict[str, Table]) -> None:
    contents = bundle.assemble(tables, "duckdb:////nowhere/jgt.duckdb", {})
    for path, content in contents.items():
        if path.startswith("charts/"):
            (query,) = json.loads(content["query_context"])["queries"]
            assert query["columns"] or query["metrics"], path


def test_the_district_drawing_has_every_district_once() -> None:
    drawing = json.loads((bundle.ASSETS / "geo" / "nanjing.json").read_text("utf-8"))
    # GB/T 2260: the eleven districts of Nanjing
    expected = [
        "320102",
        "320104",
        "320105",
        "320106",
        "320111",
        "320113",
        "320114",
        "320115",
        "320116",
        "320117",
        "320118",
    ]
    assert sorted(drawing["districts"]) == expected
    assert bundle.shape("path").count("{{#if (eq area_code") == 11
