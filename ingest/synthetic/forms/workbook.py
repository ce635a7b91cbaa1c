"""XLSX as clerks make it: merged title, period and notice, a header of one or two rows, rows, 小计 and 合计."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ingest.feeds.model import Feed
from ingest.synthetic.departments import HABITS
from ingest.synthetic.forms.rows import NOTICE, STAMP, Sheet, typed

HEAD_ROWS = 3  # title, period, unit


@dataclass
class Sums:
    """Totals of the columns that hold numbers, for 小计 and 合计."""

    feed: Feed
    rows: int = 0
    columns: dict[int, float] = field(default_factory=dict)

    def take(self, row: list[Any]) -> None:
        """Count one row in."""
        self.rows += 1
        for at, value in enumerate(row):
            if isinstance(value, int | float) and self.feed.columns[at].name != "year":
                self.columns[at] = self.columns.get(at, 0) + value


def write_workbook(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """One workbook: a sheet, or a sheet for each value of the habit's `sheets` column or month of its `months` column."""
    feed, habit = sheet.feed, HABITS[sheet.feed.id]
    by = f"left({habit.months}, 7)" if habit.months else habit.sheets or habit.subtotals
    with tempfile.TemporaryDirectory() as folder:
        # a header of two rows goes back up to the first, which a stream of rows cannot; such books are small
        book = _Book(path, folder, f"{feed.label}（{NOTICE}）", not habit.header_groups)
        rows = typed(connection, sheet, by)
        apart = habit.sheets or habit.months
        if apart:
            at = [c.name for c in feed.columns].index(apart)
            named = _month if habit.months else _kind
            for name, own in groupby(rows, key=lambda row: named(row[at])):
                book.add(sheet, name, own, habit.header_groups, None)
        else:
            book.add(sheet, feed.label, rows, habit.header_groups, habit.subtotals)
        book.close()


def _kind(value: Any) -> str:
    return str(value or "未分类")


def _month(value: Any) -> str:
    """2026年3月, also of a text that is no date."""
    year, month, *_ = str(value or "0-0").split("-")
    return f"{year}年{int(month)}月"


class _Book:
    """A workbook being written from the top down, rows as they come."""

    def __init__(self, path: Path, folder: str, title: str, is_stream: bool) -> None:
        options = {"constant_memory": is_stream, "tmpdir": folder, "default_date_format": "yyyy-mm-dd"}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._book.set_properties({"title": title, "created": STAMP})
        self._title = self._book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self._small = self._book.add_format({"font_size": 10})
        head = {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
        self._head = self._book.add_format(head)
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._bold = self._book.add_format({"bold": True})

    def add(
        self,
        sheet: Sheet,
        name: str,
        rows: Iterator[list[Any]],
        groups: Mapping[str, tuple[str, ...]],
        subtotals: str | None,
    ) -> None:
        feed = sheet.feed
        page = self._book.add_worksheet(name[:31])
        last = len(feed.columns) - 1
        page.set_column(0, last, 16)
        for at, line in enumerate(sheet.title_lines()):
            page.merge_range(at, 0, at, last, line, self._title if at == 0 else self._small)
        at = write_header(page, feed, groups, HEAD_ROWS, self._head) + 1
        page.freeze_panes(at, 0)
        place = [c.name for c in feed.columns].index(subtotals) if subtotals else None
        whole = Sums(feed)
        for _, together in groupby(rows, key=lambda row: row[place] if place is not None else None):
            part = Sums(feed)
            for row in together:
                self._cells(page, at, row)
                part.take(row)
                whole.take(row)
                at += 1
            if place is not None:
                self._total(page, at, "小计", part)
                at += 1
        self._total(page, at, "合计", whole)

    def _cells(self, page: Worksheet, at: int, row: list[Any]) -> None:
        for column, value in enumerate(row):
            write_cell(page, at, column, value, self._moment)

    def _total(self, page: Worksheet, at: int, word: str, sums: Sums) -> None:
        page.write_string(at, 0, word, self._bold)
        if 1 not in sums.columns:
            page.write_string(at, 1, f"{sums.rows} 条", self._bold)
        for column, value in sorted(sums.columns.items()):
            if column:
                page.write_number(at, column, round(value, 2), self._bold)

    def close(self) -> None:
        self._book.close()


def write_header(
    page: Worksheet, feed: Feed, groups: Mapping[str, tuple[str, ...]], top: int, look: Format | None
) -> int:
    """Write the header from row `top` on; with groups it takes two rows, cells merged across and down.

    Returns:
        The last row of the header.
    """
    if not groups:
        for at, column in enumerate(feed.columns):
            page.write_string(top, at, column.label, look)
        return top
    names = [c.name for c in feed.columns]
    member = {name: group for group, own in groups.items() for name in own}
    for at, column in enumerate(feed.columns):
        if column.name not in member:
            page.merge_range(top, at, top + 1, at, column.label, look)
    for group, own in groups.items():
        first, final = names.index(own[0]), names.index(own[-1])
        if final > first:
            page.merge_range(top, first, top, final, group, look)
        else:
            page.write_string(top, first, group, look)
    for at, column in enumerate(feed.columns):
        if column.name in member:
            page.write_string(top + 1, at, column.label, look)
    return top + 1


def write_cell(
    page: Worksheet, at: int, column: int, value: Any, moment: Format | None, look: Format | None = None
) -> None:
    """Write one value as what it is; nothing for an empty cell."""
    if value is None:
        return
    if isinstance(value, datetime):
        page.write_datetime(at, column, value, moment)
    elif isinstance(value, date):
        page.write_datetime(at, column, value)
    elif isinstance(value, int | float):
        page.write_number(at, column, value, look)
    else:
        page.write_string(at, column, value, look)
