"""Values of columns that a contract does not know: kept as text beside the batch, so that accepting them later loses nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.base.home import Home
from ingest.storage import lake


def extra_file(home: Home, department: str, name: str, batch_id: str) -> Path:
    """Where the values of a batch's unknown columns lie: _row, _sheet, and the columns by their headers, as text."""
    return home.lake / "extra" / department / name / f"{batch_id}.parquet"


def write_extra(connection: duckdb.DuckDBPyConnection, number: int, path: Path) -> bool:
    """Write what `keep_extra` put aside of a file; returns whether there was anything."""
    tables = [
        str(name)
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where temporary order by 1"
        ).fetchall()
        if str(name).startswith(f"extra_{number}_")
    ]
    if not tables:
        return False
    union = " union all by name ".join(f"select * from {table}" for table in tables)
    lake.write(connection, f"select * from ({union}) order by _sheet, _row", path)
    return True


def remove_orphans(home: Home, batch_ids: set[str]) -> list[Path]:
    """Delete what a killed run left beside the lake: files, also unfinished ones, of no batch on the ledger."""
    kept = {f"{batch_id}.parquet" for batch_id in batch_ids}
    found = sorted((home.lake / "extra").rglob("*"))
    removed = [path for path in found if path.is_file() and path.name not in kept]
    for path in removed:
        path.unlink()
    return removed
