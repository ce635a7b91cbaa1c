"""Refused rows as records: read from quarantine and archive, written for the archive, their original content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.base.files import settle
from ingest.base.home import Home
from ingest.base.sql import literal, memory_connection
from ingest.storage import quarantine
from ingest.storage.ledger import Batch, Ledger

# a record that could not be laid out in columns is kept as its line
LINE = "_line"
Cells = Mapping[str, str | None]


@dataclass(frozen=True)
class Record:
    """One row to be judged again: its text by header, and where it stands in `Case.file`."""

    quarantine_id: str
    sheet: str
    row: int
    cells: Cells


@dataclass(frozen=True)
class Case:
    """Rows of one feed that become one redrive.

    Args:
        file: what they stand in, for their lineage.
        records: to be judged.
        rejected: rows that name no refused row of theirs; refused without being judged.
        unchanged: rows that say what is known of them already.
        sha256: of a workbook sent back, which is then the redrive's identity; None: the rows and the contract are.
        said_on: the day the rows were first received; None: today.
        salt: sets a look apart from a former one at the same rows under the same contract.
        bytes: size of the workbook.
    """

    file: str
    records: tuple[Record, ...]
    rejected: tuple[Record, ...] = ()
    unchanged: int = 0
    sha256: str | None = None
    said_on: date | None = None
    salt: str = ""
    bytes: int | None = None


def quarantine_file(home: Home, ledger: Ledger, batch_id: str) -> Path:
    """Where the refused rows of a batch lie."""
    batch = ledger.batch(batch_id)
    if batch is None:
        raise ValueError(f"台账里没有批次 {batch_id}")
    if batch.quarantine_file:
        return home.quarantine / batch.quarantine_file
    return quarantine.rows_file(home, batch.department, batch.feed.split(".")[1], batch_id)


def contents(home: Home, ledger: Ledger, rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, int, Cells]]:
    """What is known of refused rows: id → (sheet, row, text by header), as sent, or as last sent back.

    Args:
        home: the state folder.
        ledger: open.
        rows: of `Ledger.quarantined`.
    """
    by_place: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        place = ("tried", row["last_batch"]) if row["last_batch"] else ("sent", row["batch_id"])
        by_place.setdefault(place, set()).add(row["quarantine_id"])
    found: dict[str, tuple[str, int, Cells]] = {}
    for (kind, batch_id), ids in by_place.items():
        if kind == "sent":
            known = originals(home, ledger, batch_id)
        else:
            batch = ledger.batch(batch_id)
            records = read_records(home.archive / batch.redrive_input) if batch and batch.redrive_input else []
            known = {r.quarantine_id: (r.sheet, r.row, r.cells) for r in records}
        found |= {identity: content for identity, content in known.items() if identity in ids}
    return found


def originals(home: Home, ledger: Ledger, batch_id: str) -> dict[str, tuple[str, int, Cells]]:
    """The refused rows of one batch as they were sent: id → (sheet, row, text by header)."""
    path = quarantine_file(home, ledger, batch_id)
    if not path.exists():
        return {}
    with memory_connection() as connection:
        query = f"select quarantine_id, sheet, row_number, content from read_parquet({literal(path)})"
        return {i: (s, n, json.loads(c)) for i, s, n, c in connection.execute(query).fetchall()}


def write_records(home: Home, case: Case) -> str:
    """Keep the rows of a redrive in the archive; returns the path below it."""
    lines = [
        json.dumps([kind, r.quarantine_id, r.sheet, r.row, dict(r.cells)], ensure_ascii=False)
        for kind, records in (("judge", case.records), ("reject", case.rejected))
        for r in records
    ]
    head = {"file": case.file, "salt": case.salt, "said_on": case.said_on.isoformat() if case.said_on else None}
    data = ("\n".join([json.dumps(head, ensure_ascii=False), *lines]) + "\n").encode()
    sha256 = hashlib.sha256(data).hexdigest()
    path = home.archive / sha256[:2] / f"{sha256}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_bytes(data)
        temporary.chmod(0o444)
        settle(temporary, path)
    return path.relative_to(home.archive).as_posix()


def read_records(path: Path, kind: str = "judge") -> list[Record]:
    """The rows that `write_records` kept: those judged, or those rejected ("reject")."""
    with path.open(encoding="utf-8") as file:
        next(file)
        return [Record(*rest) for said, *rest in map(json.loads, file) if said == kind]


def archived_file(home: Home, batch: Batch) -> Path | None:
    """The read-only copy of a batch's file; None for one that could never be opened."""
    folder = home.archive / batch.sha256[:2]
    return next(iter(sorted(folder.glob(f"{batch.sha256}*"))), None)
