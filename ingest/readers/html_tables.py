"""Web pages named .xls, as old systems export them: every table of the page is a sheet.

Reporting tools and Excel itself ("save as web page") write such files, and Excel opens them. A cell reads as it is shown,
but for numbers that Excel gives exactly beside it (`x:num`).
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from ingest.base.reasons import RefusedFile
from ingest.feeds.model import Feed
from ingest.readers.delimited import to_utf8
from ingest.readers.encoding import named_encoding
from ingest.readers.excel_worker import as_text
from ingest.readers.sheets import MAX_COLUMNS, MAX_ROWS, Grid, table_of
from ingest.readers.table import TextTable

MAX_TABLES = 500  # a workbook has not so many; a page of tables in tables would open a file for each
MAX_NESTING = 16
MAX_SPANNED = 5_000_000  # cells passed over because a merged one covers them; a page of merged cells alone makes more
_BLOCK = 1 << 16
_MAX_UNFINISHED = 1 << 20  # a tag or comment longer than this is none: the parser would look through it again and again
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9._-]+)", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,31})</x:Name>", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BLANKS = re.compile("[ \t\r\n\f]+")
_LINES = re.compile(" *\x1e *")
_BREAKS = frozenset(["br", "p", "div", "li"])
_UNSEEN = frozenset(["script", "style", "title"])


def read(path: Path, feed: Feed, scratch: Path) -> TextTable:
    """Read a page's tables; a record's row is its place among the rows of its table, from 1.

    Args:
        path: the archived file.
        feed: its contract; without encoding the page's own is taken, else it is detected.
        scratch: folder for the text.

    Raises:
        RefusedFile: FILE_ENCODING, FILE_TRUNCATED (the page ends inside a table), FILE_UNREADABLE (no table in it, or
            more than any page has) or HEADER_MISSING.
    """
    survey = to_utf8(path, feed.encoding or named_encoding(path, _CHARSET), scratch)
    page = _Page(scratch)
    with survey.path.open(encoding="utf-8-sig", newline="") as text:
        while block := text.read(_BLOCK):
            page.take(block)
            if len(page.rawdata) > _MAX_UNFINISHED:
                raise RefusedFile("FILE_UNREADABLE", "是网页（HTML），其中有标签或注释一直没有结束")
    page.end()
    filled = [grid for grid in page.grids if not grid.is_blank]
    if not filled:
        hint = "只是框架，各工作表在另外的文件里，" if page.has_frames else "可能是登录页或出错页，"
        raise RefusedFile("FILE_UNREADABLE", f"是网页（HTML），里面没有表格（{hint}请在电子表格里另存为 XLSX 再报）")
    names = page.sheet_names if len(page.sheet_names) == len(filled) else []
    for number, grid in enumerate(filled):
        grid.name = names[number] if names else grid.name or f"表{number + 1}"
    sheets = [grid.sheet(feed, scratch / f"table{n}.parquet", is_rigid=True) for n, grid in enumerate(filled)]
    return table_of(sheets, (), feed, scratch)


class _Table:
    """A table being read: where the next cell goes, and which places merged cells above still cover."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.row = 0
        self.cells: list[str] | None = None  # of the row that is open
        self.column = 0
        self.covered: dict[int, int] = {}  # column → last row that a merged cell covers there
        self.text: list[str] | None = None  # of the cell that is open
        self.exact: str | None = None
        self.span = (1, 1)
        self.is_caption = False


