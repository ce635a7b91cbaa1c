"""What the ledger says was delivered, read without importing the intake and without ever writing."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ingest.home import Home


@dataclass(frozen=True)
class Batch:
    """One delivered file as the ledger has it; counts are records."""

    batch_id: str
    feed: str
    department: str
    file: str
    sha256: str
    received_on: str
    run_id: str
    status: str
    reason_code: str | None
    received: int
    loaded: int
    refused: int
    duplicate: int
    lake_file: str | None
    lake_sha256: str | None
    is_synthetic: bool


_COLUMNS = (
    "batch_id",
    "feed",
    "department",
    "file",
    "sha256",
    "received_on",
    "run_id",
    "status",
    "reason_code",
    "received",
    "loaded",
    "refused",
    "duplicate",
    "lake_file",
    "lake_sha256",
    "is_synthetic",
)


def read_batches(home: Home) -> list[Batch]:
    """Every batch on the ledger, in the order they were taken in.

    Raises:
        FileNotFoundError: when there is no ledger: nothing was ever taken in.
        sqlite3.Error: when the ledger cannot be read.
    """
    if not home.ledger.is_file():
        raise FileNotFoundError(f"没有台账 {home.ledger}：尚未接收过任何文件；请先运行 jgt run")
    connection = sqlite3.connect(f"file:{home.ledger}?mode=ro", uri=True, timeout=30)
    try:
        rows = connection.execute(f"select {', '.join(_COLUMNS)} from batch order by batch_seq").fetchall()
    finally:
        connection.close()
    fields = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return [Batch(**{**f, "is_synthetic": bool(f["is_synthetic"])}) for f in fields]


def lake_path(home: Home, batch: Batch) -> Path | None:
    """Where the batch's rows lie, or None when nothing of it was loaded.

    The ledger writes paths relative to the lake or to the state folder, so that the state can be moved.
    """
    if not batch.lake_file:
        return None
    relative = Path(batch.lake_file)
    under_lake = home.lake / relative
    return under_lake if under_lake.exists() or not (home.root / relative).exists() else home.root / relative
