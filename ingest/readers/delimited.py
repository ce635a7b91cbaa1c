"""CSV as departments send it: strict, and never a line lost.

Most files are plain: one record a line. They are counted here and read by DuckDB. Whatever is not plain (quotes around
line breaks, blank lines, titles above the header, records of another width, an unclosed quote) goes line by line
through `careful`, because one unclosed quote made DuckDB swallow 101 of 5,000 records (measured 2026-11).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ingest.contract import Feed
from ingest.encoding import UndecodableFile, codec_name, decode, decodes, detect, is_utf8_after_all
from ingest.headers import HEADER_SEARCH_ROWS, HeaderMatch, find_header, match
from ingest.readers.table import MAX_RECORD_CHARACTERS, Flaw, TextPart, TextTable, write_numbered
from ingest.reasons import RefusedFile

MAX_RECORD_LINES = 1000  # line breaks inside one quoted field; more than any form's text box gives
# From this many columns on, text inside quotes whose lines mostly look like records are records between two stray quotes.
WIDE = 5


@dataclass(frozen=True)
class Survey:
    """What a pass over a decoded file counts.

    Args:
        path: the text, UTF-8.
        lines: physical lines.
        newline: the line end of them all, None where they differ.
        has_loose_quotes: blanks beside a quote somewhere, which DuckDB reads in ways of its own.
        first_line: without its end.
    """

    path: Path
    lines: int
    newline: str | None
    has_loose_quotes: bool
    first_line: str


def read(path: Path, feed: Feed, scratch: Path) -> TextTable:
    """Read a delimited file.

    Args:
        path: the archived file.
        feed: its contract; encoding None means that it is detected.
        scratch: folder for the decoded text, of the caller's run.

    Raises:
        RefusedFile: FILE_EMPTY, FILE_ENCODING, FILE_TRUNCATED or HEADER_MISSING.
    """
    survey = to_utf8(path, feed.encoding, scratch)
    if survey.lines == 0 or (not survey.first_line.strip() and _is_blank(survey.path)):
        raise RefusedFile("FILE_EMPTY", "文件里没有任何内容")
    plain = _plain(survey, feed)
    return plain if plain else careful(survey.path, feed, scratch, path)


def to_utf8(path: Path, declared: str | None, scratch: Path) -> Survey:
    """Decode strictly into `scratch` (a UTF-8 file is used as it is), counting physical lines on the way.

    Raises:
        RefusedFile: FILE_ENCODING with the byte offset; FILE_TRUNCATED when the file stops inside a character.
    """
    try:
        encoding = codec_name(declared) if declared else detect(path)
    except UndecodableFile as failure:
        raise RefusedFile("FILE_ENCODING", f"未约定编码，逐一尝试均不成功；{failure}") from failure
    target = path if encoding == "utf-8-sig" else scratch / "decoded.csv"
    tally = _Tally()
    try:
        with path.open("rb") as source, contextlib.ExitStack() as stack:
            out = None
            if target is not path:
                out = stack.enter_context(target.open("w", encoding="utf-8", newline=""))
            for text in decode(source, encoding):
                tally.add(text)
                if out:
                    out.write(text)
    except UndecodableFile as failure:
        if failure.at_end:
            detail = f"文件在一个字符中间结束（第 {failure.offset + 1} 字节）"
            raise RefusedFile("FILE_TRUNCATED", detail, max(0, tally.physical_lines - 1)) from failure
        raise RefusedFile(
            "FILE_ENCODING", f"约定编码 {encoding.upper()}；{failure}{_hint(path, encoding)}"
        ) from failure
    if declared and encoding == "gb18030" and is_utf8_after_all(path):
        raise RefusedFile("FILE_ENCODING", "约定编码 GB18030，内容却是 UTF-8（照约定读出的全是乱字）")
    return Survey(target, tally.physical_lines, tally.newline, tally.has_loose_quotes, tally.first_line)


class _Tally:
    """Counts over a text that comes in blocks."""

    def __init__(self) -> None:
        self.first_line = ""
        self.has_loose_quotes = False
        self._feeds = self._returns = self._pairs = 0
        self._last = ""

    def add(self, text: str) -> None:
        """Count one more block."""
        self.first_line = self.first_line or text[: 1 << 16].replace("\r", "\n").split("\n", 1)[0]
        self.has_loose_quotes |= ' "' in text or '" ' in text or self._last + text[0] in (' "', '" ')
        self._feeds += text.count("\n")
        self._returns += text.count("\r")
        self._pairs += text.count("\r\n") + (self._last == "\r" and text.startswith("\n"))
        self._last = text[-1]

    @property
    def physical_lines(self) -> int:
        """Lines so far; the last one may lack its end."""
        lone_returns = self._returns - self._pairs
        return self._feeds + lone_returns + (self._last not in ("", "\n", "\r"))

    @property
    def newline(self) -> str | None:
        """The one line end that occurs, or None where they are mixed or lone carriage returns occur."""
        if not self._returns:
            return "\n"
        return "\r\n" if self._returns == self._pairs == self._feeds else None


def _hint(path: Path, tried: str) -> str:
    try:
        other = detect(path)
    except UndecodableFile:
        return ""
    return f"；文件更像是 {other.upper().removesuffix('-SIG')}" if other != tried else ""


def _is_blank(path: Path) -> bool:
    with path.open(encoding="utf-8-sig") as file:
        return not any(line.strip() for line in file)


def _plain(survey: Survey, feed: Feed) -> TextTable | None:
    """The part DuckDB can read at once, when line 1 is the header; the loader still compares the counts."""
    headers, is_open = fields(survey.first_line, feed.delimiter)
    found = match(feed, headers)
    if survey.newline is None or survey.has_loose_quotes or is_open or found.missing:
        return None
    if survey.lines < 2 or len(headers) < 2:
        return None
    part = TextPart(
        path=survey.path,
        headers=tuple(headers),
        match=found,
        delimiter=feed.delimiter,
        first_row=2,
        numbered=False,
        rows=survey.lines - 1,
        newline=survey.newline,
        skip=1,
    )
    return TextTable((part,))


def careful(text_path: Path, feed: Feed, scratch: Path, original: Path | None = None) -> TextTable:
    """Read line by line: refuse single lines, recover what follows an unclosed quote.

    Args:
        text_path: the decoded file, UTF-8.
        feed: its contract.
        scratch: folder for the numbered text.
        original: the file as sent, to tell a wrong encoding from a missing header.

    Raises:
        RefusedFile: HEADER_MISSING, FILE_ENCODING or FILE_TRUNCATED.
    """
    with text_path.open(encoding="utf-8-sig", newline="") as file:
        top = list(islice(_records(file, feed.delimiter, None), HEADER_SEARCH_ROWS))
    found = find_header(feed, [record.cells for record in top])
    if found is None or found[1].missing:
        raise _headerless(text_path, feed, found, original)
    index, header_match = found
    header = top[index]
    flaws: list[Flaw] = []
    blank = 0
    tail: list[_Record] = []

    def kept() -> Iterator[tuple[int, list[str]]]:
        nonlocal blank
        with text_path.open(encoding="utf-8-sig", newline="") as source:
            for record in _records(source, feed.delimiter, len(header.cells)):
                if record.row <= header.row:
                    continue
                if not record.text.replace(feed.delimiter, "").strip():
                    blank += 1
                    continue
                tail[:] = [record]
                if record.code:
                    flaws.append(Flaw(record.row, record.text, record.code))
                elif len(record.text) > MAX_RECORD_CHARACTERS:
                    flaws.append(Flaw(record.row, record.text, "TEXT_TOO_LONG"))
                else:
                    yield record.row, record.cells

    numbered = scratch / "numbered.csv"
    rows = write_numbered(numbered, kept())
    if tail and tail[0].is_cut:
        raise RefusedFile("FILE_TRUNCATED", f"最后一条记录（第 {tail[0].row} 行）不完整", rows + len(flaws))
    part = TextPart(numbered, tuple(header.cells), header_match, ",", header.row + 1, True, rows)
    return TextTable((part,), tuple(flaws), furniture=blank + index)


def _headerless(
    text_path: Path, feed: Feed, found: tuple[int, HeaderMatch] | None, original: Path | None
) -> RefusedFile:
    """Why no header fits: most often it is not missing but the file is in another encoding than declared."""
    with text_path.open(encoding="utf-8-sig", newline="") as file:
        records = max(0, sum(1 for line in file if line.strip()) - 1)
    if original is not None and feed.encoding:
        for other in ("utf-8-sig", "gb18030"):
            if other != codec_name(feed.encoding) and _header_fits(original, other, feed):
                detail = f"约定编码 {feed.encoding.upper()}，按 {other.upper()} 才能读出表头"
                return RefusedFile("FILE_ENCODING", detail)
    labels = [label for _, label in found[1].missing] if found else [c.label for c in feed.columns if c.required]
    return RefusedFile("HEADER_MISSING", f"缺少：{'、'.join(labels)}{_delimiter_hint(text_path, feed)}", records)


def _delimiter_hint(text_path: Path, feed: Feed) -> str:
    """Other delimiters that offices' exports use, when the header fits with one of them."""
    with text_path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(islice(file, HEADER_SEARCH_ROWS))
    for other, label in {"\t": "制表符", ";": "分号", "|": "竖线", ",": "逗号"}.items():
        rows = [record.cells for record in _records(iter(lines), other, None)] if other != feed.delimiter else []
        found = find_header(feed, rows)
        if found and not found[1].missing:
            return f"；文件似以{label}分隔，与约定的分隔符不同"
    return ""


