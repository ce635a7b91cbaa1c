"""Every question that is asked of the ledger; nothing is written here, but for its export to dbt."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.base.home import Home
from ingest.base.reasons import UNKNOWN_KEPT
from ingest.base.sql import insert, memory_connection
from ingest.storage import lake
from ingest.storage.content_identity import is_known
from ingest.storage.ledger_tables import KEYS, TABLES, Batch

# what a row was corrected by (`c`) is neither a redrive nor, after a backfill, its own file: it came again
_RESENT = "c.kind <> 'redrive' and c.batch_id <> q.batch_id"


class LedgerReads:
    """The ledger file, to be asked; use it as a context manager. `ledger.Ledger` also writes.

    Args:
        path: the SQLite file.
        mode: of SQLite's file addresses: `rw` opens what is there (also to roll back what a crash left half done),
            `rwc` makes it.

    Raises:
        FileNotFoundError: when there is no ledger: nothing was ever taken in.
        sqlite3.Error: when it cannot be read.
    """

    def __init__(self, path: Path, mode: str = "rw") -> None:
        if mode == "rw" and not path.is_file():
            raise FileNotFoundError(f"没有台账 {path.name}：尚未接收过任何文件；请先运行 jgt run")
        self.path = path
        address = f"{path.absolute().as_uri()}?mode={mode}"
        self._connection = sqlite3.connect(address, timeout=60, isolation_level=None, uri=True)
        self._connection.row_factory = sqlite3.Row

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sql, values)]

    def known(self, feed: str, sha256: str, day: date | None = None) -> bool:
        """True if this very content has been taken in for this feed before, loaded or refused; see `known.is_known`."""
        sql = "select received, status, data_until, content_id, kind from batch where feed = ? and sha256 = ?"
        taken = self._rows(sql, feed, sha256)
        return bool(taken) and (day is None or is_known(sha256, taken, day))

    def has_size(self, size: int) -> bool:
        """True if any file on the ledger has as many bytes."""
        return self._connection.execute("select 1 from batch where bytes = ? limit 1", (size,)).fetchone() is not None

    def taken(self, sha256: str) -> bool:
        """True if a file with this content is on the ledger, whatever its feed."""
        return self._connection.execute("select 1 from batch where sha256 = ?", (sha256,)).fetchone() is not None

    def has_content(self, feed: str, content_id: str) -> bool:
        """True if a batch of this identity is on the ledger."""
        sql = "select 1 from batch where feed = ? and content_id = ?"
        return self._connection.execute(sql, (feed, content_id)).fetchone() is not None

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

    def batch(self, batch_id: str) -> Batch | None:
        """One batch; None if there is no such one."""
        feed = self._connection.execute("select feed from batch where batch_id = ?", (batch_id,)).fetchone()
        return next((Batch(**b) for b in self.batches(feed[0]) if b["batch_id"] == batch_id), None) if feed else None

    def balance(self) -> list[dict[str, Any]]:
        """feed, received, loaded, refused, duplicate: what departments sent, by feed, in order of feed.

        Redrives are left out: their rows were received, and refused, with the file they first came in.
        """
        return self._rows(
            "select feed, sum(received) as received, sum(loaded) as loaded, sum(refused) as refused, "
            "sum(duplicate) as duplicate from batch where kind <> 'redrive' group by feed order by feed"
        )

    def refusals(self) -> list[dict[str, Any]]:
        """feed, reason_codes, rows: refused rows not settled yet (open or waiting), most frequent first in each feed."""
        return self._rows(
            "select feed, reason_codes, count(*) as rows from quarantine_row where state in ('open', 'waiting') "
            "group by feed, reason_codes order by feed, rows desc, reason_codes"
        )

    def returned(self) -> dict[str, dict[str, int]]:
        """Feed → records by state (open, waiting, corrected, waived): what became of all that `balance` calls refused."""
        states = ("open", "waiting", "corrected", "waived")
        counted: dict[str, dict[str, int]] = {}
        for feed, state, rows in self._connection.execute(
            "select feed, state, count(*) from quarantine_row group by feed, state union all "
            "select feed, state, sum(refused) from batch where status = 'refused' and kind <> 'redrive' "
            "group by feed, state"
        ):
            counted.setdefault(feed, dict.fromkeys(states, 0))[state] += rows
        return counted

    def refused_files(self, state: str | None = "open") -> list[dict[str, Any]]:
        """Files refused whole: batch_id, feed, department, file, reason_code, reason_message, received, received_on, state.

        Args:
            state: open, corrected or waived; None for all.
        """
        return self._rows(
            "select batch_id, feed, department, file, reason_code, reason_message, received, received_on, state "
            "from batch where status = 'refused' and kind <> 'redrive' and (? is null or state = ?) "
            "order by received_on, file",
            state,
            state,
        )

    def quarantine_open(self) -> int:
        """Refused rows that are still open."""
        return int(self._connection.execute("select count(*) from quarantine_row where state = 'open'").fetchone()[0])

    def events(self, quarantine_id: str) -> list[dict[str, Any]]:
        """The audit entries of one refused row or file, oldest first."""
        return self._rows("select * from quarantine_event where quarantine_id = ? order by event_id", quarantine_id)

    def waiting(self, feed: str) -> list[dict[str, Any]]:
        """Rows of a feed that wait for another feed, by batch and row."""
        sql = "select * from quarantine_row where feed = ? and state = 'waiting' order by batch_id, sheet, row_number"
        return self._rows(sql, feed)

    def resendable(self, feed: str, also_settled: bool = False) -> list[dict[str, Any]]:
        """Refused rows of a feed that a later delivery may settle, with where they lie and which batch brought them.

        Args:
            feed: its id.
            also_settled: also those that a later delivery has settled.

        Returns:
            quarantine_id, state, reason_codes, batch_id, batch_seq, kind, department, quarantine_file of each, and
            corrected_seq, the number of the batch that settled it; in order of id.
        """
        settled = f"or (q.state = 'corrected' and {_RESENT})" if also_settled else ""
        return self._rows(
            "select q.quarantine_id, q.state, q.reason_codes, q.batch_id, b.batch_seq, b.kind, b.department, "
            "b.quarantine_file, c.batch_seq as corrected_seq from quarantine_row q join batch b on b.batch_id = q.batch_id "
            "left join batch c on c.batch_id = q.corrected_by "
            f"where q.feed = ? and (q.state in ('open', 'waiting') {settled}) order by q.quarantine_id",
            feed,
        )

    def resent(self) -> dict[str, str]:
        """Quarantine id → file, of refused rows that a later delivery settled."""
        sql = (
            "select q.quarantine_id, c.file from quarantine_row q join batch c on c.batch_id = q.corrected_by "
            f"where q.state = 'corrected' and {_RESENT}"
        )
        return dict(self._connection.execute(sql).fetchall())

    def quarantined(self, batch_id: str | None = None) -> list[dict[str, Any]]:
        """Refused rows (no content), of one batch or all, in order."""
        return self._rows(
            "select * from quarantine_row where ? is null or batch_id = ? order by batch_id, sheet, row_number",
            batch_id,
            batch_id,
        )

    def has_taken(self, feed: str) -> bool:
        """Whether any file of a feed was ever taken in."""
        sql = "select 1 from batch where feed = ? and status = 'loaded' limit 1"
        return self._connection.execute(sql, (feed,)).fetchone() is not None

    def refused_by_column(self, feed: str) -> dict[str, int]:
        """Rows of a feed ever refused by the column they were refused for; a row for two columns counts under both."""
        found: dict[str, int] = {}
        sql = "select columns, count(*) from quarantine_row where feed = ? and columns <> '' group by columns"
        for columns, rows in self._connection.execute(sql, (feed,)):
            for column in columns.split(","):
                found[column] = found.get(column, 0) + rows
        return found

    def quarantine_rows(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        """The refused rows with these ids, those that there are."""
        sql = "select * from quarantine_row where quarantine_id in (select value from json_each(?)) order by quarantine_id"
        return self._rows(sql, json.dumps(sorted(ids)))

    def changes(self) -> list[dict[str, Any]]:
        """Repairs and changes of shape, by batch, column and kind."""
        return self._rows("select * from change order by batch_id, column_name, change_kind")

    def kept_unknown(self) -> list[dict[str, Any]]:
        """Loaded values that are not on their column's list, by feed and column, the most first: feed, column_name, rows."""
        return self._rows(
            "select feed, column_name, sum(rows) as rows from change where change_kind = ? "
            "group by feed, column_name order by rows desc, feed, column_name",
            UNKNOWN_KEPT,
        )

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

    def quarantine_files(self) -> dict[str, str]:
        """Batch → its file of refused rows below the quarantine, of batches that were judged again."""
        sql = "select batch_id, quarantine_file from batch where quarantine_file is not null"
        return dict(self._connection.execute(sql).fetchall())

    def export(self, folder: Path) -> list[Path]:
        """Write every table as typed Parquet for dbt; also when they are empty. Same ledger, same bytes.

        Args:
            folder: `lake/ledger`.

        Returns:
            The files, in order of name.
        """
        written = []
        connection = memory_connection()
        try:
            for table, columns in sorted(TABLES.items()):
                names = list(columns)
                listed = ", ".join(f'"{n}"' for n in names)
                rows = self._connection.execute(f"select {listed} from {table} order by {KEYS[table]}").fetchall()
                typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                connection.execute(f"create table {table} ({typed})")
                insert(connection, table, tuple(columns.values()), rows)
                path = folder / f"{table}.parquet"
                lake.write(connection, f"select * from {table} order by {KEYS[table]}", path)
                written.append(path)
        finally:
            connection.close()
        return written


def read_batches(home: Home) -> list[Batch]:
    """Every batch on the ledger of a state folder, by feed and in the order they were taken in.

    Raises:
        FileNotFoundError, sqlite3.Error: see `LedgerReads`.
    """
    with LedgerReads(home.ledger) as ledger:
        return [Batch(**row) for row in ledger.batches()]
