"""The form that reporting units fill in: a protected sheet with open cells, lists to choose from, the lists hidden."""

from __future__ import annotations

from pathlib import Path

import duckdb
import xlsxwriter

from ingest.feeds.model import Column
from ingest.synthetic.forms.rows import NOTICE, STAMP, Sheet, typed
from ingest.synthetic.forms.workbook import HEAD_ROWS, write_cell, write_header

_SPARE_ROWS = 20  # empty lines below, open for more
_LISTS = "字典"


def write_filing(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """One unit's form; what it may choose from stands in a hidden sheet, and only its own cells can be typed in."""
    feed = sheet.feed
    # in memory: rows and the lists beside them are small, and a protected form is written in no order of rows
    book = xlsxwriter.Workbook(str(path), {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": f"{feed.label}（{NOTICE}）", "created": STAMP})
    title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    head = book.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
    open_cell = book.add_format({"locked": False, "bg_color": "#FFF8E1"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    form = book.add_worksheet("填报表")
    lists = book.add_worksheet(_LISTS)
    last = len(feed.columns) - 1
    form.set_column(0, last, 16)
    for at, line in enumerate(sheet.title_lines()):
        form.merge_range(at, 0, at, last, line, title if at == 0 else None)
    first = write_header(form, feed, {}, HEAD_ROWS, head) + 1
    at = first
    for row in typed(connection, sheet):
        for column, value in zip(feed.columns, row, strict=True):
            look = None if column.is_key else open_cell
            write_cell(form, at, _at(feed.columns, column), value, moment, look)
        at += 1
    bottom = at + _SPARE_ROWS
    for place, column in enumerate(c for c in feed.columns if c.codes):
        lists.write_string(0, place, f"可选{column.label}")
        labels = list(dict.fromkeys(label for label, _ in column.codes))
        for number, label in enumerate(labels, start=1):
            lists.write_string(number, place, label)
        letter = chr(ord("A") + place)
        choice = f"={_LISTS}!${letter}$2:${letter}${len(labels) + 1}"
        form.data_validation(first, _at(feed.columns, column), bottom, _at(feed.columns, column), _only(column, choice))
    for place, column in enumerate(feed.columns):
        if column.logical_type in ("number", "integer"):
            rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "请填不小于 0 的数字"}
            form.data_validation(first, place, bottom, place, rule)
    lists.hide()
    form.protect()
    form.freeze_panes(first, 0)
    book.close()


def _at(columns: tuple[Column, ...], wanted: Column) -> int:
    return [c.name for c in columns].index(wanted.name)


def _only(column: Column, choice: str) -> dict[str, str]:
    return {"validate": "list", "source": choice, "error_message": f"{column.label}请从下拉列表中选取"}
