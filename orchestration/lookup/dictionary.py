"""`jgt dictionary`: the dictionary of the served version at the terminal: marts, a mart's page, a table's columns."""

from __future__ import annotations

import json
from typing import Any, TextIO

from dashboards.published.manifest import PUBLISHED_SCHEMAS, Table, read_manifest
from dashboards.published.metric_sql import NoSuchMetric, find_table
from ingest.base.home import Home
from orchestration.dbt.pages import guides_of
from orchestration.language import say
from orchestration.lookup.connection import WarehouseError
from orchestration.lookup.metric import published_tables
from orchestration.publish.publishing import published_manifest_path


def pages(home: Home) -> dict[str, str]:
    """The page of every mart of the served version, as Markdown.

    Raises:
        WarehouseError: nothing is published, or the version has no dictionary.
    """
    published_tables(home)
    return guides_of(read_manifest(published_manifest_path(home)))


def show(home: Home, name: str | None, as_json: bool, out: TextIO) -> None:
    """Write the list of marts, the page of one, or the columns of a table.

    Args:
        home: state folder with a published version.
        name: a schema, a table (`schema.table` or its Chinese name), or None for the list.
        as_json: the stable machine format.
        out: where to write.

    Raises:
        WarehouseError: nothing is published, or nothing is called so.
    """
    tables = published_tables(home)
    if name is None or name in PUBLISHED_SCHEMAS:
        chosen = [t for t in tables.values() if name in (None, t.schema)]
        page = pages(home).get(name or "")
        if as_json:
            listed = [{"table": t.key, "label": t.label, "description": t.description} for t in chosen]
            out.write(json.dumps({"page": page, "tables": listed}, ensure_ascii=False, indent=2) + "\n")
        else:
            _show_tables(chosen, page, out)
        return
    try:
        table = find_table(tables, name)
    except NoSuchMetric as error:
        schemas = "、".join(PUBLISHED_SCHEMAS)
        raise WarehouseError(
            say(
                f"词典里没有 {name}；写集市（{schemas}）或表名，不写列出全部。",
                f"no {name} in the dictionary; name a mart ({schemas}) or a table, or nothing for the list.",
            )
        ) from error
    if as_json:
        out.write(json.dumps(_as_data(table), ensure_ascii=False, indent=2) + "\n")
    else:
        _show_table(table, out)


def _show_tables(tables: list[Table], page: str | None, out: TextIO) -> None:
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.table import Table as Grid

    console = Console(file=out)
    if page:
        console.print(Markdown(page))
        console.print()
    grid = Grid()
    for heading in (say("表", "table"), say("名称", "label"), say("一行是什么", "a row is")):
        grid.add_column(heading, overflow="fold")
    for table in tables:
        grid.add_row(table.key, table.label, table.description.split("。")[0])
    console.print(grid)


def _show_table(table: Table, out: TextIO) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Grid

    console = Console(file=out, highlight=False)
    console.print(f"[bold]{table.key}[/bold] {escape(table.label)}")
    console.print(escape(table.description))
    grid = Grid()
    for heading in (say("列", "column"), say("名称", "label"), say("类型", "type"), say("口径", "meaning")):
        grid.add_column(heading, overflow="fold")
    for column in table.columns.values():
        grid.add_row(column.name, column.label, column.data_type, escape(_meaning(column.caliber, column.label)))
    console.print(grid)
    if table.metrics:
        console.print(
            say(f"指标：jgt metric {table.key}", f"metrics: jgt metric {table.key}")
            + f"（{'、'.join(m.label for m in table.metrics.values())}）"
        )


def _meaning(caliber: str, label: str) -> str:
    return caliber.removeprefix(f"{label}：")


def _as_data(table: Table) -> dict[str, Any]:
    return {
        "table": table.key,
        "label": table.label,
        "description": table.description,
        "columns": [
            {"name": c.name, "label": c.label, "type": c.data_type, "meaning": _meaning(c.caliber, c.label)}
            for c in table.columns.values()
        ],
        "metrics": [{"name": m.name, "label": m.label, "expression": m.expression} for m in table.metrics.values()],
    }
