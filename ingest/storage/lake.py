"""The raw lake: accepted rows as Parquet, one file a batch, the same bytes for the same input."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingest.base.files import settle_hashed
from ingest.base.home import Home
from ingest.base.sql import literal
from ingest.feeds.model import Feed
from ingest.storage.batch_identity import BatchIdentity
from ingest.storage.ledger_tables import Batch

LINEAGE = (
    ("_batch_id", "VARCHAR"),
    ("_batch_seq", "BIGINT"),
    ("_file", "VARCHAR"),
    ("_sheet", "VARCHAR"),
    ("_row", "BIGINT"),
    ("_row_hash", "UBIGINT"),
    ("_received_on", "DATE"),
)
SCHEMA_FILE = "_schema.parquet"
HASH_KIND = "row_hash"  # key under which a lake file says of what kind its fingerprints are
# zstd's level 1 writes as small a file as level 3 in a tenth less time (2026-11)
COMPRESSION_LEVEL = 1
ROW_GROUP_ROWS = 122_880
PARQUET = f"format parquet, compression zstd, compression_level {COMPRESSION_LEVEL}, row_group_size {ROW_GROUP_ROWS}"


@dataclass(frozen=True)
class Lineage:
    """What all rows of a batch say of where they come from."""

    batch_id: str
    batch_seq: int
    file: str
    received_on: date

    @classmethod
    def of(cls, identity: BatchIdentity) -> Lineage:
        """Of a batch whose rows may have been received on another day than it."""
        received_on = identity.rows_received_on or identity.received_on
        return cls(identity.batch_id, identity.batch_seq, identity.file, received_on)


def folder(home: Home, department: str, name: str) -> Path:
    """Where a feed's Parquet files lie."""
    return home.lake / "raw" / department / name


def path_of(home: Home, batch: Batch) -> Path:
    """Where a batch's rows lie; only for batches that have a `lake_file`."""
    if batch.lake_file is None:
        raise ValueError(f"批次 {batch.batch_id} 没有入库文件")
    return home.lake / batch.lake_file


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path, hash_kind: str | None = None) -> str:
    """Write a query's rows to Parquet: a temporary name first, synced, then renamed.

    Args:
        connection: with `threads = 1` and insertion order kept, so that the bytes depend on the rows alone.
        query: must order its rows.
        path: final name.
        hash_kind: of the rows' fingerprints (`judging.hash_kind`).

    Returns:
        sha256 of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    mark = f", kv_metadata {{{HASH_KIND}: {literal(hash_kind)}}}" if hash_kind else ""
    connection.execute(f"copy ({query}) to {literal(temporary)} ({PARQUET}{mark})")
    return settle_hashed(temporary, path)


def write_schema(connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed) -> None:
    """Keep an empty, typed `_schema.parquet` in the feed's folder, so that reading the folder always works.

    It is rewritten only where the contract's columns changed.
    """
    path = folder(home, feed.department, feed.name) / SCHEMA_FILE
    columns = [(c.name, c.duckdb_type) for c in feed.columns] + list(LINEAGE)
    if path.exists():
        described = connection.execute(f"describe select * from read_parquet({literal(path)})").fetchall()
        if [(r[0], r[1].replace(" ", "")) for r in described] == [(n, t.replace(" ", "")) for n, t in columns]:
            return
    empty = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns)
    write(connection, f"select {empty} where false", path)
