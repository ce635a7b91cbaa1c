"""What the ledger says was delivered, for those who only read."""

from __future__ import annotations

from pathlib import Path

from ingest.base.home import Home
from ingest.storage.ledger import Batch, Ledger

__all__ = ["Batch", "lake_path", "read_batches"]


def read_batches(home: Home) -> list[Batch]:
    """Every batch on the ledger, by feed and in the order they were taken in.

    Raises:
        FileNotFoundError: when there is no ledger: nothing was ever taken in. (Opening one would make it.)
        sqlite3.Error: when the ledger cannot be read.
    """
    if not home.ledger.is_file():
        raise FileNotFoundError(f"没有台账 {home.ledger.name}：尚未接收过任何文件；请先运行 jgt run")
    with Ledger(home.ledger) as ledger:
        return [Batch(**row) for row in ledger.batches()]


def lake_path(home: Home, batch: Batch) -> Path:
    """Where the batch's rows lie. Only for batches that have a `lake_file`."""
    if batch.lake_file is None:
        raise ValueError(f"批次 {batch.batch_id} 没有入库文件")
    return home.lake / batch.lake_file
