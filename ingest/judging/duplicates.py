"""Which accepted rows say nothing new: the same key with the same content as what is already there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingest.base.sql import literal, path_list
from ingest.feeds.model import Feed
from ingest.judging.judge import content_hash, hash_kind
from ingest.judging.tables import ACCEPTED, DUPLICATE_ROW, JUDGED_ACCEPTED
from ingest.storage.lake import HASH_KIND, SCHEMA_FILE

if TYPE_CHECKING:  # numpy: small files do without
    from ingest.judging.fast_lane_repeats import Fingerprints


def mark_duplicates(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    lake_files: Sequence[Path],
    files: Sequence[int],
    lanes: Mapping[int, Sequence[Fingerprints]] | None = None,
) -> None:
    """Gather in `duplicate_row` (_file, _part, _ord) the rows of `accepted` that say nothing new.

    A row says nothing new when an earlier row of its file, or the latest version of its key among what was loaded
    before the file, has the same content. The latest version is by the contract's version column, then by batch, then
    by row. What comes out does not depend on how files are grouped.

    Args:
        connection: holds `accepted`: _file, _part, _ord, _row, _row_hash and the contract's columns; `judged_accepted` is as
            much of it as went no fast lane.
        feed: its contract.
        lake_files: the feed's lake files, all on the ledger.
        files: numbers of the group's files, in order.
        lanes: number of a file → the rows of it that went the fast lane.
    """
    lanes = lanes or {}
    others = f"(select * from {JUDGED_ACCEPTED} where _file not in ({', '.join(map(str, [-1, *lanes]))}))"
    connection.execute(
        f"create or replace temp table {DUPLICATE_ROW} as select _file, _part, _ord from ("
        "select _file, _part, _ord, row_number() over (partition by _file, _row_hash order by _part, _ord) as place "
        f"from {others} semi join "
        f"(select _file, _row_hash from {others} group by _file, _row_hash having count(*) > 1) using (_file, _row_hash)"
        ") where place > 1"
    )
    for number, rows in lanes.items():
        _mark_within(connection, number, rows)
    if len(files) > 1:
        _mark_among_files(connection, feed, lake_files)
    elif lake_files:
        _mark_against_lake(connection, feed, lake_files)


def _mark_within(connection: duckdb.DuckDBPyConnection, number: int, rows: Sequence[Fingerprints]) -> None:
    """Repeated rows of a file with rows that went the fast lane."""
    from ingest.base import arrow
    from ingest.judging import fast_lane_repeats
    from ingest.storage import parquet_pieces  # small files need none of these

    judged: dict[int, fast_lane_repeats.Gathering] = {}
    parts = connection.execute(f"select distinct _part from {JUDGED_ACCEPTED} where _file = {number}").fetchall()
    for (part,) in sorted(parts):
        query = f"select _row_hash, _ord from {JUDGED_ACCEPTED} where _file = {number} and _part = {part}"
        judged[part] = fast_lane_repeats.Gathering()
        for batch in parquet_pieces.batches(connection, query):
            judged[part].add(arrow.integers(batch.column(0)), arrow.integers(batch.column(1)))
    for part, places in fast_lane_repeats.repeated([*rows, *(found.of(part) for part, found in judged.items())]):
        listed = ",".join(map(str, places))
        connection.execute(
            f"insert into {DUPLICATE_ROW} select {number}, {part}, unnest(cast(string_split('{listed}', ',') as bigint[]))"
        )


def _lake(connection: duckdb.DuckDBPyConnection, feed: Feed, lake_files: Sequence[Path]) -> str:
    """Versions of the group's keys in the lake; the schema file lends older files the columns the contract gained.

    Fingerprints stored by another version of the product are made anew from the values beside them.
    """
    marks = connection.execute(
        f"select file_name from parquet_kv_metadata({path_list(lake_files)}) "
        f"where decode(key) = '{HASH_KIND}' and decode(value) = {literal(hash_kind(feed))}"
    ).fetchall()
    fitting = {name for (name,) in marks}
    same = [path for path in lake_files if str(path) in fitting]
    older = [path for path in lake_files if str(path) not in fitting]
    taken = dict.fromkeys([*feed.key, *([feed.version_column] if feed.version_column else []), "_batch_seq", "_row"])
    names = ", ".join(f'"{name}"' for name in taken)
    parts = []
    for paths, fingerprint in ((same, "_row_hash"), (older, f"{content_hash(feed, '')} as _row_hash")):
        if paths:
            values = ", ".join(f'cast("{c.name}" as {c.duckdb_type}) as "{c.name}"' for c in feed.columns)
            listed = path_list([*paths, lake_files[0].with_name(SCHEMA_FILE)])
            read = f"select {values}, _batch_seq, _row, _row_hash from read_parquet({listed}, union_by_name = true)"
            hidden = "" if paths is same else " exclude (_row_hash)"
            parts.append(
                f"select {names}, {fingerprint} from (select *{hidden} from ({read})) semi join {ACCEPTED} using ({_key(feed)})"
            )
    return f"({' union all '.join(parts)})"


def _key(feed: Feed) -> str:
    return ", ".join(f'"{name}"' for name in feed.key)


def _mark_against_lake(connection: duckdb.DuckDBPyConnection, feed: Feed, lake_files: Sequence[Path]) -> None:
    """One file against the lake, whatever its size."""
    version = f'"{feed.version_column}" desc nulls last, ' if feed.version_column else ""
    connection.execute(
        f"insert into {DUPLICATE_ROW} select _file, _part, _ord from {ACCEPTED} where _row_hash in ("
        f"select _row_hash from (select _row_hash, row_number() over (partition by {_key(feed)} "
        f"order by {version}_batch_seq desc, _row desc) as place from {_lake(connection, feed, lake_files)}) where place = 1) "
        f"and not exists (select 1 from {DUPLICATE_ROW} d "
        "where d._file = accepted._file and d._part = accepted._part and d._ord = accepted._ord)"
    )


def _mark_among_files(connection: duckdb.DuckDBPyConnection, feed: Feed, lake_files: Sequence[Path]) -> None:
    """Several files in order: each is judged against what the earlier ones left. Only repeated content is looked at."""
    key = f"md5_number_lower(concat_ws(chr(31), {', '.join(f'cast({n} as varchar)' for n in _key(feed).split(', '))}))"
    version = f'cast("{feed.version_column}" as varchar)' if feed.version_column else "''"
    seen = f"select {key} as k, -1 as _file, _batch_seq as a, _row as b, {version} as version, _row_hash from "
    mine = f"select {key} as k, _file, _part as a, _ord as b, {version} as version, _row_hash from {ACCEPTED} "
    mine += f"anti join {DUPLICATE_ROW} using (_file, _part, _ord)"
    both = f"{seen}{_lake(connection, feed, lake_files)} union all {mine}" if lake_files else mine
    rows = connection.execute(
        f"with version as materialized ({both}) select * from version where k in "
        "(select k from version group by k, _row_hash having count(*) > 1) order by k, _file, a, b"
    ).fetchall()
    repeated = [row for group in _by_key(rows) for row in _nothing_new(group)]
    if repeated:
        values = ", ".join(f"({file}, {part}, {place})" for file, part, place in repeated)
        connection.execute(f"insert into {DUPLICATE_ROW} values {values}")


def _by_key(rows: Sequence[tuple[Any, ...]]) -> list[list[tuple[Any, ...]]]:
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return list(groups.values())


def _nothing_new(versions: Sequence[tuple[Any, ...]]) -> list[tuple[int, int, int]]:
    """The rows of one key, in order of file and row, that repeat the latest version before their file."""
    latest: tuple[Any, ...] | None = None  # (version, file, a, b, content), compared in this order
    pending: list[tuple[Any, ...]] = []
    current = None
    repeated = []
    for _, file, a, b, version, content in versions:
        if file != current:
            latest = max([*pending, *([latest] if latest else [])], default=None, key=lambda v: v[:4])
            pending, current = [], file
        if file >= 0 and latest is not None and latest[4] == content:
            repeated.append((file, a, b))
        else:
            pending.append((version or "", file, a, b, content))
    return repeated
