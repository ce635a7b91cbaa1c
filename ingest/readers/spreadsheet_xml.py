"""Excel 2003's own XML (SpreadsheetML), as old systems and Excel itself ("XML 表格 2003") write it under .xls and .xml."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from ingest.base.reasons import RefusedFile
from ingest.feeds.model import Feed
from ingest.readers.delimited import to_utf8
from ingest.readers.encoding import named_encoding
from ingest.readers.excel_worker import as_text
from ingest.readers.forms import SPREADSHEET
from ingest.readers.sheets import MAX_COLUMNS, MAX_ROWS, Grid, table_of
from ingest.readers.table import TextTable
from ingest.readers.xml_text import XML_ENCODING, local, refusing, walk

MAX_SHEETS = 500
_SS = f"{{{SPREADSHEET}}}"


def read(path: Path, feed: Feed, scratch: Path) -> TextTable:
    """Read every visible sheet; a record's row is the sheet's row number, from 1.

    Args:
        path: the archived file.
        feed: its contract; without encoding the XML declaration's is taken, else it is detected.
        scratch: folder for the text.

    Raises:
        RefusedFile: FILE_EMPTY, FILE_ENCODING, FILE_TRUNCATED, FILE_UNREADABLE (also for a document type or entities, and
            for row or column numbers that run backwards or beyond what a spreadsheet holds) or HEADER_MISSING.
    """
    survey = to_utf8(path, feed.encoding or named_encoding(path, XML_ENCODING, 400), scratch)
    grids: list[Grid] = []
    with refusing():
        for event, element, stack in walk(survey.path):
            _take(event, element, stack, grids, scratch)
    shown = [grid for grid in grids if not grid.is_hidden]
    sheets = [grid.sheet(feed, scratch / f"sheet{n}.parquet", is_rigid=False) for n, grid in enumerate(shown)]
    return table_of(sheets, [grid.name for grid in grids if grid.is_hidden], feed, scratch)


def _take(event: str, element: Element, stack: list[Element], grids: list[Grid], scratch: Path) -> None:
    """One step of the walk: Workbook / Worksheet / Table / Row, and Worksheet / WorksheetOptions / Visible."""
    tag = local(element.tag)
    if event == "start":
        if tag == "Worksheet" and len(stack) == 2:
            if len(grids) >= MAX_SHEETS:
                raise RefusedFile("FILE_UNREADABLE", f"工作表超过 {MAX_SHEETS} 个")
            grids.append(Grid(scratch / f"sheet{len(grids)}.rows"))
            grids[-1].name = _attribute(element, "Name") or f"表{len(grids)}"
        return
    if len(stack) != 4 or local(stack[1].tag) != "Worksheet":
        return
    if tag == "Row":
        _add_row(grids[-1], element)
        stack[2].clear()  # what was read need not be kept
    elif tag == "Visible":
        grids[-1].is_hidden = (element.text or "").strip() in ("SheetHidden", "SheetVeryHidden")


def _add_row(grid: Grid, element: Element) -> None:
    row = _place(element, grid.next_row, MAX_ROWS, "行")
    cells: list[str] = []
    column = 1
    for cell in element:
        if local(cell.tag) != "Cell":
            continue
        column = _place(cell, column, MAX_COLUMNS, "列")
        data = next((child for child in cell if local(child.tag) == "Data"), None)
        cells += [""] * (column - 1 - len(cells))
        cells.append("" if data is None else _text(data))
        column += 1 + _count(cell, "MergeAcross")
    grid.add(row, cells, max(len(cells), 1))
    grid.next_row = row + 1 + _count(element, "Span")


def _place(element: Element, follows: int, most: int, kind: str) -> int:
    """The row or column number, from 1: its own, or the one that follows the last."""
    given = _attribute(element, "Index")
    number = int(given) if given and given.isascii() and given.isdigit() and len(given) < 9 else follows
    if not follows <= number <= most:
        raise RefusedFile("FILE_UNREADABLE", f"工作表的{kind}号倒退，或超出电子表格的上限")
    return number


def _count(element: Element, name: str) -> int:
    given = _attribute(element, name)
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 9 else 0


def _attribute(element: Element, name: str) -> str | None:
    return element.get(_SS + name) or element.get(name)


def _text(data: Element) -> str:
    """A cell as a person sees it, as `excel_worker.as_text` has it for other workbooks."""
    text = "".join(data.itertext())
    kind = _attribute(data, "Type")
    if kind == "Number":
        try:
            number = float(text)
        except ValueError:
            return text
        return as_text(number) if abs(number) != float("inf") and number == number else text
    if kind == "Boolean":
        return {"1": "true", "0": "false"}.get(text.strip(), text)
    if kind == "DateTime":
        return _moment(text.strip())
    return text


def _moment(text: str) -> str:
    """2026-11-20T00:00:00.000 is a day, 1899-12-31T18:00:00.000 a time."""
    day, _, clock = text.partition("T")
    clock = clock.removesuffix(".000")
    if day in ("1899-12-30", "1899-12-31") and clock:
        return clock
    return day if clock in ("", "00:00:00") else f"{day} {clock}"
