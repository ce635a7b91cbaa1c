"""A file's rows out of the cells, a block at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from ingest.base.sql import literal
from ingest.feeds.model import Feed
from ingest.synthetic.sending import cells_table

NOTICE = "演示数据"
STAMP = datetime(2020, 1, 1)  # every stamp inside a file, fixed so that the same city has the same bytes
_FETCH = 10_000
_TYPES = {"integer": "double", "number": "double", "date": "date", "timestamp": "timestamp"}


@dataclass(frozen=True)
class Letterhead:
    """What stands around the rows of a file: the department, the period, who filled it in."""

    department: str
    period_from: date
    clerk: str = "张晓明"


@dataclass(frozen=True)
class Sheet:
    """What one file holds: the cells of a date and, where a feed sends a file a unit, of a part."""

    feed: Feed
    day: date
    period_from: date
    letterhead: Letterhead
    part: str | None = None

    @property
    def where(self) -> str:
        """SQL that picks the file's rows out of the feed's cells."""
        named = "" if self.part is None else f" and part = {literal(self.part)}"
        return f"file_date = date '{self.day}'{named}"

    def title_lines(self) -> tuple[str, str, str]:
        """Title, period and unit, as they stand above a table."""
        until = f"{spoken(self.period_from)}至{spoken(self.day)}"
        return (
            f"南京市{self.feed.label}汇总表（{NOTICE}）",
            f"统计期间：{until}    {NOTICE}",
            f"填报单位：{self.part or self.letterhead.department}    填报人：{self.letterhead.clerk}",
        )


def spoken(day: date) -> str:
    """A day as it is written in a heading: 2026年11月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


def plain(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Iterator[tuple[str | None, list[Any]]]:
    """(fault, cells as text) of each row in the file's order."""
    columns = ", ".join(c.name for c in sheet.feed.columns)
    query = (
        f"select fault, {columns} from {cells_table(sheet.feed)} where {sheet.where} order by seq, {sheet.feed.key[0]}"
    )
    for row in _stream(connection, query):
        yield row[0], list(row[1:])


def typed(connection: duckdb.DuckDBPyConnection, sheet: Sheet, first_by: str | None = None) -> Iterator[list[Any]]:
    """Rows as lists of cells; a number or a date is one where its text is one, else stays text.

    Args:
        connection: holds the feed's cells.
        sheet: which rows.
        first_by: the column, or SQL, whose values keep together, in order of value.
    """
    columns = sheet.feed.columns
    names = [c.name for c in columns]
    casts = [f"try_cast({c.name} as {_TYPES[c.logical_type]})" if c.logical_type in _TYPES else "null" for c in columns]
    together = f"{first_by} nulls last, " if first_by else ""
    query = (
        f"select {', '.join(names + casts)} from {cells_table(sheet.feed)} where {sheet.where} "
        f"order by {together}seq, {sheet.feed.key[0]}"
    )
    width = len(names)
    for row in _stream(connection, query):
        yield [value if value is not None else text for text, value in zip(row[:width], row[width:], strict=True)]


def _stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    result = connection.execute(query)
    while batch := result.fetchmany(_FETCH):
        yield from batch
