"""From a reader's text to a DuckDB table of text, with the count of records checked on the way."""

from __future__ import annotations

import duckdb

from ingest.base.sql import literal
from ingest.readers.table import TextPart
from ingest.storage.quarantine import distinct_headers

# 合计, 小计, 总计 rows close a workbook's table; they are no records. 小计量器具厂 is one.
TOTAL_ROW = "^(合|小|总)[\\s\u3000]*计(数|$|[^\\p{Han}])"

_BUFFER_BYTES = 8 << 20


class CountMismatch(RuntimeError):
    """DuckDB saw another number of records than the reader counted: nothing of this reading may be used."""


def load(connection: duckdb.DuckDBPyConnection, part: TextPart, table: str, place: tuple[int, int]) -> None:
    """Add a part's text, as it is, to a table of parts with the same headers.

    Args:
        connection: in-memory DuckDB with one thread, so that rows come in the order of the file.
        part: what the reader found.
        table: made where it is absent: _file, _part, _ord, _row, _sheet, _is_furniture, c0, c1, … (empty text is NULL).
        place: number of the file in its group, number of the part in the file.

    Raises:
        CountMismatch: when the file is not as plain as the reader took it to be; nothing is then added.
    """
    create(connection, table, len(part.headers))
    cells = ", ".join(f"c{i}" for i in range(len(part.headers)))
    row = "_row" if part.numbered else f"row_number() over () + {part.first_row - 1}"
    connection.execute("begin")
    try:
        added = connection.execute(
            f"insert into {table} select {place[0]}, {place[1]}, row_number() over (), {row}, {literal(part.sheet)}, "
            f"{furniture(part)}, {cells} from {rows_of(part)}"
        ).fetchall()[0][0]
        check_count(part, added)
    except (duckdb.Error, UnicodeDecodeError, CountMismatch) as error:
        connection.execute("rollback")
        raise mismatch(part, error) from None
    connection.execute("commit")


def create(connection: duckdb.DuckDBPyConnection, table: str, width: int) -> None:
    """Make a table of text unless it is there."""
    given = ", ".join(f"c{i} varchar" for i in range(width))
    connection.execute(
        f"create temp table if not exists {table} "
        f"(_file bigint, _part bigint, _ord bigint, _row bigint, _sheet varchar, _is_furniture boolean, {given})"
    )


def check_count(part: TextPart, added: int) -> None:
    """Raise CountMismatch unless as many records were read as the reader counted."""
    if added != part.rows:
        raise CountMismatch(f"{part.path.name}: 逐行数得 {part.rows} 条，解析得 {added} 条")


def mismatch(part: TextPart, error: Exception) -> CountMismatch:
    """What a failed reading comes to: DuckDB quotes the line it stumbled on, which may name a person."""
    return error if isinstance(error, CountMismatch) else CountMismatch(f"{part.path.name}: {type(error).__name__}")


def furniture(part: TextPart) -> str:
    """Condition over c0, c1, …: a blank row, or where the part may have them a row of totals."""
    # coalesce stops at the first cell that holds something
    first = "coalesce(" + ", ".join(f"nullif(trim(c{i}, ' \t\u3000'), '')" for i in range(len(part.headers))) + ")"
    total = f" or regexp_matches({first}, {literal(TOTAL_ROW)})" if part.has_furniture else ""
    # most first cells begin with a figure, a letter or a Chinese character
    usual = "case when c0 >= '!' and c0 < '\u3000' or c0 >= '\u3001' then true "
    usual += "else nullif(trim(c0, ' \t\u3000'), '') is not null end"
    usual += " and not contains(c0, '计')" if part.has_furniture else ""
    # the first cell decides for nearly every row; the coalesce over all of them took 0.48 of 0.69 CPU-s (2026-11)
    return f"case when {usual} then false else {first} is null{total} end"


def rows_of(part: TextPart) -> str:
    """`source` as a FROM clause, without the rows above the first record."""
    return f"{source(part)}{f' where _row >= {part.first_row}' if part.numbered else ''}"


def source(part: TextPart) -> str:
    """A part's text as SQL: c0, c1, … (empty text is NULL), before them `_row` if numbered, in order of the file."""
    places = range(len(part.headers))
    path = literal(part.path)
    if part.kind == "parquet":
        cells = [f"nullif(c{i}, '') as c{i}" for i in places]
        return f"(select {', '.join((['_row'] if part.numbered else []) + cells)} from read_parquet({path}))"
    names = ([("_row", "BIGINT")] if part.numbered else []) + [(f"c{i}", "VARCHAR") for i in places]
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in names) + "}"
    # DuckDB 1.5.6 finds no row when given \r\n and a line to skip; with neither it reads them right
    newline = "new_line = '\\n', " if part.newline == "\n" else ""
    # the usual 32 MB are given back to the system and asked for anew each time: 0.1 CPU-s for 270 MB (2026-11)
    buffer = f"buffer_size = {_BUFFER_BYTES}, " if part.suspects is not None else ""
    return (
        f"read_csv({path}, columns = {columns}, auto_detect = false, header = false, skip = {part.skip}, "
        f"{buffer}delim = {literal(part.delimiter)}, quote = '\"', escape = '\"', {newline}strict_mode = true, "
        "null_padding = false, ignore_errors = false, encoding = 'utf-8')"
    )


def keep_extra(connection: duckdb.DuckDBPyConnection, number: int, place: int, part: TextPart) -> None:
    """Keep the values of a part's unknown columns apart, before anything is judged.

    Args:
        connection: the intake's; the text of `part` is still there.
        number: the file's number in its group.
        place: the part's number in the file.
        part: what the reader found.
    """
    if not part.match.extra:
        return
    names = distinct_headers(part.headers)
    row = "_row" if part.numbered else f"row_number() over () + {part.first_row - 1} as _row"
    cells = ", ".join(f'c{i} as "{_quoted_header(names[i])}"' for i in part.match.extra)
    filled = " or ".join(f"c{i} is not null" for i in part.match.extra)
    connection.execute(
        f"create or replace temp table extra_{number}_{place} as select _row, {literal(part.sheet)} as _sheet, "
        f"{cells} from (select {row}{', *' if not part.numbered else ', * exclude (_row)'} from {source(part)}) "
        f"where _row >= {part.first_row} and ({filled})"
    )


def _quoted_header(name: str) -> str:
    return (f"{name}#" if name.casefold() in ("_row", "_sheet") else name).replace('"', '""')
