"""The ledger: what was received, what became of it, and since when. One SQLite file; its commit is what makes a batch real."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from ingest.base.clock import utc_now
from ingest.storage.ledger_reads import LedgerReads
from ingest.storage.ledger_tables import FOR_OLDER_ROWS, KEYS, TABLES, Batch, Change, Entry, QuarantineRow, Verdict

__all__ = ["Batch", "Change", "Entry", "Ledger", "QuarantineRow", "Verdict"]


class Ledger(LedgerReads):
    """The ledger file, to be asked and written. Opening makes it where it is absent; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, "rwc")
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
