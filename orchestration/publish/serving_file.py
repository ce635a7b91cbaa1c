"""The published DuckDB file itself: copied from the build into a fresh file, labelled, completed, fingerprinted.

A fresh file because `create or replace` in a reused one grew it from 1.7 to 8.7 GB (2026-11).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from dashboards.published.manifest import PUBLISHED_SCHEMAS, caliber_of, label_of
from ingest.base.engine_limits import engine_limits
from ingest.base.sql import identifier, literal
from quality.mart_suites import Mart, marts
from quality.outcome import COLUMNS, CheckResult, as_rows

CHECK_RESULT: Final = "quality.fct_check_result"
PUBLICATION: Final = "quality.rpt_publication"
DICTIONARY: Final = "quality.dim_column"
# Made here when dbt has no model for them; declared once.
_OWN_TABLES: Final[dict[str, dict[str, str]]] = {
    CHECK_RESULT: COLUMNS,
    PUBLICATION: {
        "version": "VARCHAR",
        "as_of": "DATE",
        "published_at": "TIMESTAMP",
        "is_synthetic": "BOOLEAN",
        "verdict": "VARCHAR",
        "verdict_name": "VARCHAR",
        "checks_total": "BIGINT",
        "checks_failed": "BIGINT",
        "data_notice": "VARCHAR",
        "code_revision": "VARCHAR",
    },
    DICTIONARY: {
        "schema_name": "VARCHAR",
        "table_name": "VARCHAR",
        "column_name": "VARCHAR",
        "label": "VARCHAR",
        "caliber": "VARCHAR",
        "data_type": "VARCHAR",
    },
}
# Facts stay in the order dbt wrote them, which is by time; what is looked up by key is sorted by it.
_LOOKUPS: Final = ("dim_", "agg_", "rpt_", "bridge_")


@dataclass(frozen=True)
class Table:
    """A table's fingerprint: rows, and the exclusive or and the sum of all row hashes. Order does not matter."""

    name: str
    rows: int
    bit_xor: int | None
    total: int | None


@dataclass(frozen=True)
class _Column:
    name: str
    data_type: str
    is_nullable: bool


def copy_tables(build_file: Path, file: Path, dbt_manifest: Mapping[str, Any]) -> dict[str, Table]:
    """Copy the published schemas of the build into a fresh file, with constraints and comments.

    Args:
        build_file: read only.
        file: must not exist yet.
        dbt_manifest: labels, keys and not-null constraints; `{"nodes": {}}` when there is none.

    Returns:
        Fingerprints of what was read from the build, by `schema.table`.

    Raises:
        duckdb.Error: a row breaks a constraint, or the build cannot be read.
        ValueError: the build has no published table.
    """
    declared = {m.subject: m for m in marts(dbt_manifest)}
    with duckdb.connect(str(file), config=dict(engine_limits().settings())) as connection:
        connection.execute(f"attach {literal(str(build_file))} as build (read_only)")
        names = _tables(connection, "build")
        if not names:
            raise ValueError("构建文件里没有可发布的表")
        prints = {}
        connection.execute("begin")  # one for all: each table on its own, and each comment, would wait for the disk
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        for name, columns in names.items():
            mart = declared.get(name)
            _create(connection, name, columns, mart)
            order = _sort_key(name, columns, mart)
            connection.execute(f"insert into {_quoted(name)} select * from build.{_quoted(name)} {order}")
            prints[name] = fingerprint(connection, name, columns, "build.")
            _comment(connection, name, columns, mart)
        connection.execute("commit")
        connection.execute("detach build")
    return prints


def record_publication(
    file: Path, results: Sequence[CheckResult], publication: Mapping[str, Any], dbt_manifest: Mapping[str, Any]
) -> dict[str, Table]:
    """Write what only the publisher knows: this run's results, the one row of the publication, the dictionary.

    Returns:
        Fingerprints of the three tables, by `schema.table`.
    """
    with duckdb.connect(str(file), config=dict(engine_limits().settings())) as connection:
        present = _tables(connection, "jgt")
        for name, columns in _OWN_TABLES.items():
            if name not in present:
                connection.execute("create schema if not exists quality")
                _create(connection, name, [_Column(n, t, True) for n, t in columns.items()], None)
        rows, parameters = as_rows(results)
        run_ids = sorted({r.run_id for r in results})
        # the same run tried again: its results of the first try are in the build's history already
        connection.execute(f"delete from {CHECK_RESULT} where run_id in (select unnest(?::varchar[]))", [run_ids])
        connection.execute(f"insert into {CHECK_RESULT} by name {rows}", parameters)
        connection.execute(f"delete from {PUBLICATION}")
        listed = ", ".join(publication)
        marks = ", ".join("?" for _ in publication)
        connection.execute(f"insert into {PUBLICATION} ({listed}) values ({marks})", list(publication.values()))
        connection.execute(f"delete from {DICTIONARY}")
        _fill_dictionary(connection, dbt_manifest)
        connection.execute("checkpoint")
        now = _tables(connection, "jgt")
        return {name: fingerprint(connection, name, now[name]) for name in _OWN_TABLES}


