"""Superset datasets, rendered from dbt's published tables.

Besides each table itself there are two views of it, made only where a chart asks for them by name:

- `schema.table@area`: a fact seen from every area it belongs to (city, district, functional zone), so that one filter
  区 serves facts and aggregates alike. A row stands once per area: charts on it always filter one area.
- `schema.table@ytd`: a monthly aggregate seen cumulatively; the rows of month M are those of January to M. The table's
  own metrics (sums and ratios of sums) then give 本年累计.
- `schema.table@latest`: of a history of runs, the rows of the last run.
"""

from __future__ import annotations

import uuid
from typing import Any

from dashboards.published.manifest import Metric, Table

NAMESPACE = uuid.UUID("5c2f6f0e-55f3-5f64-9d0c-4a4754444153")
DATABASE_NAME = "监管通数据仓库"
AREA_COLUMNS = ("area_code", "area_name", "area_level", "area_order")
VIEWS = {"area": "按区", "ytd": "本年累计", "latest": "最近一次"}

# What a month is called on screens and in the filter 期间; text, so that it sorts and reads the same everywhere.
PERIOD_COLUMN, PERIOD_EXPRESSION = "period_month", "strftime(month_start, '%Y年%m月')"
ORDER_METRIC = "display_order"
SHOWN_PERIOD_METRIC = "shown_period"


class UnknownDataset(KeyError):
    """A chart asks for a table or view that dbt does not publish."""


def identity(kind: str, name: str) -> str:
    """The lasting uuid of an asset: same kind and name, same uuid on every machine."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}:{name}"))


def possible_names(tables: dict[str, Table]) -> list[str]:
    """Every dataset that could be rendered: tables, and the views that their columns allow."""
    names = list(tables)
    for key, table in tables.items():
        if "district_code" in table.columns and "area_code" not in table.columns:
            names.append(f"{key}@area")
        if "month_start" in table.columns and "area_code" in table.columns:
            names.append(f"{key}@ytd")
        if {"run_id", "checked_at"} <= set(table.columns):
            names.append(f"{key}@latest")
    return names


def columns_of(name: str, tables: dict[str, Table]) -> set[str]:
    """Names of the columns that a dataset offers, with those that this module adds."""
    key, _, view = name.partition("@")
    if key not in tables:
        raise UnknownDataset(name)
    found = set(tables[key].columns)
    if view == "area":
        found |= set(AREA_COLUMNS)
    if "month_start" in found:
        found.add(PERIOD_COLUMN)
    return found


def metrics_of(name: str, tables: dict[str, Table]) -> dict[str, Metric]:
    """Metrics of a dataset: the table's own, the district order where there are areas, the period shown where months."""
    key = name.partition("@")[0]
    if key not in tables:
        raise UnknownDataset(name)
    metrics = dict(tables[key].metrics)
    if "area_order" in columns_of(name, tables):
        metrics[ORDER_METRIC] = Metric(ORDER_METRIC, "区划顺序", "min(area_order)", ",d", "", "各区固定顺序")
    if PERIOD_COLUMN in columns_of(name, tables):
        # a link on the page carries it, so that a click keeps the chosen period
        shown = f"max({PERIOD_EXPRESSION})"
        metrics[SHOWN_PERIOD_METRIC] = Metric(SHOWN_PERIOD_METRIC, "所示期间", shown, "", "文本", "所筛选的最近月份")
    return metrics


def database(uri: str, settings: dict[str, str]) -> dict[str, Any]:
    """The published warehouse as a read-only Superset database."""
    return {
        "database_name": DATABASE_NAME,
        "sqlalchemy_uri": uri,
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "allows_virtual_table_explore": True,
            "metadata_params": {},
            "engine_params": {"connect_args": {"read_only": True, "config": dict(settings)}},
        },
        "uuid": identity("database", DATABASE_NAME),
        "version": "1.0.0",
    }


def dataset(name: str, tables: dict[str, Table]) -> dict[str, Any]:
    """One dataset in Superset's export format.

    Raises:
        UnknownDataset: if dbt publishes no such table, or it lacks what the view needs.
    """
    if name not in possible_names(tables):
        raise UnknownDataset(name)
    key, _, view = name.partition("@")
    table = tables[key]
    offered = columns_of(name, tables)
    columns = [_column(c.name, c.label, c.caliber, c.data_type, c.is_temporal) for c in table.columns.values()]
    if view == "area":
        places = tables["core.dim_district"].columns
        columns += [_column(n, places[n].label, places[n].caliber, places[n].data_type, False) for n in AREA_COLUMNS]
    if PERIOD_COLUMN in offered:
        columns.append({**_column(PERIOD_COLUMN, "期间", "", "VARCHAR", False), "expression": PERIOD_EXPRESSION})
    return {
        "table_name": f"{table.name}_{view}" if view else table.name,
        "main_dttm_col": next((c.name for c in table.columns.values() if c.is_temporal), None),
        "description": " · ".join(part for part in (table.label, VIEWS.get(view, ""), table.description) if part),
        "schema": table.schema,
        "sql": _view_sql(table, view),
        "catalog": None,
        "offset": 0,
        "cache_timeout": None,
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "fetch_values_predicate": None,
        "extra": None,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": identity("dataset", name),
        "metrics": [_metric(metric) for metric in metrics_of(name, tables).values()],
        "columns": columns,
        "version": "1.0.0",
        "database_uuid": identity("database", DATABASE_NAME),
    }


def _view_sql(table: Table, view: str) -> str | None:
    if view == "area":
        zone = " or a.area_code = f.functional_zone_code" if "functional_zone_code" in table.columns else ""
        own = ", ".join(f"f.{name}" for name in table.columns)
        area = ", ".join(f"a.{name}" for name in AREA_COLUMNS)
        return (
            f"select {own}, {area} from {table.key} as f inner join core.dim_district as a"
            f" on a.area_level = 'city' or a.area_code = f.district_code{zone}"
        )
    if view == "ytd":
        own = ", ".join(f"t.{name}" for name in table.columns if name != "month_start")
        return (
            f"select p.month_start, {own} from (select distinct month_start from {table.key}) as p"
            f" inner join {table.key} as t on t.month_start <= p.month_start"
            " and extract(year from t.month_start) = extract(year from p.month_start)"
        )
    if view == "latest":
        return f"select * from {table.key} where run_id = (select max_by(run_id, checked_at) from {table.key})"
    return None


def _column(name: str, label: str, caliber: str, data_type: str, temporal: bool) -> dict[str, Any]:
    return {
        "column_name": name,
        "verbose_name": label or None,
        "is_dttm": temporal,
        "is_active": True,
        "type": data_type.upper(),
        "groupby": True,
        "filterable": True,
        "expression": None,
        "description": caliber or None,
    }


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "metric_name": metric.name,
        "verbose_name": metric.label,
        "expression": metric.expression,
        "d3format": metric.format or None,
        "metric_type": None,
        "description": metric.description or None,
        "extra": {"unit": metric.unit} if metric.unit else {},
        "warning_text": None,
    }
