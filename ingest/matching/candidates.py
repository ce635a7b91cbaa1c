"""Candidates: blocks in SQL find the pairs worth a look, rapidfuzz scores them by character, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from ingest.matching import rules
from ingest.matching.scoring import score
from ingest.matching.spelling import PARTS, side

_COMPARED: Final = PARTS[:12]
_BATCH: Final = 50_000
# what two must share to be compared: the name itself anywhere in the city; district and 字号; district and house; a code
BLOCKS: Final = (
    ("core", ("core",), ""),
    ("head", ("block_district", "head"), ""),
    ("tail", ("block_district", "tail"), ""),
    ("organization_code", ("organization_code",), "organization_code"),
    ("registration_no", ("registration_no",), "registration_no"),
    ("uscc", ("uscc",), "uscc"),
)


def make_table(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """An empty table of scored pairs."""
    connection.execute(
        f"create table {name} (group_key varchar, entity_id varchar, via varchar, score double, name_score double, "
        "address_score double, evidence varchar)"
    )


def blocks_of(table: str) -> str:
    """SQL: every block key of every row of a table, as (block, key) beside the row's columns."""
    return " union all ".join(
        f"select *, '{name}' as block, {_key(columns)} as key from {table}" for name, columns, _ in BLOCKS
    )


def _key(columns: tuple[str, ...]) -> str:
    whole = " and ".join(f"{c} <> ''" for c in columns)
    return f"case when {whole} then concat_ws('|', {', '.join(columns)}) end"


def find(connection: duckdb.DuckDBPyConnection, groups: str, registered: str, into: str) -> int:
    """Find and score the candidates of some groups.

    Args:
        connection: holds all three tables.
        groups: group_key, PARTS, and the three codes.
        registered: entity_id, PARTS, and the three codes; one row a spelling.
        into: gets the pairs that a steward or a link may come of, the best spelling of each entity.

    Returns:
        How many pairs were compared.
    """
    connection.execute(f"create or replace table asked as select *, row_number() over () as asked_no from {groups}")
    joined = []
    for _, columns, via in BLOCKS:
        mine, theirs = _key(tuple(f"g.{c}" for c in columns)), _key(columns)
        joined.append(f"""
            select g.asked_no, r.spelling, '{via}' as via
            from asked as g
            join (
                select spelling, key, count(*) over (partition by key) as size
                from (select spelling, {theirs} as key from {registered})
                where key in (select {mine} from asked as g)
            ) as r on r.key = {mine}
            where r.size <= {rules.LARGEST_CODE_BLOCK if via else rules.LARGEST_BLOCK}
        """)
    connection.execute(f"""
        create or replace table compared as
        select asked_no, spelling, max(via) as via from ({" union all ".join(joined)}) group by asked_no, spelling
    """)
    connection.execute("create or replace table alike (asked_no bigint, spelling bigint, via varchar)")
    # first the names alone: nine of ten pairs go no further, and their other columns are never fetched
    compared = 0
    for batch in _batches(
        connection,
        f"""
        select p.asked_no, p.spelling, p.via, g.core, r.core
        from compared as p
        join asked as g on g.asked_no = p.asked_no
        join {registered} as r on r.spelling = p.spelling
        """,
    ):
        compared += batch.num_rows
        _add(connection, "alike", _worth_scoring(batch))
    shown = ", ".join([*(f"g.{c}" for c in _COMPARED), *(f"r.{c}" for c in _COMPARED)])
    for batch in _batches(
        connection,
        f"""
        select g.group_key, r.entity_id, p.via, {shown}
        from alike as p
        join asked as g on g.asked_no = p.asked_no
        join {registered} as r on r.spelling = p.spelling
        """,
    ):
        _add(connection, into, _scored(batch))
    for table in ("asked", "compared", "alike"):
        connection.execute(f"drop table {table}")
    return compared


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    with connection.cursor() as reader:  # a second view of the same database: the first one writes meanwhile
        yield from reader.execute(query).to_arrow_reader(_BATCH)


def _add(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table | pa.RecordBatch) -> None:
    connection.register("added", rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows]))
    connection.execute(f"insert into {table} select * from added")
    connection.unregister("added")


def _worth_scoring(batch: pa.RecordBatch) -> pa.RecordBatch:
    likeness = cpdist(
        batch.column(3).to_pylist(), batch.column(4).to_pylist(), scorer=Indel.normalized_similarity, dtype=np.float32
    )
    by_code = np.asarray(batch.column(2).to_pylist(), dtype=object) != ""
    worth = np.nonzero((likeness >= rules.NAME_FLOOR) | by_code)[0]
    return batch.select([0, 1, 2]).take(pa.array(worth))


def _scored(batch: pa.RecordBatch) -> pa.Table:
    columns = [column.to_pylist() for column in batch.columns]
    rows = []
    for key, entity, via, *parts in zip(*columns, strict=True):
        found = score(side(tuple(parts[:12])), side(tuple(parts[12:])))
        if via or found.score >= rules.QUEUE_FROM:
            rows.append((key, entity, via, found.score, found.name, found.address, found.evidence))
    kinds = (pa.string(), pa.string(), pa.string(), pa.float64(), pa.float64(), pa.float64(), pa.string())
    names = ("group_key", "entity_id", "via", "score", "name_score", "address_score", "evidence")
    made = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table([pa.array(list(v), k) for v, k in zip(made, kinds, strict=True)], list(names))