def read_back(file: Path) -> dict[str, Table]:
    """Fingerprints of every published table, from a read-only open: every block is read and its checksum verified."""
    with duckdb.connect(str(file), read_only=True, config=dict(engine_limits().settings())) as connection:
        return {name: fingerprint(connection, name, columns) for name, columns in _tables(connection, "jgt").items()}


def fingerprint(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[_Column], prefix: str = ""
) -> Table:
    """Scan a whole table: count, `bit_xor(hash(row))` and `sum(hash(row))`."""
    row = ", ".join(identifier(c.name) for c in columns)
    found = connection.execute(
        f"select count(*), bit_xor(hash({row})), sum(hash({row})) from {prefix}{_quoted(name)}"
    ).fetchone()
    assert found is not None  # an aggregate without GROUP BY always gives one row
    return Table(name, *found)


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[_Column]]:
    """Every table of the published schemas with its columns in order, by `schema.table`: one look at the catalog for all."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type, is_nullable from duckdb_columns() "
        "where database_name = ? and schema_name in (select unnest(?::varchar[])) order by 1, column_index",
        [database, list(PUBLISHED_SCHEMAS)],
    ).fetchall()
    found: dict[str, list[_Column]] = {}
    for name, *column in rows:
        found.setdefault(name, []).append(_Column(*column))
    return found


def _create(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[_Column], mart: Mart | None) -> None:
    required = _required(mart)
    parts = [
        f"{identifier(c.name)} {c.data_type}{'' if c.is_nullable and c.name not in required else ' not null'}"
        for c in columns
    ]
    connection.execute(f"create table {_quoted(name)} ({', '.join(parts)})")


def _required(mart: Mart | None) -> set[str]:
    if mart is None:
        return set()
    constrained = {n for n, c in mart.columns if any(k["type"] == "not_null" for k in c.get("constraints") or [])}
    return constrained | set(mart.key)


def _sort_key(name: str, columns: Sequence[_Column], mart: Mart | None) -> str:
    if not name.split(".")[1].startswith(_LOOKUPS):
        return ""
    present = {c.name for c in columns}
    key = [k for k in (mart.key if mart else ()) if k in present] or [columns[0].name]
    return "order by " + ", ".join(f"{identifier(k)} nulls last" for k in key)


def _comment(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[_Column], mart: Mart | None) -> None:
    if mart is None:
        return
    connection.execute(f"comment on table {_quoted(name)} is {literal(mart.label)}")
    declared = dict(mart.columns)
    for column in columns:
        label = label_of(declared.get(column.name, {}))
        if label:
            text = "：".join(p for p in (label, caliber_of(declared[column.name], label)) if p)
            connection.execute(f"comment on column {_quoted(name)}.{identifier(column.name)} is {literal(text)}")


def _fill_dictionary(connection: duckdb.DuckDBPyConnection, dbt_manifest: Mapping[str, Any]) -> None:
    """One row a published column that is really there, labelled from dbt's manifest; the publisher's own table too."""
    declared = {m.subject: dict(m.columns) for m in marts(dbt_manifest)}
    rows = []
    for name, columns in _tables(connection, "jgt").items():
        schema, table = name.split(".")
        for column in columns:
            told = declared.get(name, {}).get(column.name) or _OWN_LABELS.get((name, column.name), {})
            label = label_of(told)
            values = (schema, table, column.name, label, caliber_of(told, label), column.data_type)
            rows.append(dict(zip(_OWN_TABLES[DICTIONARY], values, strict=True)))
    shape = json.dumps([_OWN_TABLES[DICTIONARY]])
    connection.execute(
        f"insert into {DICTIONARY} by name select unnest(r) from (select unnest(from_json(?::json, '{shape}')) as r)",
        [json.dumps(rows, ensure_ascii=False)],
    )


_OWN_LABELS: Final[dict[tuple[str, str], dict[str, str]]] = {
    (DICTIONARY, "schema_name"): {"description": "主题域：表所在的模式"},
    (DICTIONARY, "table_name"): {"description": "表名：英文标识"},
    (DICTIONARY, "column_name"): {"description": "列名：英文标识"},
    (DICTIONARY, "label"): {"description": "中文标签：报表上的名称"},
    (DICTIONARY, "caliber"): {"description": "口径：怎样算、含什么、不含什么"},
    (DICTIONARY, "data_type"): {"description": "数据类型：DuckDB 的写法"},
}


def _quoted(name: str) -> str:
    return ".".join(identifier(p) for p in name.split("."))
