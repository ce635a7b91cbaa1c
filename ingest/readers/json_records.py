"""JSON: a list of objects, or one object with a single list inside (`{"data": […]}`); keys are headers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest.contract import Feed
from ingest.encoding import UndecodableFile, decode, detect
from ingest.headers import match
from ingest.readers.table import MAX_RECORD_CHARACTERS, Flaw, TextPart, TextTable, write_numbered
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
        document = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=lambda _: None, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列"
        raise RefusedFile("FILE_UNREADABLE", f"JSON 语法错误：{where}（{error.msg}）") from None
    except RecursionError:
        raise RefusedFile("FILE_UNREADABLE", "JSON 嵌套过深") from None
    records = _list_inside(document)
    # half of a surrogate pair, as programs make that cut a text by length, is no character and fits in no file
    may_be_broken = "\\ud" in text.lower()
    codes = [_flaw(record, may_be_broken) for record in records]
    headers: dict[str, int] = {}
    for record in records:
        for key in record if isinstance(record, dict) else ():
            if not (may_be_broken and _is_broken(key)):
                headers.setdefault(key, len(headers))
    if not records:
        headers = {column.label: place for place, column in enumerate(feed.columns)}
    found = match(feed, list(headers))
    if found.missing and records:
        raise RefusedFile("HEADER_MISSING", f"缺少：{'、'.join(label for _, label in found.missing)}", len(records))
    contract_keys = {list(headers)[position] for position in found.positions.values()}
    codes = [
        code or ("RECORD_SHAPE" if any(isinstance(record.get(key), dict | list) for key in contract_keys) else None)
        for record, code in zip(records, codes, strict=True)
    ]
    flaws = tuple(
        Flaw(row, _as_sent(record), code)
        for row, (record, code) in enumerate(zip(records, codes, strict=True), 1)
        if code
    )
    numbered = scratch / "numbered.csv"
    rows = write_numbered(
        numbered,
        (
            (row, [_text(record.get(key)) for key in headers])
            for row, (record, code) in enumerate(zip(records, codes, strict=True), 1)
            if not code
        ),
    )
    return TextTable((TextPart(numbered, tuple(headers), found, ",", 1, True, rows),), flaws)


class _Repeated(dict[str, Any]):
    """An object that gives one key two different values: which of them is meant nobody can tell."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) or all(made[k] == v for k, v in pairs) else _Repeated(pairs)


def _as_sent(record: Any) -> str:
    """A record's text: both values of a repeated key, and half a character as the escape it came in."""
    given = [list(pair) for pair in record.pairs] if isinstance(record, _Repeated) else record
    text = json.dumps(given, ensure_ascii=False)
    return json.dumps(given) if _is_broken(text) else text


def _flaw(record: Any, may_be_broken: bool) -> str | None:
    """Why a record cannot be laid out in columns, whatever the contract; None if it can."""
    if not isinstance(record, dict) or isinstance(record, _Repeated):
        return "RECORD_SHAPE"
    if may_be_broken and _is_broken(json.dumps(record, ensure_ascii=False)):
        return "RECORD_SHAPE"
    # longer than the limit only with a long value, and that is rare: the sum is taken of texts alone
    if sum(len(value) for value in record.values() if isinstance(value, str)) > MAX_RECORD_CHARACTERS:
        return "TEXT_TOO_LONG"
    return None


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


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
