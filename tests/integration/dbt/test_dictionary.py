"""The dictionary's pages: one a published mart, and every worked query on it runs as a reader's would and finds rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from dashboards.datasets import dataset
from dashboards.published.manifest import PUBLISHED_SCHEMAS, read_tables
from dashboards.published.metric_sql import metric_sql
from ingest.base.home import Home
from orchestration.dbt.pages import guides_in, guides_of, overview
from orchestration.dbt.project import PROJECT
from orchestration.lookup.connection import query

_QUERY = re.compile(r"^```sql\n(.*?)^```", re.DOTALL | re.MULTILINE)


def queries_in(page: str) -> list[str]:
    """The worked queries of a page, without a closing semicolon."""
    return [query.strip().rstrip(";") for query in _QUERY.findall(page)]


QUERIES = [
    pytest.param(text, id=f"{schema}-{number}")
    for schema, page in guides_in(PROJECT).items()
    for number, text in enumerate(queries_in(page), 1)
]


@pytest.mark.parametrize("schema", PUBLISHED_SCHEMAS)
def test_every_mart_has_a_page_with_three_worked_queries(schema: str) -> None:
    assert len(queries_in(guides_in(PROJECT).get(schema, ""))) >= 3


@pytest.mark.parametrize("statement", QUERIES)
def test_a_worked_query_finds_rows_in_the_published_city(published_home: Home, statement: str) -> None:
    names, rows = query(published_home, statement)
    assert names and rows, statement


def test_the_served_version_carries_its_own_pages_and_its_first_page_has_them_all(published_home: Home) -> None:
    manifest = json.loads((published_home.serving / "current" / "dbt_manifest.json").read_text("utf-8"))
    assert guides_of(manifest) == guides_in(PROJECT)
    shown = manifest["docs"]["doc.jgt.__overview__"]["block_contents"]
    assert shown.strip() in str(overview(PROJECT))
    assert all(page in shown for page in guides_in(PROJECT).values())


def test_every_metric_is_computed_by_the_words_that_superset_uses(published_home: Home, manifest_path: Path) -> None:
    tables = read_tables(manifest_path)
    measured = {key: table for key, table in tables.items() if table.metrics}
    assert len(measured) >= 20
    for key, table in measured.items():
        metrics = list(table.metrics.values())
        names, rows = query(published_home, metric_sql(table, metrics))
        assert (names, len(rows)) == ([m.name for m in metrics], 1), key
        of_superset = {m["metric_name"]: m["expression"] for m in dataset(key, tables)["metrics"]}
        assert {m.name: m.expression for m in metrics}.items() <= of_superset.items(), key


def test_a_code_on_no_list_is_counted_with_its_column_and_loses_no_row(
    published_home: Home, truth: dict[str, Any]
) -> None:
    _, rows = query(published_home, "select feed, column_name, code, code_rows from quality.rpt_unknown_code")
    told = {(row["feed"], row["column"], row["code"]): row["rows"] for row in truth["kept_unknown"]}
    # a class of GB/T 4754-2011 that the city still sends
    assert {("gxj.industrial_enterprise", "industry_code", "3610"), ("yjgl.hazard", "level", "较大")} <= set(told)
    assert {(feed, column, code): n for feed, column, code, n in rows} == told


def test_districts_and_city_differ_by_known_reasons_alone(published_home: Home) -> None:
    _, rows = query(
        published_home,
        "select city_records - district_records - city_level_records - no_area_records - unknown_area_records, "
        "unexplained, city_records > 0, functional_zone_records > 0 or table_name like 'rpt_%' from quality.rpt_area_balance",
    )
    assert len(rows) >= 12  # a list of suspicions may have none in 江北新区
    assert {tuple(row) for row in rows} == {(0, 0, True, True)}


def test_the_terminal_shows_pages_and_columns(published_home: Home, jgt: Callable[..., CompletedProcess[str]]) -> None:
    page = jgt(published_home, "dictionary", "core").stdout
    assert "一企一档" in page and "core.rpt_enterprise_file" in page
    told = json.loads(jgt(published_home, "dictionary", "accident.fct_accident", "--json").stdout)
    deaths = next(c for c in told["columns"] if c["name"] == "deaths")
    assert deaths["label"] == "死亡人数" and not deaths["meaning"].startswith("死亡人数：")
    wrong = jgt(published_home, "dictionary", "nothing")
    assert wrong.returncode == 1 and "词典里没有 nothing" in wrong.stderr
