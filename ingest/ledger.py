"""The ledger: what was received, what became of it, and since when. One SQLite file; its commit is what makes a batch real."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from ingest import lake, staging

_TABLES = {
    "batch": {
        "batch_id": "VARCHAR",
        "batch_seq": "BIGINT",
        "feed": "VARCHAR",
        "department": "VARCHAR",
        "file": "VARCHAR",
        "sha256": "VARCHAR",
        "bytes": "BIGINT",
        "received_on": "DATE",
        "run_id": "VARCHAR",
        "status": "VARCHAR",
        "reason_code": "VARCHAR",
        "reason_message": "VARCHAR",
        "received": "BIGINT",
        "loaded": "BIGINT",
        "refused": "BIGINT",
        "duplicate": "BIGINT",
        "furniture": "BIGINT",
        "lake_file": "VARCHAR",
        "lake_sha256": "VARCHAR",
        "is_synthetic": "BOOLEAN",
        "taken_at": "TIMESTAMP",
        "data_until": "DATE",
    },
    "quarantine_row": {
        "quarantine_id": "VARCHAR",
        "batch_id": "VARCHAR",
        "feed": "VARCHAR",
        "department": "VARCHAR",
        "file": "VARCHAR",
        "sheet": "VARCHAR",
        "row_number": "BIGINT",
        "reason_codes": "VARCHAR",
        "dimension": "VARCHAR",
        "columns": "VARCHAR",
        "first_seen": "DATE",
        "state": "VARCHAR",
        "attempts": "BIGINT",
    },
    "change": {
        "batch_id": "VARCHAR",
        "feed": "VARCHAR",
        "column_name": "VARCHAR",
        "change_kind": "VARCHAR",
        "rows": "BIGINT",
    },
}
_KEYS = {"batch": "batch_id", "quarantine_row": "quarantine_id", "change": "batch_id, column_name, change_kind"}


@dataclass(frozen=True)
class Batch:
    """One file of one feed: the ledger's unit. received = loaded + refused + duplicate."""

    batch_id: str
    batch_seq: int
    feed: str
    department: str
    file: str
    sha256: str
    bytes: int
    received_on: date
    run_id: str
    status: str
    reason_code: str | None
    reason_message: str | None
    received: int
    loaded: int
    refused: int
    duplicate: int
    furniture: int
    lake_file: str | None
    lake_sha256: str | None
    is_synthetic: bool
    taken_at: datetime
    data_until: date | None


@dataclass(frozen=True)
class QuarantineRow:
    """One refused row: where it lies and why; its content stays in the quarantine's Parquet file."""

    quarantine_id: str
    batch_id: str
    feed: str
    department: str
    file: str
    sheet: str
    row_number: int
    reason_codes: str
    dimension: str
    columns: str
    first_seen: date
    state: str = "open"
    attempts: int = 1


@dataclass(frozen=True)
class Change:
    """A kind of repair or a change of shape in one column of one batch, with the rows it concerns."""

    batch_id: str
    feed: str
    column_name: str
    change_kind: str
    rows: int


Entry = tuple[Batch, Sequence[QuarantineRow], Sequence[Change]]


