"""The views that charts read: a fact from every area it belongs to, a month seen cumulatively, the last run."""

from __future__ import annotations

import duckdb
import pytest

from dashboards import datasets
from dashboards.published.manifest import Column, Metric, Table


def table(schema: str, name: str, columns: str, metrics: tuple[Metric, ...] = ()) -> Table:
    typed = (pair.split(":") for pair in columns.split())
    built = {n: Column(n, t, f"标签{n}", "") for n, t in typed}
    return Table(schema, name, name, "", "", built, {metric.name: metric for metric in metrics})


TABLES = {
    item.key: item
    for item in (
        table("core", "dim_district", "area_code:varchar area_name:varchar area_level:varchar area_order:bigint"),
        table("inspection", "fct_hazard", "hazard_id:varchar district_code:varchar functional_zone_code:varchar"),
        table(
            "accident",
            "agg_accident_month",
            "month_start:date area_code:varchar area_order:bigint accidents:bigint",
            (Metric("accidents", "事故起数", "sum(accidents)", ",d", "起", ""),),
        ),
        table("quality", "fct_check_result", "check_id:varchar run_id:varchar checked_at:timestamp"),
    )
}


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for schema in ("core", "inspection", "accident", "quality"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table core.dim_district as select * from (values ('320100', '南京市', 'city', 0),"
        " ('320111', '浦口区', 'district', 5), ('320116', '六合区', 'district', 9),"
        " ('320190', '江北新区', 'functional_zone', 12)) t(area_code, area_name, area_level, area_order)"
    )
    connection.execute(
        "create table inspection.fct_hazard as select * from (values ('a', '320111', '320190'), ('b', '320111', null),"
        " ('c', '320116', '320190'), ('d', null, null)) t(hazard_id, district_code, functional_zone_code)"
    )
    connection.execute(
        "create table accident.agg_accident_month as select * from (values (date '2025-12-01', '320100', 0, 7),"
        " (date '2026-01-01', '320100', 0, 2), (date '2026-02-01', '320100', 0, 0), (date '2026-03-01', '320100', 0, 5))"
        " t(month_start, area_code, area_order, accidents)"
    )
    connection.execute(
        "create table quality.fct_check_result as select * from (values ('x', 'r1', timestamp '2026-11-19 08:00:00'),"
        " ('x', 'r2', timestamp '2026-11-20 08:00:00'), ('y', 'r2', timestamp '2026-11-20 08:00:01'))"
        " t(check_id, run_id, checked_at)"
    )
    return connection


def view(name: str) -> str:
    return str(datasets.dataset(name, TABLES)["sql"])


def test_a_hazard_in_jiangbei_counts_for_its_district_for_the_zone_and_once_for_the_city(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    counted = warehouse.execute(
        f"select area_name, count(*) from ({view('inspection.fct_hazard@area')}) group by 1"
    ).fetchall()
    assert dict(counted) == {"南京市": 4, "浦口区": 2, "六合区": 1, "江北新区": 2}


def test_year_to_date_starts_again_in_january(warehouse: duckdb.DuckDBPyConnection) -> None:
    metric = TABLES["accident.agg_accident_month"].metrics["accidents"].expression
    summed = warehouse.execute(
        f"select strftime(month_start, '%Y-%m'), {metric} from ({view('accident.agg_accident_month@ytd')})"
        " group by 1 order by 1"
    ).fetchall()
    assert summed == [("2025-12", 7), ("2026-01", 2), ("2026-02", 2), ("2026-03", 7)]


def test_the_latest_view_holds_the_last_run_alone(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(f"select check_id from ({view('quality.fct_check_result@latest')}) order by 1").fetchall()
    assert rows == [("x",), ("y",)]


def test_the_period_reads_as_people_write_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    expression = next(
        column["expression"]
        for column in datasets.dataset("accident.agg_accident_month", TABLES)["columns"]
        if column["column_name"] == datasets.PERIOD_COLUMN
    )
    shown = warehouse.execute(f"select distinct {expression} from accident.agg_accident_month order by 1").fetchall()
    assert shown[0] == ("2025年12月",)


def test_a_dataset_carries_labels_types_and_metrics_of_dbt() -> None:
    made = datasets.dataset("accident.agg_accident_month", TABLES)
    by_name = {column["column_name"]: column for column in made["columns"]}
    assert by_name["month_start"]["is_dttm"] is True
    assert by_name["accidents"]["verbose_name"] == "标签accidents"
    assert {m["metric_name"]: m["expression"] for m in made["metrics"]} == {
        "accidents": "sum(accidents)",
        "display_order": "min(area_order)",
        "shown_period": "max(strftime(month_start, '%Y年%m月'))",
    }


def test_a_view_that_a_table_cannot_have_is_refused() -> None:
    for name in ("core.dim_district@area", "inspection.fct_hazard@ytd", "nowhere.at_all"):
        with pytest.raises(datasets.UnknownDataset):
            datasets.dataset(name, TABLES)


def test_the_same_name_has_the_same_uuid_on_every_machine() -> None:
    # frozen: another value would leave orphans in every installation
    assert datasets.identity("chart", "publication") == "f90e5a22-3649-50c0-890d-5d3fd9bf04de"
