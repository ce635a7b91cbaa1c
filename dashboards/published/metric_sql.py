"""A metric as SQL, from dbt's one definition of it: what Superset, `jgt metric` and the exports ask alike. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dashboards.published.manifest import Metric, Table

# whose order is fixed, whatever they are called: the column that carries the order
_ORDERED_BY = {
    "area_name": "area_order",
    "district_name": "district_code",
    "department_name": "department_order",
    "indicator_name": "indicator_order",
}


class NoSuchMetric(KeyError):
    """The table, metric or column is not there; the message says what is."""

    def __str__(self) -> str:
        return str(self.args[0])


def find_table(tables: Mapping[str, Table], name: str) -> Table:
    """The table of that name, `schema.table` or its Chinese label.

    Raises:
        NoSuchMetric: there is none, or several are called so.
    """
    found = [t for t in tables.values() if name in (t.key, t.name, t.label)]
    if len(found) == 1:
        return found[0]
    raise NoSuchMetric(f"没有表 {name}；jgt metric 列出有指标的表")


def find_metric(table: Table, name: str) -> Metric:
    """The table's metric of that name or Chinese label.

    Raises:
        NoSuchMetric: the table has none of that name.
    """
    for metric in table.metrics.values():
        if name in (metric.name, metric.label):
            return metric
    raise NoSuchMetric(f"{table.key} 没有指标 {name}；jgt metric {table.key} 列出它的指标")


def find_column(table: Table, name: str) -> str:
    """The table's column of that name, of its Chinese label, or `district` for `district_name`.

    Raises:
        NoSuchMetric: the table has none of that name.
    """
    for column in table.columns.values():
        if name in (column.name, column.label):
            return column.name
    for ending in ("_name", "_code"):
        if f"{name}{ending}" in table.columns:
            return f"{name}{ending}"
    raise NoSuchMetric(f"{table.key} 没有列 {name}；有：{'、'.join(table.columns)}")


def metric_sql(table: Table, metrics: Sequence[Metric], by: Sequence[str] = (), where: str | None = None) -> str:
    """One statement that computes metrics of a table, a row a group.

    Args:
        table: the published table.
        metrics: some of its metrics; their expressions are dbt's, to the letter.
        by: columns to group by, in order; areas, departments and indicators keep their fixed order.
        where: an SQL condition on the table's rows.
    """
    chosen = [*by, *(f"{m.expression} as {m.name}" for m in metrics)]
    statement = f"select {', '.join(chosen)} from {table.key}"
    if where:
        statement += f" where ({where})"
    if by:
        order = [
            f"min({_ORDERED_BY[c]}) nulls last" if _ORDERED_BY.get(c) in table.columns else f"{c} nulls last"
            for c in by
        ]
        statement += f" group by {', '.join(by)} order by {', '.join(order)}"
    return statement


def shown(value: Any, format_: str) -> str:
    """A value as people read it, by the metric's d3 format; — where it is missing."""
    if value is None:
        return "—"
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and format_:
        spec = format_.replace("$", "").replace("~", "")  # d3 marks a currency and idle zeros so, Python neither
        return f"{round(value):{spec}}" if spec.endswith("d") else f"{float(value):{spec}}"
    return str(value)
