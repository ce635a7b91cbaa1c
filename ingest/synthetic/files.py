"""Writing a feed's files as its department does: CSV lines, workbooks with title and total, JSON with an envelope."""

from __future__ import annotations

import codecs
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from ingest.contract import Feed
from ingest.synthetic.departments import FAULTS, HABITS
from ingest.synthetic.sending import cells_table

NOTICE = "演示数据"
_CREATED = datetime(2020, 1, 1)  # a workbook's own stamp, fixed so that the same city has the same bytes
_FETCH = 50_000
_BLOCK = 4 << 20  # characters encoded at once
_NO_DELIMITER = "\x1f"  # a line is one column to the engine


@dataclass(frozen=True)
class Letterhead:
    """What stands around the rows of a workbook or a JSON file."""

    department: str
    period_from: date
    clerk: str = "张晓明"


def file_name(feed: Feed, day: date) -> str:
    """The file's name by the contract's pattern: `企业登记_20261120.csv`."""
    suffix = f".{feed.format}" if feed.file_pattern.endswith("*") else ""
    return feed.file_pattern.replace("*", f"{day:%Y%m%d}") + suffix


def write(
    connection: duckdb.DuckDBPyConnection, feed: Feed, folder: Path, letterhead: Letterhead, cut_on: date | None = None
) -> list[tuple[Path, date, int]]:
    """Write every file of one feed.

    Args:
        connection: holds the feed's cells.
        feed: its contract; headers, format and encoding come from there.
        folder: `landing/<department>/<feed>`.
        letterhead: title and period of workbooks and JSON.
        cut_on: date of a file to be written cut off in the middle of its last record; its rows are those planted
            nothing in, of the file one day later.

    Returns:
        For each file: its path, its date, the number of records in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    previous = letterhead.period_from
    days = connection.execute(f"select file_date, count(*) from {cells_table(feed)} group by 1 order by 1").fetchall()
    for day, count in days:
        path = folder / file_name(feed, day)
        if feed.format == "csv":
            _write_text(connection, feed, path, f"file_date = date '{day}'")
        elif feed.format == "xlsx":
            _write_workbook(feed, path, list(_typed_rows(connection, feed, day)), letterhead, previous, day)
        else:
            _write_json(feed, path, list(_rows(connection, feed, day)), letterhead)
        written.append((path, day, count))
        previous = day + timedelta(days=1)
    if cut_on is not None:
        written.append(_write_cut(connection, feed, folder, cut_on))
    return sorted(written)


def _delimiter(feed: Feed) -> str:
    return feed.delimiter or ","


def _line_sql(feed: Feed) -> str:
    """SQL for a row's line of text; two faults live here, where the line is made."""
    broken = {f.kind: f.column for f in FAULTS.get(feed.id, ()) if f.kind in ("unclosed_quote", "extra_field")}
    parts = []
    for column in feed.columns:
        cell = f"coalesce({column.name}, '')"
        quoted = (
            f"case when regexp_matches({cell}, '[\"\\n{_delimiter(feed)}]') "
            f"then '\"' || replace({cell}, '\"', '\"\"') || '\"' else {cell} end"
        )
        if column.name == broken.get("unclosed_quote"):
            quoted = f"case when fault = 'unclosed_quote' then '\"' || {cell} else {quoted} end"
        if column.name == broken.get("extra_field"):
            quoted = f"case when fault = 'extra_field' then {cell} || '{_delimiter(feed)}第二款' else {quoted} end"
        parts.append(quoted)
    return f"concat_ws('{_delimiter(feed)}', {', '.join(parts)})"


def _write_text(connection: duckdb.DuckDBPyConnection, feed: Feed, path: Path, where: str) -> None:
    """Lines of delimited text: the engine makes them in UTF-8, a block at a time is encoded, whatever the file's size."""
    newline = HABITS[feed.id].newline
    before_end = " || chr(13)" if newline == "\r\n" else ""  # COPY ends every line with a line feed
    encoding = feed.encoding or HABITS[feed.id].encoding
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines"
        connection.execute(
            f"copy (select {_line_sql(feed)}{before_end} from {cells_table(feed)} where {where} "
            f"order by seq, {feed.key[0]}) "
            f"to '{lines}' (format csv, header false, quote '', escape '', delimiter '{_NO_DELIMITER}')"
        )
        with lines.open(encoding="utf-8", newline="") as made, path.open("wb") as file:
            encoder = codecs.getincrementalencoder(encoding)()
            file.write(encoder.encode(_delimiter(feed).join(c.label for c in feed.columns) + newline))
            while block := made.read(_BLOCK):
                file.write(encoder.encode(block))


