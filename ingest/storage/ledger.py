"""The ledger: what was received, what became of it, and since when. One SQLite file; its commit is what makes a batch real."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from ingest.base.clock import utc_now
from ingest.base.reasons import UNKNOWN_KEPT
from ingest.base.sql import insert, memory_connection
from ingest.storage import lake
from ingest.storage.content_identity import is_known
from ingest.storage.ledger_tables import FOR_OLDER_ROWS, KEYS, TABLES, Batch, Change, Entry, QuarantineRow, Verdict

__all__ = ["Batch", "Change", "Entry", "Ledger", "QuarantineRow", "Verdict"]

# what a row was corrected by (`c`) is neither a redrive nor, after a backfill, its own file: it came again
_RESENT = "c.kind <> 'redrive' and c.batch_id <> q.batch_id"


class Ledger:
    """The ledger file. Opening makes it where it is absent; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma synchronous = full")
        if self._is_older():
            with self._transaction():
                self._grow()

    def _columns(self, table: str) -> set[str]:
        return {row["name"] for row in self._connection.execute(f"pragma table_info({table})")}

    def _is_older(self) -> bool:
        return any(set(columns) - self._columns(table) for table, columns in TABLES.items())

    def _grow(self) -> None:
        """Make the tables; give those of an older ledger file the columns that came later, at their end."""
        for table, columns in TABLES.items():
            present = self._columns(table)
            if not present:
                listed = ", ".join(f'"{name}"' for name in columns)
                self._connection.execute(
                    f"create table if not exists {table} ({listed}, primary key ({KEYS[table]})) without rowid"
                )
                continue
            for name in columns:
                if name not in present:
                    self._connection.execute(f'alter table {table} add column "{name}"')
                    if value := FOR_OLDER_ROWS.get((table, name)):
                        self._connection.execute(f'update {table} set "{name}" = {value}')
        self._connection.execute("drop index if exists batch_identity")
        self._connection.execute("create unique index if not exists batch_content on batch (feed, content_id)")
        self._connection.execute("create index if not exists batch_sha256 on batch (sha256)")
        self._connection.execute("create index if not exists quarantine_batch on quarantine_row (batch_id)")
        self._connection.execute("create index if not exists event_of on quarantine_event (quarantine_id)")

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

    def record_all(self, entries: Sequence[Entry], verdicts: Sequence[Verdict] = ()) -> None:
        """Enter batches with their refused rows and changes, and verdicts on what was refused before, all or nothing.

        This is the commit point of an intake. A file that comes again under its name and is loaded settles the refusal
        of the one before.

        Raises:
            ValueError: when a batch does not balance; none is then entered.
        """
        self._require_balance(batch for batch, _, _ in entries)
        with self._transaction():
            for batch, quarantined, changes in entries:
                self._insert("batch", [batch])
                self._insert("quarantine_row", quarantined)
                self._insert("change", changes)
            self._judge([*verdicts, *self._resent([batch for batch, _, _ in entries])])

    def rewrite(self, entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> None:
        """Exchange batches for what they came to when judged again, all or nothing: the commit point of a backfill.

        Raises:
            ValueError: when a batch does not balance; nothing is then exchanged.
        """
        self._require_balance(batch for batch, _, _ in entries)
        with self._transaction():
            for batch, quarantined, changes in entries:
                self._connection.execute("delete from batch where batch_id = ?", (batch.batch_id,))
                self._connection.execute("delete from change where batch_id = ?", (batch.batch_id,))
                self._insert("batch", [batch])
                self._insert("quarantine_row", quarantined)
                self._insert("change", changes)
            self._judge(verdicts)

    def quarantine_files(self) -> dict[str, str]:
        """Batch → its file of refused rows below the quarantine, of batches that were judged again."""
        sql = "select batch_id, quarantine_file from batch where quarantine_file is not null"
        return dict(self._connection.execute(sql).fetchall())

    @staticmethod
    def _require_balance(batches: Iterable[Batch]) -> None:
        for batch in batches:
            if batch.received != batch.loaded + batch.refused + batch.duplicate:
                raise ValueError(f"台账不平：{batch.file} 收到 {batch.received}")

    def _resent(self, batches: Sequence[Batch]) -> Iterator[Verdict]:
        for batch in batches:
            if batch.status != "loaded" or batch.kind == "redrive":
                continue
            sql = (
                "select batch_id from batch where feed in (?, 'unknown') and file = ? "
                "and status = 'refused' and state = 'open' and kind <> 'redrive'"
            )
            for (refused,) in self._connection.execute(sql, (batch.feed, batch.file)).fetchall():
                yield Verdict(refused, "corrected", "corrected", "jgt run", "部门重报了同名文件", batch.batch_id)

    def judge_again(self, verdicts: Sequence[Verdict]) -> None:
        """Enter verdicts that come with no batch (a waiver, a wait that is over), all or nothing."""
        with self._transaction():
            self._judge(verdicts)

    def _judge(self, verdicts: Sequence[Verdict]) -> None:
        at = utc_now().isoformat()
        event = self._connection.execute("select coalesce(max(event_id), 0) from quarantine_event").fetchone()[0]
        for number, verdict in enumerate(verdicts, event + 1):
            corrected_by = verdict.batch_id if verdict.state == "corrected" else None
            changed = self._connection.execute(
                "update batch set state = ?, corrected_by = ? where batch_id = ? and status = 'refused'",
                (verdict.state, corrected_by, verdict.quarantine_id),
            ).rowcount
            changed += self._connection.execute(
                "update quarantine_row set state = ?, corrected_by = ? where quarantine_id = ?",
                (verdict.state, corrected_by, verdict.quarantine_id),
            ).rowcount
            if changed != 1:
                raise ValueError(f"隔离中没有 {verdict.quarantine_id}")
            if verdict.tried_on:
                self._connection.execute(
                    "update quarantine_row set attempts = attempts + 1, last_tried = ?, last_batch = ? "
                    "where quarantine_id = ?",
                    (verdict.tried_on.isoformat(), verdict.batch_id, verdict.quarantine_id),
                )
            if verdict.judged:
                self._connection.execute(
                    'update quarantine_row set reason_codes = ?, dimension = ?, "columns" = ? where quarantine_id = ?',
                    (*verdict.judged, verdict.quarantine_id),
                )
            row = (number, verdict.quarantine_id, at, verdict.action, verdict.who, verdict.reason, verdict.batch_id)
            self._connection.execute("insert into quarantine_event values (?, ?, ?, ?, ?, ?, ?)", row)

    def _insert(self, table: str, rows: Iterable[Any]) -> None:
        names = list(TABLES[table])
        marks = ", ".join("?" * len(names))
        listed = ", ".join(f'"{name}"' for name in names)
        # not astuple: its deep copies take 20 of 24 microseconds a row (2026-11)
        values = (
            [v.isoformat() if isinstance(v := getattr(row, f.name), date) else v for f in fields(row)] for row in rows
        )
        self._connection.executemany(f"insert into {table} ({listed}) values ({marks})", values)

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
