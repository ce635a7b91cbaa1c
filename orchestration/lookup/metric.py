"""`jgt metric`: the metrics as dbt defines them, listed and computed on the published version."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from dashboards.published.manifest import Metric, Table, read_tables
from dashboards.published.metric_sql import NoSuchMetric, find_column, find_metric, find_table, metric_sql, shown
from ingest.base.home import Home
from orchestration.language import say
from orchestration.lookup.connection import WarehouseError, published_file, query
from orchestration.publish.publishing import published_manifest_path


def published_tables(home: Home) -> Mapping[str, Table]:
    """The published tables with their metrics, as the served version's own dictionary has them.

    Raises:
        WarehouseError: nothing is published, or the version has no dictionary.
    """
    published_file(home)
    path = published_manifest_path(home)
    if not path.exists():
        raise WarehouseError(
            say("已发布的版本没有附带数据词典；请重新运行 jgt run", "this version has no dictionary; run jgt run again")
        )
    return read_tables(path)


def run_metric(
    home: Home,
    table: str,
    names: Sequence[str],
    by: Sequence[str],
    where: str | None,
    format_: str,
    only_sql: bool,
    out: TextIO,
) -> None:
    """Compute metrics of a table and write them, or the statement that does.

    Args:
        home: state folder with a published version.
        table: `schema.table` or its Chinese name.
        names: metrics, by name or Chinese name; none: all of the table's.
        by: columns to group by, by name or Chinese name.
        where: an SQL condition on the table's rows.
        format_: `table`, `csv` or `json`.
        only_sql: write the statement instead of running it.
        out: where to write.

    Raises:
        WarehouseError: no such table, metric or column, or an error of DuckDB's in the condition.
    """
    from orchestration.lookup.sql import run_query

    try:
        found = find_table(published_tables(home), table)
        metrics = [find_metric(found, name) for name in names] or list(found.metrics.values())
        if not metrics:
            raise NoSuchMetric(f"{found.key}（{found.label}）没有定义指标")
        columns = [find_column(found, name) for name in by]
    except NoSuchMetric as error:
        raise WarehouseError(str(error)) from error
    statement = metric_sql(found, metrics, columns, where)
    if only_sql:
        out.write(statement + "\n")
    elif format_ == "table":
        _, rows = query(home, statement)
        _show(found, metrics, columns, rows, out)
    else:
        run_query(home, statement, format_, out)


def _show(table: Table, metrics: Sequence[Metric], by: Sequence[str], rows: list[tuple[Any, ...]], out: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table as Grid

    grid = Grid(title=table.label, title_justify="left")
    for name in by:
        grid.add_column(table.columns[name].label or name)
    for metric in metrics:
        unit = f"（{metric.unit}）" if metric.unit and metric.unit != "%" and metric.unit not in metric.label else ""
        grid.add_column(f"{metric.label}{unit}", justify="right")
    for row in rows:
        dimensions = ["（空）" if value is None else str(value) for value in row[: len(by)]]
        values = [shown(v, m.format) for v, m in zip(row[len(by) :], metrics, strict=True)]
        grid.add_row(*dimensions, *values)
    Console(file=out).print(grid)


def list_metrics(home: Home, name: str | None, as_json: bool, out: TextIO) -> None:
    """List the tables that have metrics, or one table's metrics with their expression and 口径.

    Raises:
        WarehouseError: nothing is published, or there is no such table.
    """
    tables = published_tables(home)
    try:
        chosen = [find_table(tables, name)] if name else [t for t in tables.values() if t.metrics]
    except NoSuchMetric as error:
        raise WarehouseError(str(error)) from error
    if as_json:
        found = {
            t.key: {
                m.name: {"label": m.label, "expression": m.expression, "unit": m.unit, "description": m.description}
                for m in t.metrics.values()
            }
            for t in chosen
        }
        out.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return
    from rich.console import Console
    from rich.table import Table as Grid

    grid = Grid(title=f"{chosen[0].label}（{chosen[0].key}）" if name else None, title_justify="left")
    if name:
        for heading in (say("指标", "metric"), say("名称", "label"), say("单位", "unit"), say("口径", "meaning")):
            grid.add_column(heading, overflow="fold")
        for m in chosen[0].metrics.values():
            grid.add_row(m.name, m.label, m.unit, f"{m.description}\n[dim]{m.expression}[/dim]")
    else:
        for heading in (say("表", "table"), say("名称", "label"), say("指标", "metrics")):
            grid.add_column(heading, overflow="fold")
        for t in chosen:
            grid.add_row(t.key, t.label, "、".join(m.label for m in t.metrics.values()))
    Console(file=out).print(grid)
