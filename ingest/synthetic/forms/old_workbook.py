"""Workbooks as systems of twenty years ago export them: an HTML table named .xls, and Excel 2003's XML."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import duckdb

from ingest.synthetic.forms.rows import Sheet, plain, typed

_PAGE_ENCODING = "gb18030"
_OFFICE = "urn:schemas-microsoft-com:office"


def write_page(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """A web page with one table: title, header, rows, 合计. It says gb2312 of itself, as such pages do."""
    width = len(sheet.feed.columns)
    count = 0
    with path.open("w", encoding=_PAGE_ENCODING, newline="\r\n") as file:
        file.write(f'<html xmlns:x="{_OFFICE}:excel">\n<head><meta http-equiv="Content-Type" ')
        file.write('content="application/vnd.ms-excel; charset=gb2312"></head>\n<body><table border="1">\n')
        for line in sheet.title_lines():
            file.write(f'<tr><td colspan="{width}">{escape(line)}</td></tr>\n')
        file.write(f"<tr>{''.join(f'<th>{escape(c.label)}</th>' for c in sheet.feed.columns)}</tr>\n")
        for _, cells in plain(connection, sheet):
            file.write(f"<tr>{''.join(f'<td>{_shown(cell)}</td>' for cell in cells)}</tr>\n")
            count += 1
        file.write(f'<tr><td>合计</td><td colspan="{width - 1}">{count} 条</td></tr>\n</table></body></html>\n')


def write_xml_2003(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """A workbook with one sheet. Source: XML Spreadsheet Reference (Microsoft, Office 2003)."""
    feed = sheet.feed
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n')
        file.write(f'<Workbook xmlns="{_OFFICE}:spreadsheet" xmlns:ss="{_OFFICE}:spreadsheet">\n')
        file.write(f"<Worksheet ss:Name={quoteattr(feed.label)}><Table>\n")
        for line in sheet.title_lines():
            merged = f' ss:MergeAcross="{len(feed.columns) - 1}"'
            file.write(f"<Row>{_cell(line, merged)}</Row>\n")
        file.write(_row([c.label for c in feed.columns]))
        count = 0
        for row in typed(connection, sheet):
            file.write(_row(row))
            count += 1
        file.write(_row(["合计", f"{count} 条"]))
        file.write("</Table></Worksheet></Workbook>\n")


def _shown(cell: str | None) -> str:
    return escape(cell) if cell else "&nbsp;"


def _row(values: list[Any]) -> str:
    """Empty cells are left out; the one behind them says where it stands."""
    cells = []
    is_behind = False
    for number, value in enumerate(values, 1):
        if value is not None:
            cells.append(_cell(value, f' ss:Index="{number}"' if is_behind else ""))
        is_behind = value is None
    return f"<Row>{''.join(cells)}</Row>\n"


def _cell(value: Any, given: str = "") -> str:
    if isinstance(value, datetime | date):
        kind, text = "DateTime", datetime(*value.timetuple()[:6]).isoformat(timespec="milliseconds")
    elif isinstance(value, int | float):
        kind, text = "Number", f"{value:.15g}"
    else:
        kind, text = "String", escape(str(value))
    return f'<Cell{given}><Data ss:Type="{kind}">{text}</Data></Cell>'
