"""Sheets of text, whoever read them: which hold the feed, where their records begin, and what is furniture."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ingest.base.reasons import RefusedFile
from ingest.feeds.headers import HEADER_SEARCH_ROWS, find_layered
from ingest.feeds.model import Feed
from ingest.readers.fill_down import fill_down
from ingest.readers.table import MAX_RECORD_CHARACTERS, Flaw, TextPart, TextTable

TOP_ROWS = HEADER_SEARCH_ROWS + 4  # what the header is looked for in
MAX_ROWS, MAX_COLUMNS = 1 << 20, 1 << 14  # what a spreadsheet holds
MAX_CELLS = 60_000_000  # a full sheet of 57 columns; two far cells would make more
_BATCH_ROWS = 20_000
_TOTAL = re.compile("(合|小|总)[\\s\u3000]*计(数|$|[^\u4e00-\u9fff])")


@dataclass(frozen=True)
class Sheet:
    """One sheet of text.

    Args:
        name: the sheet's name.
        path: Parquet file: `_row`, the sheet's row number from 1, then c0, c1, … as text.
        rows: its rows, blank ones and flaws included.
        top: its first rows.
        flaws: rows below the header that cannot be records; they are not in `path`.
    """

    name: str
    path: Path
    rows: int
    top: Sequence[Sequence[str]]
    flaws: tuple[Flaw, ...] = ()


def table_of(sheets: Sequence[Sheet], hidden: Sequence[str], feed: Feed, scratch: Path) -> TextTable:
    """What a workbook brings of a feed: every sheet that has the contract's header.

    Args:
        sheets: all that were read.
        hidden: names of those that are hidden, and were not.
        feed: the contract.
        scratch: folder for filled text.

    Raises:
        RefusedFile: FILE_EMPTY or HEADER_MISSING.
    """
    parts: list[TextPart] = []
    flaws: list[Flaw] = []
    skipped: dict[str, int] = {}
    changes: list[tuple[str, str, int]] = [(name, "SHEET_HIDDEN", 0) for name in hidden]
    furniture = records = 0
    missing: list[str] = []
    for sheet in sheets:
        if not sheet.rows:
            continue
        header = find_layered(feed, sheet.top)
        if header is None or header.match.missing:
            skipped[sheet.name] = sheet.rows
            if header is not None:
                missing = [label for _, label in header.match.missing]
                records += sheet.rows - header.bottom - 1
            continue
        furniture += header.top
        flaws += sheet.flaws
        part = TextPart(
            path=sheet.path,
            headers=header.names,
            match=header.match,
            delimiter=",",
            first_row=header.bottom + 2,
            numbered=True,
            rows=sheet.rows - header.bottom - 1 - len(sheet.flaws),
            sheet=sheet.name,
            has_furniture=True,
            kind="parquet",
        )
        part, filled = fill_down(part, feed, scratch)
        parts.append(part)
        changes += filled
    if not parts and not skipped:
        raise RefusedFile("FILE_EMPTY", f"工作簿里没有任何内容{_hidden_hint(hidden)}")
    if not parts:
        labels = missing or [c.label for c in feed.columns if c.required]
        detail = f"缺少：{'、'.join(labels)}{_hidden_hint(hidden)}"
        raise RefusedFile("HEADER_MISSING", detail, records, bool(missing))
    return TextTable(tuple(parts), tuple(flaws), furniture, skipped, tuple(changes))


def _hidden_hint(hidden: Sequence[str]) -> str:
    return f"（隐藏的工作表未读：{'、'.join(hidden)}）" if hidden else ""


class Grid:
    """Rows of one sheet while a reader walks its markup: kept in a file, so that a sheet need not fit in memory.

    Args:
        spool: file for the rows, of this grid alone.
    """

    def __init__(self, spool: Path) -> None:
        self.name = ""
        self.is_hidden = False
        self.rows = self.width = 0
        self.next_row = 1
        self.is_blank = True
        self.top: list[list[str]] = []
        self._spool = spool
        self._file = spool.open("w", encoding="utf-8")
        self._widths = array("H")

    def add(self, row: int, cells: list[str], width: int) -> None:
        """Add a row below those there are.

        Args:
            row: its number from 1; rows left out are blank.
            cells: its text, from the first column on.
            width: columns it spans, merged ones included.

        Raises:
            RefusedFile: FILE_UNREADABLE where the sheet grows beyond what a spreadsheet holds.
        """
        if row > MAX_ROWS or width > MAX_COLUMNS or row * max(self.width, len(cells)) > MAX_CELLS:
            raise RefusedFile("FILE_UNREADABLE", "工作表的行列数超出电子表格的上限，疑为异常文件")
        while cells and not cells[-1]:
            cells.pop()
        self._widths.extend([0] * (row - 1 - self.rows))
        self._widths.append(width)
        if row <= TOP_ROWS:
            self.top += [[] for _ in range(row - 1 - len(self.top))]
            self.top.append(cells)
        self.rows, self.width = row, max(self.width, len(cells))
        if cells:
            self.is_blank = False
            self._file.write(json.dumps([row, cells], ensure_ascii=False) + "\n")

    def sheet(self, feed: Feed, target: Path, is_rigid: bool) -> Sheet:
        """The sheet as every other reader hands it over.

        Args:
            feed: the contract, whose header tells where records begin.
            target: the Parquet file to write.
            is_rigid: whether a row that spans other columns than the header has lost or gained a cell.
        """
        self._file.close()
        header = find_layered(feed, self.top)
        below = header.bottom + 1 if header else self.rows
        expected = self._widths[header.bottom] if header and is_rigid else None
        flaws: list[Flaw] = []
        self.width = max(self.width, len(header.names) if header else 0)

        def records() -> Iterator[tuple[int, list[str]]]:
            after = 0
            with self._spool.open(encoding="utf-8") as spooled:
                for line in spooled:
                    row, cells = json.loads(line)
                    yield from ((blank, []) for blank in range(after + 1, row))
                    after = row
                    code = _misfit(cells, self._widths[row - 1], expected) if row > below else None
                    if code:
                        flaws.append(Flaw(row, "\t".join(cells), code, self.name))
                    else:
                        yield row, cells
            yield from ((blank, []) for blank in range(after + 1, self.rows + 1))

        if self.width:
            _write(target, records(), self.width)
        self._spool.unlink()
        return Sheet(self.name, target, self.rows if self.width else 0, self.top, tuple(flaws))


def _misfit(cells: list[str], width: int, expected: int | None) -> str | None:
    """Why a row cannot be a record: a cell more or less than the header has would move all behind it to other columns."""
    if sum(map(len, cells)) > MAX_RECORD_CHARACTERS:
        return "TEXT_TOO_LONG"
    if expected is None or width == expected:
        return None
    first = next(cell for cell in cells if cell)
    return None if _TOTAL.match(first) else "FIELD_COUNT"


def _write(target: Path, records: Iterator[tuple[int, list[str]]], width: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("_row", pa.int64()), *((f"c{place}", pa.string()) for place in range(width))])
    with pq.ParquetWriter(target, schema, compression="snappy", use_dictionary=False, write_statistics=False) as writer:
        size = max(1, min(_BATCH_ROWS, 2_000_000 // width))
        while batch := list(islice(records, size)):
            columns = [
                pa.array([cells[place] if place < len(cells) else None for _, cells in batch], pa.string())
                for place in range(width)
            ]
            writer.write_table(pa.table([pa.array([row for row, _ in batch], pa.int64()), *columns], schema=schema))
