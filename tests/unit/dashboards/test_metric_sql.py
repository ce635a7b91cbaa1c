"""A metric is defined once: Superset's dataset and `jgt metric` ask with the very words of dbt's definition."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from dashboards.datasets import dataset
from dashboards.published.manifest import Column, Metric, Table
from dashboards.published.metric_sql import NoSuchMetric, find_column, find_metric, find_table, metric_sql, shown

DEATHS = Metric("deaths", "死亡人数", "sum(case when is_statistical then deaths end)", ",d", "人", "计入统计的事故")
RATE = Metric("mean", "每起死亡人数", "cast(sum(deaths) as double) / nullif(count(*), 0)", ",.2f", "人", "")
ACCIDENT = Table(
    "accident",
    "fct_accident",
    "事故",
    "",
    "",
    {
        name: Column(name, "varchar", label, "")
        for name, label in (("district_code", "区划代码"), ("district_name", "区"), ("deaths", "死亡人数"))
    },
    {m.name: m for m in (DEATHS, RATE)},
)
TABLES = {ACCIDENT.key: ACCIDENT}


def test_superset_and_the_command_use_the_same_expression() -> None:
    of_superset = {m["metric_name"]: m["expression"] for m in dataset(ACCIDENT.key, TABLES)["metrics"]}
    for metric in (DEATHS, RATE):
        assert of_superset[metric.name] == metric.expression
        assert f"{metric.expression} as {metric.name}" in metric_sql(ACCIDENT, [metric], ["district_name"])


def test_a_metric_is_computed_by_group_and_districts_keep_their_order() -> None:
    connection = duckdb.connect()
    connection.execute("create schema accident")
    connection.execute(
        "create table accident.fct_accident as select * from (values "
        "('320118', '高淳区', 1, true), ('320102', '玄武区', 2, true), ('320102', '玄武区', 5, false), "
        "('320104', '秦淮区', null, true)) as t(district_code, district_name, deaths, is_statistical)"
    )
    statement = metric_sql(ACCIDENT, [DEATHS, RATE], ["district_name"], "deaths is null or deaths < 5")
    assert connection.execute(statement).fetchall() == [("玄武区", 2, 2.0), ("秦淮区", None, None), ("高淳区", 1, 1.0)]
    assert connection.execute(metric_sql(ACCIDENT, [DEATHS])).fetchall() == [(3,)]


def test_tables_metrics_and_columns_are_found_by_name_or_by_what_they_are_called() -> None:
    assert find_table(TABLES, "事故") is find_table(TABLES, "accident.fct_accident") is ACCIDENT
    assert find_metric(ACCIDENT, "死亡人数") is DEATHS
    assert [find_column(ACCIDENT, n) for n in ("区", "district", "district_code")] == [
        "district_name",
        "district_name",
        "district_code",
    ]
    for wrong in (
        lambda: find_table(TABLES, "nothing"),
        lambda: find_metric(ACCIDENT, "整改率"),
        lambda: find_column(ACCIDENT, "street"),
    ):
        with pytest.raises(NoSuchMetric):
            wrong()


@pytest.mark.parametrize(
    ("value", "format_", "text"),
    [
        (1234, ",d", "1,234"),
        (Decimal("1234.00"), ",d", "1,234"),
        (0.1234, ".1%", "12.3%"),
        (-0.05, "+.1%", "-5.0%"),
        (12.5, ",.4~f", "12.5000"),
        (None, ",d", "—"),
        ("第一", "", "第一"),
    ],
)
def test_values_are_shown_by_the_metrics_format(value: object, format_: str, text: str) -> None:
    assert shown(value, format_) == text
