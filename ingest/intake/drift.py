"""Drift seen while files are taken in: what the judge refused is counted by column and compared with what came before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from ingest.base.reasons import RefusedFile
from ingest.base.sql import literal
from ingest.feeds.model import Feed
from ingest.feeds.shape import (
    COLUMN_LOST,
    DRIFT_REASONS,
    FEWEST_VALUES,
    MISFITS,
    TYPE_CHANGED,
    Difference,
    Fit,
    as_values,
    changed_types,
    compare,
    detail,
    is_lost_column,
    share_of,
    stopped,
    undescribed,
)
from ingest.judging.tables import JUDGED_ACCEPTED
from ingest.readers import opening
from ingest.readers.excel import ExcelReader
from ingest.storage.ledger import Ledger
from ingest.storage.quarantine import REFUSED_ROW

SHOWN_ROWS = 5


def first_drifted(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    ledger: Ledger,
    counts: Mapping[int, tuple[int, int]],
    plain: Mapping[int, Sequence[Mapping[str, int]]] | None = None,
) -> tuple[int, RefusedFile] | None:
    """The first file of a judged group whose shape has changed against all that came before it, in the group or earlier.

    Args:
        connection: holds `judged_accepted` and `refused_row` of the group.
        feed: the contract.
        ledger: open; what came before the group.
        counts: by number of the file (records received, rows loaded).
        plain: by number of the file, of each part that went the fast lane: by column how many plain rows have a value.

    Returns:
        (its number, why it is refused whole), or None. What comes out does not depend on how files are grouped.
    """
    misfits = _misfits(connection)
    fewest = share_of(feed) * FEWEST_VALUES
    loaded_before, misfits_before = 0, dict[str, int]()
    is_asked = False
    for number, (received, loaded) in sorted(counts.items()):
        of_file = misfits.get(number, {})
        if columns := [column for column, rows in of_file.items() if rows > fewest]:
            if not is_asked:
                is_asked = True
                loaded_before += sum(int(row["loaded"]) for row in ledger.balance() if row["feed"] == feed.id)
                for column, rows in ledger.refused_by_column(feed.id).items():
                    misfits_before[column] = misfits_before.get(column, 0) + rows
            before = {
                c: Fit(c, loaded_before + misfits_before.get(c, 0), misfits_before.get(c, 0))
                for c in columns
                if loaded_before
            }
            fitting = _fitting(connection, number, columns, (plain or {}).get(number, ()))
            now = [Fit(c, fitting[c] + of_file[c], of_file[c]) for c in columns]
            if changed := changed_types(feed, now, before):
                return number, _refusal(connection, feed, number, changed, received)
        loaded_before += loaded
        for column, rows in of_file.items():
            misfits_before[column] = misfits_before.get(column, 0) + rows
    return None


def _misfits(connection: duckdb.DuckDBPyConnection) -> dict[int, dict[str, int]]:
    """File → column → rows refused because the column's value is not of its kind."""
    found: dict[int, dict[str, int]] = {}
    for number, codes, columns, rows in connection.execute(
        f'select _file, reason_codes, "columns", count(*) from {REFUSED_ROW} group by all order by all'
    ).fetchall():
        if MISFITS.intersection(codes.split(",")):
            of_file = found.setdefault(number, {})
            for column in dict.fromkeys(filter(None, columns.split(","))):
                of_file[column] = of_file.get(column, 0) + rows
    return found


def _refusal(
    connection: duckdb.DuckDBPyConnection, feed: Feed, number: int, changed: Sequence[Fit], received: int
) -> RefusedFile:
    difference = Difference(changed=tuple(changed))
    rows = {fit.column: _rows(connection, number, fit.column) for fit in changed}
    first = "、".join(_place(row) for row in rows[changed[0].column])
    refusal = RefusedFile(TYPE_CHANGED, f"{detail(feed, difference)}（如第 {first} 行）", received)
    refusal.difference = as_values(feed, difference, rows)
    return refusal


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['sheet']}!{row['row']}" if row["sheet"] else str(row["row"])


def _fitting(
    connection: duckdb.DuckDBPyConnection, number: int, columns: Sequence[str], plain: Sequence[Mapping[str, int]]
) -> dict[str, int]:
    counts = ", ".join(f'count("{c}")' for c in columns)
    row = connection.execute(f"select {counts} from {JUDGED_ACCEPTED} where _file = {number}").fetchall()[0]
    return {c: rows + sum(part.get(c, 0) for part in plain) for c, rows in zip(columns, row, strict=True)}


def _rows(connection: duckdb.DuckDBPyConnection, number: int, column: str) -> list[dict[str, Any]]:
    found = connection.execute(
        f"select sheet, row_number, content from {REFUSED_ROW} where _file = {number} and "
        f"list_contains(string_split(\"columns\", ','), {literal(column)}) "
        f"order by sheet, row_number limit {SHOWN_ROWS}"
    ).fetchall()
    return [{"sheet": sheet, "row": row, "content": json.loads(content)} for sheet, row, content in found]


def stopped_feeds(feeds: Mapping[str, Feed], ledger: Ledger) -> list[dict[str, Any]]:
    """Feeds that are stopped for their shape: feed, label, batch_id, file, reason_code, reason_message, received_on."""
    suspects = {row["feed"] for row in ledger.refused_files() if row["reason_code"] in DRIFT_REASONS}
    found = []
    for feed in feeds.values():
        batch = stopped(feed, ledger.batches(feed.id)) if feed.id in suspects else None
        if batch is not None:
            names = ("batch_id", "file", "reason_code", "reason_message", "received_on")
            found.append({"feed": feed.id, "label": feed.label, **{name: batch[name] for name in names}})
    return found


def explain(
    refusal: RefusedFile, archived: Path | None, feed: Feed | None, came_before: bool, excel: ExcelReader, scratch: Path
) -> RefusedFile:
    """A missing header told as what it is where the column was there before: lost, with the difference.

    Args:
        refusal: what the reader said.
        archived: the file's copy in the archive.
        feed: the contract.
        came_before: whether the feed ever took a file in; one that did not has lost nothing.
        excel: the reader of workbooks.
        scratch: the run's own folder.

    Returns:
        The refusal to enter: COLUMN_LOST, or the one given.
    """
    if refusal.code != "HEADER_MISSING" or archived is None or feed is None or not came_before:
        return refusal
    folder = scratch / "headers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        parts = opening.read(archived, undescribed(), folder, excel).parts
    except RefusedFile:
        return refusal
    found = min((compare(feed, p.headers) for p in parts), key=lambda d: len(d.lost) + len(d.absent), default=None)
    if found is None or not is_lost_column(feed, found):
        return refusal
    told = RefusedFile(COLUMN_LOST, detail(feed, found), refusal.records, refusal.is_meant)
    told.difference = as_values(feed, found, {})
    return told
