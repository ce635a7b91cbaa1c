"""Text of SQL (literals, identifiers, lists of files) and in-memory DuckDB connections, made in one way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing DuckDB takes longer than showing help
    import duckdb


@dataclass(frozen=True)
class TemporaryTable:
    """A temporary table that several modules share. It prints as its name, so that SQL text can name it.

    Args:
        name: in its connection.
        columns: name → DuckDB type, in order.
    """

    name: str
    columns: Mapping[str, str]

    def __str__(self) -> str:
        return self.name

    @property
    def declaration(self) -> str:
        """SQL that makes it anew, empty."""
        columns = ", ".join(f"{identifier(name)} {kind}" for name, kind in self.columns.items())
        return f"create or replace temp table {self.name} ({columns})"


def literal(value: object) -> str:
    """A value as an SQL literal: booleans and numbers as they are, everything else as quoted text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def literals(values: Iterable[object]) -> str:
    """Values as SQL literals with commas between them, as `in (…)` takes them."""
    return ", ".join(literal(value) for value in values)


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def path_list(paths: Iterable[Path | str]) -> str:
    """Files as an SQL list, as `read_parquet` takes it."""
    return f"[{literals(paths)}]"


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


def memory_connection(
    memory_limit: str | None = None,
    spill: Path | str | None = None,
    threads: int | None = 1,
    **settings: str | bool | int,
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB; use it as a context manager or close it.

    Args:
        memory_limit: such as `1GB`; None: DuckDB's own, most of the machine's memory.
        spill: existing folder for what does not fit in memory; None: DuckDB's own.
        threads: one, so that rows keep their order and the same input gives the same bytes; None: as many as there are.
        settings: other settings of DuckDB.
    """
    import duckdb

    config: dict[str, Any] = {"threads": threads, "memory_limit": memory_limit, "temp_directory": spill, **settings}
    return duckdb.connect(
        config={name: str(v) if isinstance(v, Path) else v for name, v in config.items() if v is not None}
    )
