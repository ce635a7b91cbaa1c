"""What is written on the ledger: its tables, and one entry of each.

A table grows at its end only: an older ledger file gains the later columns when it is opened (`Ledger`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

TABLES = {
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
        "kind": "VARCHAR",
        "contract_version": "VARCHAR",
        "content_id": "VARCHAR",
        "state": "VARCHAR",
        "corrected_by": "VARCHAR",
        "redrive_input": "VARCHAR",
        "quarantine_file": "VARCHAR",
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
        "corrected_by": "VARCHAR",
        "last_batch": "VARCHAR",
        "last_tried": "DATE",
        "waits_until": "DATE",
    },
    "quarantine_event": {
        "event_id": "BIGINT",
        "quarantine_id": "VARCHAR",
        "at": "TIMESTAMP",
        "action": "VARCHAR",
        "who": "VARCHAR",
        "reason": "VARCHAR",
        "batch_id": "VARCHAR",
    },
    "change": {
        "batch_id": "VARCHAR",
        "feed": "VARCHAR",
        "column_name": "VARCHAR",
        "change_kind": "VARCHAR",
        "rows": "BIGINT",
    },
    "pull": {
        "pull_id": "VARCHAR",
        "feed": "VARCHAR",
        "server": "VARCHAR",
        "mode": "VARCHAR",
        "started": "TIMESTAMP",
        "ended": "TIMESTAMP",
        "cursor_from": "VARCHAR",
        "cursor_to": "VARCHAR",
        "rows": "BIGINT",
        "file": "VARCHAR",
        "outcome": "VARCHAR",
        "message": "VARCHAR",
        "older_bound": "VARCHAR",
        "older_rows": "BIGINT",
    },
}
KEYS = {
    "batch": "batch_id",
    "quarantine_row": "quarantine_id",
    "quarantine_event": "event_id",
    "change": "batch_id, column_name, change_kind",
    "pull": "pull_id",
}
# what the columns that a ledger file gains on opening hold for the rows it already has
FOR_OLDER_ROWS = {
    ("batch", "kind"): "'file'",
    ("batch", "content_id"): "sha256",
    ("batch", "state"): "case when status = 'refused' then 'open' end",
}


@dataclass(frozen=True)
class Batch:
    """One file, pull or redrive of one feed: the ledger's unit. received = loaded + refused + duplicate.

    `kind` is file, pull or redrive. `content_id` with the feed is its identity: the content's sha256, for a file without
    records with its day, for a redrive with the contract it was judged by. `state` of a file refused whole: open,
    corrected (by batch `corrected_by`) or waived. `redrive_input`: the rows a redrive judged, below the archive.
    `quarantine_file`: its refused rows, below the quarantine; None where they lie under the batch's own name.
    """

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
    kind: str = "file"
    contract_version: str | None = None
    content_id: str | None = None
    state: str | None = None
    corrected_by: str | None = None
    redrive_input: str | None = None
    quarantine_file: str | None = None


@dataclass(frozen=True)
class QuarantineRow:
    """One refused row: where it lies and why; its content stays in the quarantine's Parquet file.

    `state` is open, waiting (until `waits_until` for another feed), corrected (by batch `corrected_by`) or waived;
    `last_batch` is the redrive that holds its content as last tried.
    """

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
    corrected_by: str | None = None
    last_batch: str | None = None
    last_tried: date | None = None
    waits_until: date | None = None


@dataclass(frozen=True)
class Verdict:
    """What another look at a refused row, or at a file refused whole, came to; kept with its audit entry.

    Args:
        quarantine_id: of the row; a batch_id for a file.
        action: corrected, tried, expired, waived or reopened.
        state: what it is from now on.
        who: a person's name, or the command that did it.
        reason: why, for people.
        batch_id: the batch that took it in or tried it.
        tried_on: day of the attempt, which then counts; None for a decision without one.
        judged: (reason_codes, dimension, columns) of the attempt, where they may have changed.
    """

    quarantine_id: str
    action: str
    state: str
    who: str
    reason: str
    batch_id: str | None = None
    tried_on: date | None = None
    judged: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Change:
    """A kind of repair or a change of shape in one column of one batch, with the rows it concerns."""

    batch_id: str
    feed: str
    column_name: str
    change_kind: str
    rows: int


Entry = tuple[Batch, Sequence[QuarantineRow], Sequence[Change]]
