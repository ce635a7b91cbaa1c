"""What identifies a batch, before anything is known of its rows: frozen, made by whoever takes files in or judges again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

# what an identity holds beyond the ledger's columns
_NOT_ON_LEDGER = frozenset(["day", "rows_received_on", "files_named"])


@dataclass(frozen=True)
class BatchIdentity:
    """One file, pull or redrive of one feed, as the ledger will know it (`ledger_tables.Batch` has the same names).

    Args:
        content_id: what makes its content known; None: the sha256, for a file without records with its day.
        day: the day that a file without records reports on.
        rows_received_on: the day its rows were received on, where it is another than the batch's.
        files_named: what its files in lake and quarantine are called, where it is not the batch's id.
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
    is_synthetic: bool
    data_until: date | None
    kind: str = "file"
    contract_version: str | None = None
    content_id: str | None = None
    state: str | None = None
    corrected_by: str | None = None
    redrive_input: str | None = None
    day: date | None = None
    rows_received_on: date | None = None
    files_named: str | None = None

    @property
    def file_name(self) -> str:
        """What its files are called, without an ending."""
        return self.files_named or self.batch_id

    def on_ledger(self, **others: Any) -> dict[str, Any]:
        """Its columns of the ledger, with others put in or over them."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_ON_LEDGER}
        return {**own, **others}
