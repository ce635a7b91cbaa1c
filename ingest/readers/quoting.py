"""Records and fields of delimited text by RFC 4180, line by line: an unclosed quote costs its own line and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.readers.table import MAX_RECORD_CHARACTERS

MAX_RECORD_LINES = 1000  # line breaks inside one quoted field; more than any form's text box gives
# From this many columns on, text inside quotes whose lines mostly look like records are records between two stray quotes.
WIDE = 5


@dataclass(frozen=True)
class Record:
    """A record or a refused line: where it starts, its text, its cells or the reason it has none."""

    row: int
    text: str
    cells: list[str]
    code: str = ""
    is_cut: bool = False


def records(lines: Iterator[str], delimiter: str, width: int | None) -> Iterator[Record]:
    """Split physical lines into records; `width` None takes any number of fields."""
    held: list[str] = []  # lines read ahead for a record that turned out not to go on
    row = 0

    def following() -> str | None:
        return held.pop(0) if held else next(lines, None)

    while (line := following()) is not None:
        row += 1
        cells, is_open = fields(line, delimiter)
        if not is_open:
            cells = _without_tail(cells, width)
            if width is not None and len(cells) != width and line.strip():
                cut = 0 < len(cells) < width and not line.endswith(("\n", "\r"))
                yield Record(row, line.rstrip("\r\n"), [], "FIELD_COUNT", cut)
            else:
                yield Record(row, line.rstrip("\r\n"), cells)
            continue
        taken, joined = _extend(line, following, delimiter, width)
        if joined is not None:
            yield Record(row, (line + "".join(taken)).rstrip("\r\n"), joined)
            row += len(taken)
        else:
            beyond = following()
            if beyond is None and not any(_is_whole(later, delimiter, width) for later in taken):
                yield Record(row, (line + "".join(taken)).rstrip("\r\n"), [], "UNCLOSED_QUOTE", True)
                return
            held[:0] = taken if beyond is None else [*taken, beyond]
            yield Record(row, line.rstrip("\r\n"), [], "UNCLOSED_QUOTE")


def _extend(
    first: str, following: Callable[[], str | None], delimiter: str, width: int | None
) -> tuple[list[str], list[str] | None]:
    """Take the lines a quoted line break spans. Returns (lines taken, cells), cells None when the quote never closes."""
    taken: list[str] = []
    text = first
    # beyond either limit it is no record, and looking on would take a file of stray quotes line times line
    while (
        len(taken) < MAX_RECORD_LINES and len(text) <= 2 * MAX_RECORD_CHARACTERS and (line := following()) is not None
    ):
        taken.append(line)
        text += line
        if '"' not in line:
            continue
        cells, is_open = fields(text, delimiter)
        if is_open:
            continue
        inner = [_is_whole(line, delimiter, width) for line in taken[:-1]]
        swallowed = width is not None and width >= WIDE and sum(inner) * 2 > len(inner)
        cells = _without_tail(cells, width)
        fits = bool(cells) and (width is None or len(cells) == width)
        return taken, cells if fits and not swallowed else None
    return taken, None


def _is_whole(line: str, delimiter: str, width: int | None) -> bool:
    cells, is_open = fields(line, delimiter)
    fits = width is None or len(_without_tail(cells, width)) == width
    return not is_open and bool(cells) and fits and bool(line.strip())


def _without_tail(cells: list[str], width: int | None) -> list[str]:
    """A record less the empty fields that delimiters at the end of a line make; exports write them, DuckDB allows them."""
    end = len(cells)
    while width is not None and end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]


def fields(text: str, delimiter: str) -> tuple[list[str], bool]:
    """The fields of one record by RFC 4180, and whether a quote is still open at its end.

    Blanks around a quoted field are allowed. A record with text after a closing quote is malformed: it has
    no fields (an empty list), and no quote is open.
    """
    body = text.rstrip("\r\n")
    if '"' not in body:
        return body.split(delimiter), False
    cells: list[str] = []
    position, end = 0, len(body)
    while True:
        start = position
        while start < end and body[start] == " ":
            start += 1
        if start < end and body[start] == '"':
            cell: list[str] = []
            position = start + 1
            while True:
                quote = body.find('"', position)
                if quote < 0:
                    return cells, True
                cell.append(body[position:quote])
                position = quote + 1
                if position < end and body[position] == '"':
                    cell.append('"')
                    position += 1
                else:
                    break
            while position < end and body[position] == " ":
                position += 1
            if position < end and body[position] != delimiter:
                return [], False
            cells.append("".join(cell))
        else:
            stop = body.find(delimiter, position)
            stop = end if stop < 0 else stop
            cells.append(body[position:stop])
            position = stop
        if position >= end:
            return cells, False
        position += 1
