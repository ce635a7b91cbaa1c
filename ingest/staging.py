"""From a reader's text to a DuckDB table of text, with the count of records checked on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb

from ingest.casting import literal
from ingest.readers.table import TextPart

# 合计, 小计, 总计 rows close a workbook's table; they are no records
TOTAL_ROW = "^(合|小|总)[\\s\u3000]*计"


class CountMismatch(RuntimeError):
    """DuckDB saw another number of records than the reader counted: nothing of this reading may be used."""


def load(connection: duckdb.DuckDBPyConnection, part: TextPart, target: str) -> int:
    """Load a part's text as it is.

    Args:
        connection: in-memory DuckDB.
        part: what the reader found.
        target: table to make: _ord, _row, _sheet, c0, c1, … as sent (empty text is NULL).

    Returns:
        Rows left out as furniture: blank ones and totals.

    Raises:
        CountMismatch: when the file is not as plain as the reader took it to be.
    """
    width = len(part.headers)
    names = ([("_row", "BIGINT")] if part.numbered else []) + [(f"c{i}", "VARCHAR") for i in range(width)]
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in names) + "}"
    cells = ", ".join(f"c{i}" for i in range(width))
    newline = {"\n": "\\n", "\r\n": "\\r\\n"}[part.newline]
    read = (
        f"select {'_row, ' if part.numbered else ''}{cells} from read_csv({literal(str(part.path))}, columns = {columns}, "
        f"auto_detect = false, header = false, skip = {part.skip}, delim = {literal(part.delimiter)}, quote = '\"', "
        f"escape = '\"', new_line = '{newline}', strict_mode = true, null_padding = false, ignore_errors = false, "
        "encoding = 'utf-8')"
    )
    if part.numbered:
        read += f" where _row >= {part.first_row}"
    try:
        connection.execute(f"create or replace temp table {target}_read as {read}")
    except duckdb.Error as error:
        raise CountMismatch(str(error)) from error
    counted = connection.execute(f"select count(*) from {target}_read").fetchone()
    if counted is None or counted[0] != part.rows:
        raise CountMismatch(f"{part.path.name}: 逐行数得 {part.rows} 条，解析得 {counted and counted[0]} 条")
    row = "_row" if part.numbered else f"rowid + {part.first_row}"
    # coalesce stops at the first cell that holds something
    first_cell = "coalesce(" + ", ".join(f"nullif(trim(c{i}, ' \t\u3000'), '')" for i in range(width)) + ")"
    furniture = f"{first_cell} is null"
    if part.has_furniture:
        furniture += f" or regexp_matches({first_cell}, {literal(TOTAL_ROW)})"
    connection.execute(
        f"create or replace temp table {target} as select rowid as _ord, {row} as _row, "
        f"{literal(part.sheet)} as _sheet, {cells} from {target}_read where not ({furniture})"
    )
    kept = connection.execute(f"select count(*) from {target}").fetchone()
    connection.execute(f"drop table {target}_read")
    return counted[0] - (kept[0] if kept else 0)


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, types: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert Python rows in one statement.

    They go in as one JSON literal: any bound parameter makes DuckDB import pandas (0.6 CPU-s, 2026-11).

    Args:
        connection: holds the table.
        table: existing table.
        types: DuckDB types of its columns, in order.
        rows: values that JSON knows, in order of the columns.
    """
    if not rows:
        return
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    given = literal(json.dumps(texts, ensure_ascii=False))
    casts = ", ".join(f"cast(r[{i}] as {kind})" for i, kind in enumerate(types, 1))
    connection.execute(
        f"insert into {table} select {casts} from (select unnest(from_json({given}, '[[\"VARCHAR\"]]')) as r)"
    )