def _write_cut(connection: duckdb.DuckDBPyConnection, feed: Feed, folder: Path, cut_on: date) -> tuple[Path, date, int]:
    next_day = cut_on + timedelta(days=1)
    meant = f"file_date = date '{next_day}' and fault is null and {feed.version_column} < '{next_day}'"
    path = folder / file_name(feed, cut_on)
    _write_text(connection, feed, path, meant)
    encoding = feed.encoding or HABITS[feed.id].encoding
    text = path.read_bytes().decode(encoding).rstrip("\r\n")
    lines = text.splitlines()
    path.write_bytes(text[: len(text) - (len(lines[-1]) + 1) // 2].encode(encoding))
    return path, cut_on, len(lines) - 1


def _rows(connection: duckdb.DuckDBPyConnection, feed: Feed, day: date, more: str = "") -> Iterator[list[Any]]:
    """A file's rows in order, as lists of cells and of what `more` adds."""
    columns = ", ".join(c.name for c in feed.columns)
    result = connection.execute(
        f"select {columns}{more} from {cells_table(feed)} where file_date = ? order by seq, {feed.key[0]}", [day]
    )
    while batch := result.fetchmany(_FETCH):
        yield from (list(row) for row in batch)


def _typed_rows(connection: duckdb.DuckDBPyConnection, feed: Feed, day: date) -> Iterator[list[Any]]:
    """Rows as lists of cells; a number or a date is one where its text is one, else stays text."""
    types = {"integer": "double", "number": "double", "date": "date", "timestamp": "timestamp"}
    typed = [
        f"try_cast({c.name} as {types[c.logical_type]})" if c.logical_type in types else "null" for c in feed.columns
    ]
    width = len(feed.columns)
    for row in _rows(connection, feed, day, f", {', '.join(typed)}"):
        yield [value if value is not None else text for text, value in zip(row[:width], row[width:], strict=True)]


def _write_workbook(
    feed: Feed, path: Path, rows: list[list[Any]], letterhead: Letterhead, previous: date, day: date
) -> None:
    """A workbook as a clerk makes it: merged title, period and notice, header, rows, a 合计 row."""
    book = xlsxwriter.Workbook(str(path), {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": f"{feed.label}（{NOTICE}）", "created": _CREATED})
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    small = book.add_format({"font_size": 10})
    head = book.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(feed.label)
    last = len(feed.columns) - 1
    sheet.merge_range(0, 0, 0, last, f"南京市{feed.label}汇总表（{NOTICE}）", title)
    sheet.merge_range(1, 0, 1, last, f"统计期间：{_spoken(previous)}至{_spoken(day)}    {NOTICE}", small)
    sheet.merge_range(2, 0, 2, last, f"填报单位：{letterhead.department}    填报人：{letterhead.clerk}", small)
    sheet.set_row(0, 28)
    sheet.set_column(0, last, 16)
    for at, column in enumerate(feed.columns):
        sheet.write_string(3, at, column.label, head)
    sums: dict[int, float] = {}
    for number, row in enumerate(rows, start=4):
        for at, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, datetime):
                sheet.write_datetime(number, at, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, at, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, at, value)
                sums[at] = sums.get(at, 0) + value
            else:
                sheet.write_string(number, at, value)
    total = len(rows) + 4
    sheet.write_string(total, 0, "合计", bold)
    if not sums:
        sheet.write_string(total, 1, f"{len(rows)} 条", bold)
    for at, value in sums.items():
        if feed.columns[at].name != "year":
            sheet.write_number(total, at, round(value, 2), bold)
    sheet.freeze_panes(4, 0)
    book.close()


def _spoken(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _write_json(feed: Feed, path: Path, rows: list[list[Any]], letterhead: Letterhead) -> None:
    labels = [c.label for c in feed.columns]
    body = {
        "部门": letterhead.department,
        "说明": NOTICE,
        "data": [dict(zip(labels, row, strict=True)) for row in rows],
    }
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")
