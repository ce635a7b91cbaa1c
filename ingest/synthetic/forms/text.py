"""Delimited text: the engine makes the lines in UTF-8, a block at a time is encoded, whatever the file's size."""

from __future__ import annotations

import codecs
import tempfile
from datetime import timedelta
from pathlib import Path

import duckdb
from opencc import OpenCC

from ingest.feeds.model import Feed
from ingest.synthetic.departments import FAULTS, HABITS
from ingest.synthetic.forms.rows import Sheet
from ingest.synthetic.sending import cells_table

_BLOCK = 4 << 20  # characters encoded at once
_FEW = 10_000  # lines of a file that is not worth a copy: 28 ms each, and a small city has hundreds (2026-11)
_NO_DELIMITER = "\x1f"  # a line is one column to the engine


def write_text(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """Header and lines of one file, in the contract's delimiter and encoding or else the habit's."""
    _write(connection, sheet.feed, path, sheet.where)


def write_cut(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> int:
    """Write a file that breaks off in the middle of its last record.

    Args:
        connection: holds the feed's cells.
        sheet: its day is the day of the file that breaks off; its rows are those of the file one day later in which
            nothing was planted.
        path: where to write it.

    Returns:
        How many whole records it holds with the broken one.
    """
    feed = sheet.feed
    next_day = sheet.day + timedelta(days=1)
    _write(
        connection,
        feed,
        path,
        f"file_date = date '{next_day}' and fault is null and {feed.version_column} < '{next_day}'",
    )
    encoding = _encoding(feed)
    text = path.read_bytes().decode(encoding).rstrip("\r\n")
    lines = text.splitlines()
    path.write_bytes(text[: len(text) - (len(lines[-1]) + 1) // 2].encode(encoding))
    return len(lines) - 1


def _encoding(feed: Feed) -> str:
    return feed.encoding or HABITS[feed.id].encoding


def _line_sql(feed: Feed) -> str:
    """SQL for a row's line of text; two faults live here, where the line is made."""
    broken = {f.kind: f.column for f in FAULTS.get(feed.id, ()) if f.kind in ("unclosed_quote", "extra_field")}
    delimiter = feed.delimiter or ","
    parts = []
    for column in feed.columns:
        cell = f"coalesce({column.name}, '')"
        quoted = (
            f"case when regexp_matches({cell}, '[\"\\n{delimiter}]') "
            f"then '\"' || replace({cell}, '\"', '\"\"') || '\"' else {cell} end"
        )
        if column.name == broken.get("unclosed_quote"):
            quoted = f"case when fault = 'unclosed_quote' then '\"' || {cell} else {quoted} end"
        if column.name == broken.get("extra_field"):
            quoted = f"case when fault = 'extra_field' then {cell} || '{delimiter}第二款' else {quoted} end"
        parts.append(quoted)
    return f"concat_ws('{delimiter}', {', '.join(parts)})"


class _Encoder:
    """Text to bytes. Big5 has traditional characters alone, and whoever sends it writes them."""

    def __init__(self, encoding: str) -> None:
        self._encoder = codecs.getincrementalencoder(encoding)()
        self._script = OpenCC("s2tw") if encoding == "big5" else None

    def encode(self, text: str) -> bytes:
        return self._encoder.encode(self._traditional(text) if self._script else text)

    def _traditional(self, text: str) -> str:
        """As a Big5 system writes it; a phrase that OpenCC keeps as it is (恒生) goes a character at a time."""
        assert self._script
        written = self._script.convert(text)
        try:
            written.encode("big5")
        except UnicodeEncodeError:
            return "".join(self._script.convert(c) for c in written)
        return written


def _write(connection: duckdb.DuckDBPyConnection, feed: Feed, path: Path, where: str) -> None:
    newline = HABITS[feed.id].newline
    encoder = _Encoder(_encoding(feed))
    header = (feed.delimiter or ",").join(c.label for c in feed.columns)
    lines = f"select {_line_sql(feed)} as line from {cells_table(feed)} where {where} order by seq, {feed.key[0]}"
    counted = connection.execute(f"select count(*) from {cells_table(feed)} where {where}").fetchone()
    with path.open("wb") as file:
        file.write(encoder.encode(header + newline))
        if counted and counted[0] <= _FEW:
            file.write(encoder.encode("".join(line + newline for (line,) in connection.execute(lines).fetchall())))
            return
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "lines"
            before_end = " || chr(13)" if newline == "\r\n" else ""  # COPY ends every line with a line feed
            connection.execute(
                f"copy (select line{before_end} from ({lines})) "
                f"to '{made}' (format csv, header false, quote '', escape '', delimiter '{_NO_DELIMITER}')"
            )
            with made.open(encoding="utf-8", newline="") as text:
                while block := text.read(_BLOCK):
                    file.write(encoder.encode(block))
