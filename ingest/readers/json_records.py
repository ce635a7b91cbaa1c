"""JSON: a list of objects, or one object with a single list inside (`{"data": […]}`); keys are headers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest.contract import Feed
from ingest.encoding import UndecodableFile, decode, detect
from ingest.headers import match
from ingest.readers.table import Flaw, TextPart, TextTable, write_numbered
from ingest.reasons import RefusedFile


def read(path: Path, feed: Feed, scratch: Path) -> TextTable:
    """Read a JSON file; a record's row is its place in the list, from 1.

    Args:
        path: the archived file.
        feed: its contract; encoding None means detected (RFC 8259 says UTF-8).
        scratch: folder for the numbered text.

    Raises:
        RefusedFile: FILE_EMPTY, FILE_ENCODING, FILE_UNREADABLE or HEADER_MISSING.
    """
    try:
        encoding = feed.encoding or detect(path)
        with path.open("rb") as source:
            text = "".join(decode(source, encoding))
    except UndecodableFile as failure:
        raise RefusedFile("FILE_ENCODING", str(failure)) from failure
    if not text.strip():
        raise RefusedFile("FILE_EMPTY", "文件里没有任何内容")
    try:
        # numbers stay as they are spelled: 0.10 and 320102000000000001 lose nothing
        document = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError) as error:
        raise RefusedFile("FILE_UNREADABLE", f"JSON 语法错误：{error}") from error
    records = _list_inside(document)
    headers: dict[str, int] = {}
    for record in records:
        if isinstance(record, dict):
            for key in record:
                headers.setdefault(key, len(headers))
    found = match(feed, list(headers))
    if found.missing and records:
        raise RefusedFile("HEADER_MISSING", f"缺少：{'、'.join(label for _, label in found.missing)}", len(records))
    flaws = tuple(
        Flaw(row, json.dumps(record, ensure_ascii=False), "FIELD_COUNT")
        for row, record in enumerate(records, 1)
        if not isinstance(record, dict)
    )
    numbered = scratch / "numbered.csv"
    rows = write_numbered(
        numbered,
        ((n, [_text(r.get(key)) for key in headers]) for n, r in enumerate(records, 1) if isinstance(r, dict)),
    )
    return TextTable((TextPart(numbered, tuple(headers), found, ",", 1, True, rows),), flaws)


def _list_inside(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        if len(lists) == 1:
            return lists[0]
    raise RefusedFile("FILE_UNREADABLE", "JSON 里没有唯一的一组记录（应为列表，或只含一个列表的对象）")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