class _Page(HTMLParser):
    """Walks a page; tables within tables are sheets of their own."""

    def __init__(self, scratch: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[Grid] = []
        self.sheet_names: list[str] = []
        self.has_frames = False
        self._scratch = scratch
        self._open: list[_Table] = []
        self._unseen: str | None = None
        self._is_over = False
        self._spanned = 0

    def take(self, text: str) -> None:
        """Read on.

        Raises:
            RefusedFile: FILE_UNREADABLE for a declaration that no page has (`<![…`).
        """
        try:
            self.feed(text)
        except AssertionError:  # the parser's way of saying it (Python 3.11)
            raise RefusedFile("FILE_UNREADABLE", f"是网页（HTML），第 {self.getpos()[0]} 行的标记不合语法") from None

    def end(self) -> None:
        """The page is over.

        Raises:
            RefusedFile: FILE_TRUNCATED when it stops in the middle of a table.
        """
        if self._open and not self._is_over:
            rows = max(0, sum(grid.rows for grid in self.grids) - 1)
            raise RefusedFile("FILE_TRUNCATED", "网页（HTML）在表格中间结束", rows)
        while self._open:
            self._end_table()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen = self._unseen or tag
        elif tag in ("frameset", "frame"):
            self.has_frames = True
        elif tag == "table":
            self._start_table()
        elif not self._open:
            return
        elif tag == "tr":
            self._end_row()
            self._start_row()
        elif tag in ("td", "th"):
            self._end_cell()
            self._start_cell(dict(attrs))
        elif tag == "caption":
            self._open[-1].is_caption = True
        elif tag in _BREAKS and self._open[-1].text is not None:
            self._open[-1].text.append("\x1e")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # <td/> is an empty cell to those who write it, and no browser's business here
        self.handle_starttag(tag, attrs)
        if tag in ("td", "th", *_UNSEEN):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = None
        elif tag in ("body", "html"):
            self._is_over = True
        elif not self._open:
            return
        elif tag == "table":
            self._end_table()
        elif tag == "tr":
            self._end_row()
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "caption":
            self._open[-1].is_caption = False

    def handle_data(self, data: str) -> None:
        if self._unseen or not self._open:
            return
        table = self._open[-1]
        if table.is_caption:
            table.grid.name = (table.grid.name + _BLANKS.sub(" ", data)).strip()[:31]
        elif table.text is not None:
            table.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.sheet_names += _SHEET_NAME.findall(data)

    def unknown_decl(self, data: str) -> None:
        """`<![if …]>`, by which Excel marks what is for itself, says nothing of cells."""

    def _start_table(self) -> None:
        if len(self.grids) >= MAX_TABLES or len(self._open) >= MAX_NESTING:
            raise RefusedFile("FILE_UNREADABLE", f"是网页（HTML），表格超过 {MAX_TABLES} 个或层层相套")
        self._is_over, self._unseen = False, None
        self.grids.append(Grid(self._scratch / f"table{len(self.grids)}.rows"))
        self._open.append(_Table(self.grids[-1]))

    def _end_table(self) -> None:
        self._end_row()
        self._open.pop()

    def _start_row(self) -> None:
        table = self._open[-1]
        table.row += 1
        table.cells, table.column = [], 0

    def _start_cell(self, given: dict[str, str | None]) -> None:
        table = self._open[-1]
        if table.cells is None:
            self._start_row()
        self._pass_covered(table)
        table.text = []
        table.exact = given.get("x:num") or given.get("x:str")
        table.span = (_span(given.get("colspan"), MAX_COLUMNS), _span(given.get("rowspan"), MAX_ROWS))

    def _end_cell(self) -> None:
        table = self._open[-1]
        if table.text is None or table.cells is None:
            return
        wide, high = table.span
        self._spanned += wide - 1
        if table.column + wide > MAX_COLUMNS or self._spanned > MAX_SPANNED:
            raise RefusedFile("FILE_UNREADABLE", "是网页（HTML），合并的单元格超出电子表格的上限")
        table.cells += [""] * (table.column - len(table.cells))
        table.cells.append(_shown(table.text, table.exact))
        if high > 1:
            table.covered |= dict.fromkeys(range(table.column, table.column + wide), table.row + high - 1)
        table.column += wide
        table.text = None

    def _end_row(self) -> None:
        self._end_cell()
        table = self._open[-1]
        if table.cells is None:
            return
        self._pass_covered(table)
        table.grid.add(table.row, table.cells, table.column)
        table.cells = None

    def _pass_covered(self, table: _Table) -> None:
        while table.covered.get(table.column, 0) >= table.row:
            table.column += 1
            self._spanned += 1


def _span(given: str | None, most: int) -> int:
    """Columns or rows that a cell takes; what is no number is 1, as browsers have it."""
    text = (given or "").strip()
    return min(max(1, int(text[:6])), most) if text.isascii() and text.isdigit() else 1


def _shown(pieces: list[str], exact: str | None) -> str:
    """A cell's text: blanks as one, breaks as lines; a number that the page rounds for the eye is given in full."""
    text = _BLANKS.sub(" ", "".join(pieces).replace("\xa0", " "))
    text = _LINES.sub("\n", text).strip(" \n")
    if exact is None:
        return text
    number = exact.strip()
    if not _NUMBER.fullmatch(number):
        return exact
    return as_text(float(number.replace(",", ""))) if _NUMBER.fullmatch(text) else text
