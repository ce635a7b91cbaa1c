"""Values of columns that a contract does not know: kept as text beside the batch, so that accepting them later loses nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.base.home import Home
from ingest.base.sql import literal
from ingest.readers.table import TextPart
from ingest.storage import lake
from ingest.storage.quarantine import distinct_headers


def keep_extra(connection: duckdb.DuckDBPyConnection, number: int, place: int, part: TextPart, text: str) -> None:
    """Keep the values of a part's unknown columns apart, before anything is judged.

    Args:
        connection: the intake's; the text of `part` is still there.
        number: the file's number in its group.
        place: the part's number in the file.
        part: what the reader found.
        text: the part's text as a FROM clause.
    """
    if not part.match.extra:
        return
    names = distinct_headers(part.headers)
    row = "_row" if part.numbered else f"row_number() over () + {part.first_row - 1} as _row"
    cells = ", ".join(f'c{i} as "{_quoted(names[i])}"' for i in part.match.extra)
    filled = " or ".join(f"c{i} is not null" for i in part.match.extra)
    connection.execute(
        f"create or replace temp table extra_{number}_{place} as select _row, {literal(part.sheet)} as _sheet, "
        f"{cells} from (select {row}{', *' if not part.numbered else ', * exclude (_row)'} from {text}) "
        f"where _row >= {part.first_row} and ({filled})"
    )


def _quoted(name: str) -> str:
    return (f"{name}#" if name.casefold() in ("_row", "_sheet") else name).replace('"', '""')


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
