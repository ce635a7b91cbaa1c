"""JSON: a list of objects, one list inside an envelope (`data`, `data.list`, `result.rows`), or an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.base.reasons import RefusedFile
from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.readers.delimited import to_utf8
from ingest.readers.forms import form_of
from ingest.readers.records import Repeated, lay_out, record_of
from ingest.readers.table import TextTable

MAX_DEPTH = 8  # of envelopes around the list


def read(path: Path, feed: Feed, scratch: Path) -> TextTable:
    """Read a JSON file; a record's row is its place in the list from 1, in JSON lines its line.

    Args:
        path: the archived file.
        feed: its contract; encoding None means detected (RFC 8259 says UTF-8).
        scratch: folder for the decoded and the numbered text.

    Raises:
        RefusedFile: FILE_EMPTY, FILE_ENCODING, FILE_TRUNCATED, FILE_UNREADABLE or HEADER_MISSING.
    """
    survey = to_utf8(path, feed.encoding, scratch)
    if form_of(survey.path) == "jsonl" or feed.format == "jsonl":
        return _read_lines(survey.path, feed, scratch)
    text = survey.path.read_text("utf-8-sig")
    if not text.strip():
        raise RefusedFile("FILE_EMPTY", "文件里没有任何内容")
    try:
        document = _loads(text)
    except json.JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列"
        if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
            raise RefusedFile("FILE_TRUNCATED", f"JSON 到{where}就断了") from None
        raise RefusedFile("FILE_UNREADABLE", f"JSON 语法错误：{where}（{error.msg}）") from None
    except RecursionError:
        raise RefusedFile("FILE_UNREADABLE", "JSON 嵌套过深") from None
    del text
    records = _list_inside(document, feed)
    return lay_out(lambda: enumerate(records, 1), feed, scratch)


def _loads(text: str) -> Any:
    # numbers stay as they are spelled: 0.10 and 320102000000000001 lose nothing
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None, object_pairs_hook=record_of)


def _read_lines(text_path: Path, feed: Feed, scratch: Path) -> TextTable:
    """JSON lines: a line that is no object is refused by itself; a last line without its end means a cut file."""

    def given() -> Iterator[tuple[int, Any]]:
        with text_path.open(encoding="utf-8-sig", newline="\n") as file:
            for row, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    yield row, _loads(line)
                except (ValueError, RecursionError):
                    if not line.endswith("\n"):
                        raise RefusedFile("FILE_TRUNCATED", f"最后一条记录（第 {row} 行）不完整", row - 1) from None
                    yield row, line.rstrip("\r\n")

    return lay_out(given, feed, scratch)


def _list_inside(document: Any, feed: Feed) -> list[Any]:
    """The one list of records in a document: the top itself, or the only list of objects inside its envelopes."""
    lists = list(_lists(document, 0))
    if len(lists) > 1:
        lists = [found for found in lists if _fits(found, feed)]
    if len(lists) != 1:
        raise RefusedFile("FILE_UNREADABLE", "JSON 里没有唯一的一组记录（应为列表，或只含一个列表的对象）")
    return lists[0]


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict) and not isinstance(value, Repeated) and depth < MAX_DEPTH:
        for inner in value.values():
            yield from _lists(inner, depth + 1)


def _fits(records: list[Any], feed: Feed) -> bool:
    first = next((record for record in records if isinstance(record, dict)), None)
    return first is not None and len(match(feed, list(first)).positions) >= min(2, len(feed.columns))