def _header_fits(path: Path, encoding: str, feed: Feed) -> bool:
    if decodes(path, encoding) is not None:
        return False
    with path.open(encoding=encoding, newline="") as file:
        top = list(islice(_records(file, feed.delimiter, None), HEADER_SEARCH_ROWS))
    found = find_header(feed, [record.cells for record in top])
    return found is not None and not found[1].missing


@dataclass(frozen=True)
class _Record:
    """A record or a refused line: where it starts, its text, its cells or the reason it has none."""

    row: int
    text: str
    cells: list[str]
    code: str = ""
    is_cut: bool = False


def _records(lines: Iterator[str], delimiter: str, width: int | None) -> Iterator[_Record]:
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
                yield _Record(row, line.rstrip("\r\n"), [], "FIELD_COUNT", cut)
            else:
                yield _Record(row, line.rstrip("\r\n"), cells)
            continue
        taken, joined = _extend(line, following, delimiter, width)
        if joined is not None:
            yield _Record(row, (line + "".join(taken)).rstrip("\r\n"), joined)
            row += len(taken)
        else:
            beyond = following()
            if beyond is None and not any(_is_whole(later, delimiter, width) for later in taken):
                yield _Record(row, (line + "".join(taken)).rstrip("\r\n"), [], "UNCLOSED_QUOTE", True)
                return
            held[:0] = taken if beyond is None else [*taken, beyond]
            yield _Record(row, line.rstrip("\r\n"), [], "UNCLOSED_QUOTE")


def _extend(
    first: str, following: Callable[[], str | None], delimiter: str, width: int | None
) -> tuple[list[str], list[str] | None]:
    """Take the lines a quoted line break spans. Returns (lines taken, cells), cells None when the quote never closes."""
    taken: list[str] = []
    text = first
    while len(taken) < MAX_RECORD_LINES and (line := following()) is not None:
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
