"""Quarantine: every refused row whole, every refused file whole, each with its reasons and what to do about it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingest.base.files import settle, write_text
from ingest.base.home import Home
from ingest.base.reasons import FILE_REASONS, ROW_REASONS, RefusedFile, worst_dimension
from ingest.base.sql import TemporaryTable, insert, literal
from ingest.storage import lake
from ingest.storage.batch_identity import BatchIdentity
from ingest.storage.ledger import QuarantineRow

WAITS = "REFERENCE_MISSING"


# refused records of a group of files: number of the file, where it stood, why, about which columns, the record as JSON,
# and what it refers to that is missing in another feed
REFUSED_ROW = TemporaryTable(
    "refused_row",
    {
        "_file": "bigint",
        "sheet": "varchar",
        "row_number": "bigint",
        "reason_codes": "varchar",
        "columns": "varchar",
        "content": "varchar",
        "refers": "varchar",
    },
)


def rows_file(home: Home, department: str, name: str, batch_id: str) -> Path:
    """Where a batch's refused rows lie."""
    return home.quarantine / "rows" / department / name / f"{batch_id}.parquet"


def start(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table that the refused rows of a group of files are gathered in."""
    connection.execute(REFUSED_ROW.declaration)


def gather(
    connection: duckdb.DuckDBPyConnection,
    raw: str,
    judged: str,
    headers: tuple[str, ...],
    failures: dict[str, tuple[str, ...]],
    awaits: Mapping[str, str],
) -> None:
    """Add the refused rows of one layout: reasons in order of declaration, the row as sent by its own headers.

    Args:
        connection: with the tables below.
        raw: the text table.
        judged: the judged table.
        headers: the files' own headers.
        failures: reason column of `judged` → contract columns it is about.
        awaits: what is missing in another feed, `feed.column` → SQL of the value over `judged`.
    """
    awaited = ", ".join(f"{literal(name)}, {sql}" for name, sql in awaits.items())
    refers = f"cast(json_object({awaited}) as varchar)" if awaits else "cast(null as varchar)"
    codes = ", ".join(f"case when list_contains(found, '{code}') then '{code}' end" for code in ROW_REASONS)
    found = ", ".join(f'"{name}"' for name in failures)
    about = ", ".join(
        f"case when \"{name}\" is not null then '{','.join(columns)}' end" for name, columns in failures.items()
    )
    content = ", ".join(f"{literal(name)}, c{i}" for i, name in enumerate(distinct_headers(headers)))
    connection.execute(
        f"insert into {REFUSED_ROW} select _file, _sheet, _row, concat_ws(',', {codes}), about, content, refers from ("
        f"select j._file, j._sheet, j._row, [{found}] as found, concat_ws(',', {about}) as about, "
        f"cast(json_object({content}) as varchar) as content, {refers} as refers "
        f"from (select * from {judged} where _is_refused) as j "
        f"join {raw} as r on r._file = j._file and r._part = j._part and r._ord = j._ord)"
    )


def add(connection: duckdb.DuckDBPyConnection, rows: Sequence[tuple[int, str, int, str, str, str]]) -> None:
    """Add refused records: file number, sheet, row, reason codes, contract columns they are about, content as JSON."""
    insert(connection, REFUSED_ROW.name, tuple(REFUSED_ROW.columns.values()), [(*row, None) for row in rows])


def write(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    file_number: int,
    batch: BatchIdentity,
    ids: Mapping[tuple[str, int], str],
    wait_days: int,
) -> list[QuarantineRow]:
    """Write the gathered rows of one file to `path` and return their ledger entries (which hold no content).

    Args:
        connection: holds `refused_row`.
        path: from `rows_file`.
        file_number: the file's number in its group.
        batch: whose rows they are.
        ids: (sheet, row) → quarantine id of rows that have one already.
        wait_days: how long a row that only lacks another feed's record waits for it.
    """
    chosen = f"from {REFUSED_ROW} where _file = {file_number} order by sheet, row_number"
    rows = connection.execute(f'select sheet, row_number, reason_codes, "columns" {chosen}').fetchall()
    entries = [
        QuarantineRow(
            quarantine_id=ids.get((sheet, number)) or f"{batch.batch_id}_{sheet + '_' if sheet else ''}{number}",
            batch_id=batch.batch_id,
            feed=batch.feed,
            department=batch.department,
            file=batch.file,
            sheet=sheet,
            row_number=number,
            reason_codes=codes,
            dimension=worst_dimension(codes.split(",")),
            columns=",".join(dict.fromkeys(columns.split(","))) if columns else "",
            first_seen=batch.received_on,
            state="waiting" if codes == WAITS else "open",
            waits_until=batch.received_on + timedelta(days=wait_days) if codes == WAITS else None,
        )
        for sheet, number, codes, columns in rows
    ]
    connection.execute("create or replace temp table refused_id (sheet varchar, row_number bigint, id varchar)")
    places = [(e.sheet, e.row_number, e.quarantine_id) for e in entries]
    insert(connection, "refused_id", ("VARCHAR", "BIGINT", "VARCHAR"), places)
    lake.write(
        connection,
        f"select id as quarantine_id, {literal(batch.batch_id)} as batch_id, r.* exclude (_file) from {REFUSED_ROW} as r "
        f"join refused_id using (sheet, row_number) where _file = {file_number} order by r.sheet, r.row_number",
        path,
    )
    return entries


def keep_file(home: Home, archived: Path | None, batch: BatchIdentity, refusal: RefusedFile) -> None:
    """Copy a refused file whole, with a sidecar that says why and what to do.

    Args:
        home: the state folder.
        archived: its copy in the archive; None for a file that could not be opened, which leaves a sidecar alone.
        batch: which file it is.
        refusal: why.
    """
    folder = home.quarantine / "files"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{batch.batch_id}{archived.suffix if archived else ''}"
    reason = FILE_REASONS[refusal.code]
    sidecar: dict[str, Any] = {
        "file": batch.file,
        "reason_code": reason.code,
        "reason": reason.label,
        "detail": refusal.detail,
        "remedy": reason.remedy,
        "dimension": reason.dimension,
        "sha256": batch.sha256 if archived else None,
    }
    if refusal.difference:
        sidecar["difference"] = refusal.difference
    note = target.with_name(f"{target.name}.json")
    write_text(note, json.dumps(sidecar, ensure_ascii=False, indent=2) + "\n", 0o600)
    if archived:
        temporary = target.with_name(f".{target.name}.tmp")
        shutil.copyfile(archived, temporary)
        temporary.chmod(0o600)
        settle(temporary, target)


def distinct_headers(headers: tuple[str, ...]) -> list[str]:
    """Headers as keys of a row: an empty one is named by its place, a repeated one is numbered."""
    names: list[str] = []
    for index, header in enumerate(headers):
        name = header.strip() or f"第{index + 1}列"
        while name in names:
            name = f"{name}#{index + 1}"
        names.append(name)
    return names


def remove_orphans(home: Home, batch_ids: set[str], revised: Mapping[str, str]) -> list[Path]:
    """Delete what a killed run left: files that no batch on the ledger refers to, and temporary files.

    Args:
        home: the state folder.
        batch_ids: every batch.
        revised: `Ledger.quarantine_files`; of these batches, that file alone is the one.
    """
    removed = []
    for path in sorted(home.quarantine.rglob("*")) if home.quarantine.exists() else []:
        batch_id = path.name.split(".")[0]
        is_rows = "rows" in path.relative_to(home.quarantine).parts
        current = revised.get(batch_id, f"{batch_id}.parquet").split("/")[-1]
        is_stale = path.name.startswith(".") or batch_id not in batch_ids or (is_rows and path.name != current)
        if path.is_file() and is_stale:
            path.unlink()
            removed.append(path)
    return removed