class Ledger:
    """The ledger file. Opening makes it where it is absent; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma synchronous = full")
        if not self._connection.execute("select 1 from sqlite_master where name = 'batch'").fetchone():
            self._create()

    def _create(self) -> None:
        with self._transaction():
            for table, columns in _TABLES.items():
                listed = ", ".join(f'"{name}"' for name in columns)
                self._connection.execute(
                    f"create table if not exists {table} ({listed}, primary key ({_KEYS[table]})) without rowid"
                )
            self._connection.execute("create unique index if not exists batch_identity on batch (feed, sha256)")
            self._connection.execute("create index if not exists quarantine_batch on quarantine_row (batch_id)")

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def record(self, batch: Batch, quarantined: Sequence[QuarantineRow], changes: Sequence[Change]) -> None:
        """Enter one batch; see `record_all`."""
        self.record_all([(batch, quarantined, changes)])

    def record_all(self, entries: Sequence[Entry]) -> None:
        """Enter batches with their refused rows and changes, all or nothing: the commit point of an intake.

        Raises:
            ValueError: when a batch does not balance; none is then entered.
        """
        for batch, _, _ in entries:
            if batch.received != batch.loaded + batch.refused + batch.duplicate:
                raise ValueError(f"台账不平：{batch.file} 收到 {batch.received}")
        with self._transaction():
            for batch, quarantined, changes in entries:
                self._insert("batch", [batch])
                self._insert("quarantine_row", quarantined)
                self._insert("change", changes)

    def _insert(self, table: str, rows: Iterable[Any]) -> None:
        marks = ", ".join("?" * len(_TABLES[table]))
        values = ([v.isoformat() if isinstance(v, date) else v for v in astuple(row)] for row in rows)
        self._connection.executemany(f"insert into {table} values ({marks})", values)

    def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sql, values)]

    def known(self, feed: str, sha256: str) -> bool:
        """True if this very content has been taken in for this feed before, loaded or refused."""
        sql = "select 1 from batch where feed = ? and sha256 = ?"
        return self._connection.execute(sql, (feed, sha256)).fetchone() is not None

    def next_seq(self, feed: str) -> int:
        """The next batch number of a feed; numbers count per feed, so that feeds do not depend on each other."""
        sql = "select coalesce(max(batch_seq), 0) + 1 from batch where feed = ?"
        return int(self._connection.execute(sql, (feed,)).fetchone()[0])

    def batches(self, feed: str | None = None) -> list[dict[str, Any]]:
        """Every batch, in order of feed and sequence; dates as `date`, taken_at as naive UTC `datetime`."""
        rows = self._rows("select * from batch where ? is null or feed = ? order by feed, batch_seq", feed, feed)
        for row in rows:
            row["received_on"] = date.fromisoformat(row["received_on"])
            row["data_until"] = date.fromisoformat(row["data_until"]) if row["data_until"] else None
            row["taken_at"] = datetime.fromisoformat(row["taken_at"])
            row["is_synthetic"] = bool(row["is_synthetic"])
        return rows

    def balance(self) -> list[dict[str, Any]]:
        """feed, received, loaded, refused, duplicate: totals by feed, in order of feed."""
        return self._rows(
            "select feed, sum(received) as received, sum(loaded) as loaded, sum(refused) as refused, "
            "sum(duplicate) as duplicate from batch group by feed order by feed"
        )

    def refusals(self) -> list[dict[str, Any]]:
        """feed, reason_codes, rows: refused rows not settled yet (open or waiting), most frequent first in each feed."""
        return self._rows(
            "select feed, reason_codes, count(*) as rows from quarantine_row where state in ('open', 'waiting') "
            "group by feed, reason_codes order by feed, rows desc, reason_codes"
        )

    def refused_files(self) -> list[dict[str, Any]]:
        """Files refused whole: batch_id, feed, file, reason_code, reason_message, received, received_on."""
        return self._rows(
            "select batch_id, feed, file, reason_code, reason_message, received, received_on from batch "
            "where status = 'refused' order by received_on, file"
        )

    def quarantine_open(self) -> int:
        """Refused rows that are still open."""
        return int(self._connection.execute("select count(*) from quarantine_row where state = 'open'").fetchone()[0])

    def quarantined(self, batch_id: str | None = None) -> list[dict[str, Any]]:
        """Refused rows (no content), of one batch or all, in order."""
        return self._rows(
            "select * from quarantine_row where ? is null or batch_id = ? order by batch_id, sheet, row_number",
            batch_id,
            batch_id,
        )

    def changes(self) -> list[dict[str, Any]]:
        """Repairs and changes of shape, by batch, column and kind."""
        return self._rows("select * from change order by batch_id, column_name, change_kind")

    def lake_files(self, feed: str | None = None) -> list[tuple[str, str, int]]:
        """(path relative to the lake, sha256, rows) of every lake file on the ledger, in order of loading."""
        sql = (
            "select lake_file, lake_sha256, loaded from batch where lake_file is not null "
            "and (? is null or feed = ?) order by feed, batch_seq"
        )
        return [tuple(row) for row in self._connection.execute(sql, (feed, feed))]

    def batch_ids(self) -> set[str]:
        """Ids of all batches."""
        return {row[0] for row in self._connection.execute("select batch_id from batch")}

    def export(self, folder: Path) -> list[Path]:
        """Write the three tables as typed Parquet for dbt; also when they are empty. Same ledger, same bytes.

        Args:
            folder: `lake/ledger`.

        Returns:
            The files, in order of name.
        """
        written = []
        connection = duckdb.connect(config={"threads": 1})
        try:
            for table, columns in sorted(_TABLES.items()):
                names = list(columns)
                listed = ", ".join(f'"{n}"' for n in names)
                rows = self._connection.execute(f"select {listed} from {table} order by {_KEYS[table]}").fetchall()
                typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                connection.execute(f"create table {table} ({typed})")
                staging.insert(connection, table, tuple(columns.values()), rows)
                path = folder / f"{table}.parquet"
                lake.write(connection, f"select * from {table} order by {_KEYS[table]}", path)
                written.append(path)
        finally:
            connection.close()
        return written
