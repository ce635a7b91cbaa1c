"""What every reader hands over: text, not yet typed, with the physical row each record came from."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ingest.feeds.headers import HeaderMatch
from ingest.readers.line_facts import LineEnds

# DuckDB reads no line beyond 2 MiB (1.5.6) and reports it with an error that Python cannot decode
MAX_RECORD_CHARACTERS = 400_000


@dataclass(frozen=True)
class Flaw:
    """A record that cannot be laid out in columns, refused by itself.

    Args:
        row: physical line, from 1, header included.
        text: the line as it was sent.
        code: FIELD_COUNT, UNCLOSED_QUOTE, RECORD_SHAPE or TEXT_TOO_LONG.
        sheet: sheet name of a workbook, else empty.
    """

    row: int
    text: str
    code: str
    sheet: str = ""


@dataclass(frozen=True)
class TextPart:
    """A rectangular piece of text: a CSV file, one sheet of a workbook, or a list of JSON objects.

    Args:
        path: UTF-8 CSV that DuckDB can read with strict quoting, or a Parquet file of text columns (see `kind`).
        headers: the file's own headers, in order.
        match: how they map to the contract.
        delimiter: of `path`.
        first_row: physical row of the first record, when rows follow each other without gap (`numbered` False).
        numbered: True when the first column of `path` is the physical row number.
        rows: records in `path`; the loader refuses to go on with any other count.
        newline: line end of `path`.
        skip: lines of `path` to skip before the first record.
        sheet: sheet name, else empty.
        has_furniture: True where total rows (合计) must be told from records.
        kind: what `path` is. "parquet": columns c0, c1, … of text in order of `headers`, before them `_row` (an integer) if
            `numbered`; rows in order of the file; `delimiter`, `newline` and `skip` say nothing then.
        suspects: lines of `path`, from 0, that may hold what a plain row may not (`line_facts`), when each line is a record;
            None where nobody looked.
        line_ends: where they end; None where nobody looked.
    """

    path: Path
    headers: tuple[str, ...]
    match: HeaderMatch
    delimiter: str
    first_row: int
    numbered: bool
    rows: int
    newline: str = "\n"
    skip: int = 0
    sheet: str = ""
    has_furniture: bool = False
    kind: Literal["csv", "parquet"] = "csv"
    suspects: tuple[int, ...] | None = None
    line_ends: LineEnds | None = field(default=None, compare=False)


@dataclass(frozen=True)
class TextTable:
    """A whole file as text: its parts, the records that have no columns, and what else was seen.

    Args:
        parts: one for CSV and JSON, one a sheet for a workbook.
        flaws: records that cannot be laid out in columns.
        furniture: titles, notes and blank lines that are no records.
        skipped_sheets: sheets with content but without a header → their rows.
        changes: what else differs from the contract, as (sheet, member or column; code of `SHAPE_CHANGES`; rows).
    """

    parts: tuple[TextPart, ...]
    flaws: tuple[Flaw, ...] = ()
    furniture: int = 0
    skipped_sheets: dict[str, int] = field(default_factory=dict)
    changes: tuple[tuple[str, str, int], ...] = ()


def write_numbered(path: Path, records: Iterable[tuple[int, Sequence[str]]]) -> int:
    """Write records with their physical row numbers as strictly quoted CSV; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row, cells in records:
            writer.writerow((row, *cells))
            count += 1
    return count
