"""One feed's files: which there are, in which form, packed or not, and which of them arrive damaged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest.feeds.model import Feed
from ingest.synthetic.declaring import DAMAGED
from ingest.synthetic.departments import FAULTS, HABITS
from ingest.synthetic.forms.filing import write_filing
from ingest.synthetic.forms.old_workbook import write_page, write_xml_2003
from ingest.synthetic.forms.opendocument import write_opendocument
from ingest.synthetic.forms.packing import pack
from ingest.synthetic.forms.records import write_json, write_lines, write_xml
from ingest.synthetic.forms.rows import Letterhead, Sheet
from ingest.synthetic.forms.text import write_cut, write_text
from ingest.synthetic.forms.workbook import write_workbook
from ingest.synthetic.sending import cells_table

_WRITERS: Mapping[str, Callable[[duckdb.DuckDBPyConnection, Sheet, Path], None]] = {
    "csv": write_text,
    "tsv": write_text,
    "json": write_json,
    "jsonl": write_lines,
    "xml": write_xml,
    "xlsx": write_workbook,
    "ods": write_opendocument,
    "html": write_page,
    "xml2003": write_xml_2003,
}


@dataclass(frozen=True)
class Written:
    """A file as it lies in the landing.

    `part`: the unit it is of, where a feed sends one a unit. `refused_as`: why it must be refused whole, if it must.
    """

    path: Path
    day: date
    records: int
    part: str | None = None
    refused_as: str | None = None


def file_name(feed: Feed, day: date, part: str | None = None) -> str:
    """The file's name by the contract's pattern: `企业登记_20261120.csv`."""
    named = f"{part}_{day:%Y%m%d}" if part else f"{day:%Y%m%d}"
    suffix = f".{feed.format or 'csv'}" if feed.file_pattern.endswith("*") else ""
    return feed.file_pattern.replace("*", named) + suffix


def write(
    connection: duckdb.DuckDBPyConnection, feed: Feed, folder: Path, letterhead: Letterhead, cut_on: date | None = None
) -> list[Written]:
    """Write every file of one feed.

    Args:
        connection: holds the feed's cells.
        feed: its contract; headers, format and encoding come from there.
        folder: `landing/<department>/<feed>`.
        letterhead: title and period of workbooks and JSON.
        cut_on: date of a file to be written cut off in the middle of its last record; its rows are those planted
            nothing in, of the file one day later.
    """
    folder.mkdir(parents=True, exist_ok=True)
    habit = HABITS[feed.id]
    writer = write_filing if habit.is_form else _WRITERS[feed.format or "csv"]
    written = []
    previous, current = letterhead.period_from, None
    files = connection.execute(
        f"select file_date, part, count(*) from {cells_table(feed)} group by 1, 2 order by 1, 2"
    ).fetchall()
    for day, part, count in files:
        if current is not None and day != current:
            previous = current + timedelta(days=1)
        current = day
        path = folder / file_name(feed, day, part)
        writer(connection, Sheet(feed, day, previous, letterhead, part), path)
        path = pack(path, habit.packed) if habit.packed else path
        written.append(Written(path, day, count, part))
    if cut_on is not None:
        path = folder / file_name(feed, cut_on)
        records = write_cut(connection, Sheet(feed, cut_on, previous, letterhead), path)
        path = pack(path, habit.packed) if habit.packed else path
        written.append(Written(path, cut_on, records, None, "FILE_TRUNCATED"))
    if DAMAGED in FAULTS.get(feed.id, ()):
        written.append(_damaged(feed, written[-1]))
    return sorted(written, key=lambda w: w.path)


def _damaged(feed: Feed, whole: Written) -> Written:
    """The last file a second time, half of it: what a broken transfer leaves behind. Nothing in it can be read."""
    path = whole.path.with_name(whole.path.name.replace(f"{whole.day:%Y%m%d}", f"未传完_{whole.day:%Y%m%d}"))
    content = whole.path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return Written(path, whole.day, 0, whole.part, "FILE_TRUNCATED" if path.suffix == ".gz" else "FILE_UNREADABLE")
