"""CSV as departments send it: strict, and never a line lost.

Most files are plain: one record a line. They are counted here and read by DuckDB. Whatever is not plain (quotes around
line breaks, blank lines, titles above the header, records of another width, an unclosed quote) goes line by line
through `careful`, because one unclosed quote made DuckDB swallow 101 of 5,000 records (measured 2026-11).
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ingest.base.reasons import RefusedFile
from ingest.feeds.headers import HEADER_ROWS, HEADER_SEARCH_ROWS, Header, find_header, find_layered, match
from ingest.feeds.model import Feed
from ingest.readers import delimiters
from ingest.readers.encoding import UndecodableFile, codec_name, decode, decodes, detect, is_utf8_after_all
from ingest.readers.line_facts import DELIMITERS as LINE_DELIMITERS
from ingest.readers.line_facts import LineEnds, LineFacts
from ingest.readers.quoting import Record, fields, records
from ingest.readers.table import MAX_RECORD_CHARACTERS, Flaw, TextPart, TextTable, write_numbered

_WORTH_LOOKING = 2 << 20  # bytes; the rows of a smaller file are soon judged
_BLOCK_BYTES = 1 << 18  # stays in the processor's cache: 0.20 CPU-s for 270 MB against 0.37 in blocks of 4 MB (2026-11)


@dataclass(frozen=True)
class Survey:
    """What a pass over a decoded file counts.

    Args:
        path: the text, UTF-8.
        lines: physical lines.
        newline: the line end of them all, None where they differ.
        has_loose_quotes: blanks beside a quote somewhere, which DuckDB reads in ways of its own.
        first_line: without its end.
        suspects: lines that may not be plain, from 0; None where nobody looked.
        line_ends: where lines end; None where nobody looked.
    """

    path: Path
    lines: int
    newline: str | None
    has_loose_quotes: bool
    first_line: str
    suspects: tuple[int, ...] | None = None
    line_ends: LineEnds | None = None


def read(path: Path, feed: Feed, scratch: Path, carefully: bool = False) -> TextTable:
    """Read a delimited file.

    Args:
        path: the archived file.
        feed: its contract; encoding or delimiter None means that it is detected.
        scratch: folder for the decoded text, of the caller's run.
        carefully: line by line even where the file looks plain, since DuckDB counted other records than its lines.

    Raises:
        RefusedFile: FILE_EMPTY, FILE_ENCODING, FILE_TRUNCATED or HEADER_MISSING.
    """
    survey = to_utf8(path, feed.encoding, scratch, has_lines=True)
    if survey.lines == 0 or (not survey.first_line.strip() and _is_blank(survey.path)):
        raise RefusedFile("FILE_EMPTY", "文件里没有任何内容")
    delimiter = feed.delimiter or delimiters.detect(survey.path, feed)
    plain = None if carefully else _plain(survey, feed, delimiter)
    return plain if plain else careful(survey.path, feed, scratch, path, delimiter)


def to_utf8(path: Path, declared: str | None, scratch: Path, has_lines: bool = False) -> Survey:
    """Decode strictly into `scratch` (a UTF-8 file is used as it is), counting physical lines on the way.

    Args:
        path: the archived file.
        declared: the contract's encoding, None where it is to be detected.
        scratch: folder for the decoded text.
        has_lines: whether its lines are records, so that what a large one holds is worth knowing.

    Raises:
        RefusedFile: FILE_ENCODING with the byte offset; FILE_TRUNCATED when the file stops inside a character.
    """
    try:
        encoding = codec_name(declared) if declared else detect(path)
    except UndecodableFile as failure:
        raise RefusedFile("FILE_ENCODING", f"未约定编码，逐一尝试均不成功；{failure}") from failure
    target = path if encoding == "utf-8-sig" else scratch / "decoded.csv"
    tally = _Tally(LineFacts() if has_lines and path.stat().st_size >= _WORTH_LOOKING else None)
    try:
        with path.open("rb") as source, contextlib.ExitStack() as stack:
            if target is path and tally.facts:
                while block := source.read(_BLOCK_BYTES):
                    tally.add(block)
            elif target is path:
                for _ in decode(_Watched(source, tally), encoding, _BLOCK_BYTES):
                    pass
            else:
                out = stack.enter_context(target.open("wb"))
                for text in decode(source, encoding, _BLOCK_BYTES):
                    block = text.encode()
                    tally.add(block)
                    out.write(block)
        suspects = tally.facts.suspects() if tally.facts else None
        if target is path and tally.facts and (tally.facts.is_lost or not tally.facts.is_utf8):
            # it is looked at again for the place of the first wrong byte
            wrong = decodes(path, encoding)
            if wrong:
                raise wrong
    except UndecodableFile as failure:
        if failure.at_end:
            detail = f"文件在一个字符中间结束（第 {failure.offset + 1} 字节）"
            raise RefusedFile("FILE_TRUNCATED", detail, max(0, tally.physical_lines - 1)) from failure
        raise RefusedFile(
            "FILE_ENCODING", f"约定编码 {encoding.upper()}；{failure}{_hint(path, encoding)}"
        ) from failure
    if declared and encoding == "gb18030" and is_utf8_after_all(path):
        raise RefusedFile("FILE_ENCODING", "约定编码 GB18030，内容却是 UTF-8（照约定读出的全是乱字）")
    facts = tally.facts
    return Survey(
        target,
        tally.physical_lines,
        tally.newline,
        tally.has_loose_quotes or bool(facts and (facts.is_lost or facts.has_loose_quotes)),
        tally.first_line,
        suspects,
        facts.line_ends() if facts else None,
    )


class _Watched:
    """A file whose bytes are counted while they are read, so that UTF-8 need not be encoded again."""

    def __init__(self, source: BinaryIO, tally: _Tally) -> None:
        self._source, self._tally = source, tally

    def read(self, size: int, /) -> bytes:
        block = self._source.read(size)
        self._tally.add(block)
        return block


class _Tally:
    """Counts over a text, UTF-8, that comes in blocks."""

    def __init__(self, facts: LineFacts | None = None) -> None:
        self.first_line = ""
        self.has_loose_quotes = False
        self.facts = facts
        self._feeds = self._returns = self._pairs = 0
        self._last = b""

    def add(self, block: bytes) -> None:
        """Count one more block."""
        if not block:
            return
        if not self._last:
            block = block.removeprefix(codecs.BOM_UTF8)
        self.first_line = self.first_line or _first_line(block)
        if self.facts:
            self.facts.add(block)
        else:
            self._feeds += block.count(b"\n")
            self.has_loose_quotes |= self._last + block[:1] in (b' "', b'" ')
            # one character is found far faster than two are: most files have none of either (2026-11)
            if b'"' in block:
                self.has_loose_quotes |= b' "' in block or b'" ' in block
            if b"\r" in block:
                self._returns += block.count(b"\r")
                self._pairs += block.count(b"\r\n")
            self._pairs += self._last == b"\r" and block.startswith(b"\n")
        self._last = block[-1:] or self._last

    def _ends(self) -> tuple[int, int, int]:
        """Line feeds, carriage returns, carriage returns with a line feed behind them."""
        if self.facts:
            return self.facts.feeds, self.facts.returns, self.facts.pairs
        return self._feeds, self._returns, self._pairs

    @property
    def physical_lines(self) -> int:
        """Lines so far; the last one may lack its end."""
        feeds, returns, pairs = self._ends()
        return feeds + (returns - pairs) + (self._last not in (b"", b"\n", b"\r"))

    @property
    def newline(self) -> str | None:
        """The one line end that occurs, or None where they are mixed or lone carriage returns occur."""
        feeds, returns, pairs = self._ends()
        if not returns:
            return "\n"
        return "\r\n" if returns == pairs == feeds else None


def _first_line(block: bytes) -> str:
    return block.replace(b"\r", b"\n").split(b"\n", 1)[0].decode("utf-8", "ignore")


def _hint(path: Path, tried: str) -> str:
    try:
        other = detect(path)
    except UndecodableFile:
        return ""
    return f"；文件更像是 {other.upper().removesuffix('-SIG')}" if other != tried else ""


def _is_blank(path: Path) -> bool:
    with path.open(encoding="utf-8-sig") as file:
        return not any(line.strip() for line in file)


def _plain(survey: Survey, feed: Feed, delimiter: str) -> TextTable | None:
    """The part DuckDB can read at once, when line 1 is the header; the loader still compares the counts."""
    headers, is_open = fields(survey.first_line, delimiter)
    found = match(feed, headers)
    if survey.newline is None or survey.has_loose_quotes or is_open or found.missing:
        return None
    if survey.lines < 2 or len(headers) < 2:
        return None
    if found.absent:
        with survey.path.open(encoding="utf-8-sig", newline="") as file:
            top = [record.cells for record in islice(records(file, delimiter, None), HEADER_ROWS + 1)]
        layered = find_layered(feed, top)
        if layered and layered.bottom > 0:
            return None  # what line 1 lacks stands in a second header row
    part = TextPart(
        path=survey.path,
        headers=tuple(headers),
        match=found,
        delimiter=delimiter,
        first_row=2,
        numbered=False,
        rows=survey.lines - 1,
        newline=survey.newline,
        skip=1,
        has_furniture=True,
        suspects=survey.suspects if delimiter in LINE_DELIMITERS else None,
        line_ends=survey.line_ends,
    )
    return TextTable((part,))


def careful(
    text_path: Path, feed: Feed, scratch: Path, original: Path | None = None, delimiter: str | None = None
) -> TextTable:
    """Read line by line: refuse single lines, recover what follows an unclosed quote.

    Args:
        text_path: the decoded file, UTF-8.
        feed: its contract.
        scratch: folder for the numbered text.
        original: the file as sent, to tell a wrong encoding from a missing header.
        delimiter: between fields; the contract's, or a comma, where none is given.

    Raises:
        RefusedFile: HEADER_MISSING, FILE_ENCODING or FILE_TRUNCATED.
    """
    delimiter = delimiter or feed.delimiter or ","
    with text_path.open(encoding="utf-8-sig", newline="") as file:
        top = list(islice(records(file, delimiter, None), HEADER_SEARCH_ROWS))
    header = find_layered(feed, [record.cells for record in top])
    if header is None or header.match.missing:
        raise _headerless(text_path, feed, header, original, delimiter)
    header_row = top[header.bottom].row
    flaws: list[Flaw] = []
    blank = 0
    tail: list[Record] = []

    def kept() -> Iterator[tuple[int, list[str]]]:
        nonlocal blank
        with text_path.open(encoding="utf-8-sig", newline="") as source:
            for record in records(source, delimiter, len(header.names)):
                if record.row <= header_row:
                    continue
                if not record.text.replace(delimiter, "").strip():
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
    part = TextPart(numbered, header.names, header.match, ",", header_row + 1, True, rows, has_furniture=True)
    return TextTable((part,), tuple(flaws), furniture=blank + header.top)


def _headerless(
    text_path: Path, feed: Feed, found: Header | None, original: Path | None, delimiter: str
) -> RefusedFile:
    """Why no header fits: most often it is not missing but the file is in another encoding than declared."""
    with text_path.open(encoding="utf-8-sig", newline="") as file:
        count = max(0, sum(1 for line in file if line.strip()) - 1)
    if original is not None and feed.encoding:
        for other in ("utf-8-sig", "gb18030"):
            if other != codec_name(feed.encoding) and _header_fits(original, other, feed, delimiter):
                detail = f"约定编码 {feed.encoding.upper()}，按 {other.upper()} 才能读出表头"
                return RefusedFile("FILE_ENCODING", detail)
    labels = [label for _, label in found.match.missing] if found else [c.label for c in feed.columns if c.required]
    return RefusedFile(
        "HEADER_MISSING", f"缺少：{'、'.join(labels)}{_delimiter_hint(text_path, feed)}", count, found is not None
    )


def _delimiter_hint(text_path: Path, feed: Feed) -> str:
    """The delimiter with which the header fits, when the contract declares another."""
    if feed.delimiter is None:
        return ""
    other = delimiters.detect(text_path, feed)
    fits = other != feed.delimiter and delimiters.fit(text_path, feed, other)
    return f"；文件似以{delimiters.LABELS[other]}分隔，与约定的分隔符不同" if fits else ""


def _header_fits(path: Path, encoding: str, feed: Feed, delimiter: str) -> bool:
    if decodes(path, encoding) is not None:
        return False
    with path.open(encoding=encoding, newline="") as file:
        top = list(islice(records(file, delimiter, None), HEADER_SEARCH_ROWS))
    found = find_header(feed, [record.cells for record in top])
    return found is not None and not found[1].missing
