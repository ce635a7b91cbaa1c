"""`jgt sql`: one query on the published version, as a table, CSV or JSON."""

from __future__ import annotations

import csv
import json
from typing import Any, TextIO

from ingest.base.home import Home

_SHOWN_IN_TABLE = 200


def _json_value(value: Any) -> Any:
    # a decimal stays exact as text; dates are ISO 8601
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def run_query(home: Home, statement: str, format_: str, out: TextIO) -> None:
    """Run one read-only statement and write its result.

    Args:
        home: state folder with a published version.
        statement: one SELECT, WITH, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.
        format_: `table` (first 200 rows), `csv` or `json` (all rows).
        out: where to write.

    Raises:
        WarehouseError: nothing published, a statement that is not allowed, or an error of DuckDB's.
    """
    from orchestration.language import say
    from orchestration.lookup.connection import WarehouseError, query

    if format_ not in ("table", "csv", "json"):
        raise WarehouseError(
            say(f"格式 {format_} 不可用：table、csv 或 json。", f"no format {format_}: table, csv or json.")
        )
    columns, rows = query(home, statement)
    if format_ == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    elif format_ == "json":
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        out.write(json.dumps(records, ensure_ascii=False, indent=2, default=_json_value) + "\n")
    else:
        _table(columns, rows, out)


def _table(columns: list[str], rows: list[tuple[Any, ...]], out: TextIO) -> None:
    from decimal import Decimal

    from rich.console import Console
    from rich.table import Table

    from orchestration.language import say

    table = Table()
    for index, name in enumerate(columns):
        numeric = bool(rows) and isinstance(rows[0][index], int | float | Decimal)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows[:_SHOWN_IN_TABLE]:
        table.add_row(*("—" if value is None else str(value) for value in row))
    console = Console(file=out)
    console.print(table)
    if len(rows) > _SHOWN_IN_TABLE:
        console.print(
            say(
                f"共 {len(rows):,} 行，仅显示前 {_SHOWN_IN_TABLE} 行；全部请用 --format csv",
                f"{len(rows):,} rows, the first {_SHOWN_IN_TABLE} shown; --format csv gives all",
            )
        )
