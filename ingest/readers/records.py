"""Records that carry their own names (JSON objects, XML elements) laid out in columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.base.reasons import RefusedFile
from ingest.feeds.headers import HeaderMatch, match
from ingest.feeds.model import Feed
from ingest.readers.table import MAX_RECORD_CHARACTERS, Flaw, TextPart, TextTable, write_numbered

_FIRST_RECORDS = 200  # whose keys are mostly all there are
MAX_KEYS = 2000  # no form has so many; a record whose keys are data would make a column of each value


class Repeated(dict[str, Any]):
    """A record that gives one key two different values: which of them is meant nobody can tell."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def record_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A record from its keys and values in order; `Repeated` where two values of one key differ."""
    made = dict(pairs)
    return made if len(made) == len(pairs) or all(made[k] == v for k, v in pairs) else Repeated(pairs)


def lay_out(given: Callable[[], Iterable[tuple[int, Any]]], feed: Feed, scratch: Path) -> TextTable:
    """Lay records out in columns, one a key, in order of first appearance.

    Args:
        given: starts a pass over (row, record): a dict, or whatever else stood where a record should; called once more
            where a late record has a new key, so that no file needs to be held in memory whole.
        feed: the contract.
        scratch: folder for the numbered text.

    Raises:
        RefusedFile: HEADER_MISSING, or FILE_UNREADABLE for more keys than any form has.
    """
    first = list(islice(given(), _FIRST_RECORDS))
    names = _names(record for _, record in first)
    found = match(feed, names)
    if first and not found.missing:
        try:
            return _write(given(), names, found, scratch)
        except _NewKey:
            pass  # a key that the first records do not have
    return _with_all_keys(given, feed, scratch)


def _with_all_keys(given: Callable[[], Iterable[tuple[int, Any]]], feed: Feed, scratch: Path) -> TextTable:
    count = 0

    def counted() -> Iterator[Any]:
        nonlocal count
        for _, record in given():
            count += 1
            yield record

    names = _names(counted())
    if not count:
        names = [column.label for column in feed.columns]
    found = match(feed, names)
    if found.missing and count:
        labels = "、".join(label for _, label in found.missing)
        raise RefusedFile("HEADER_MISSING", f"缺少：{labels}", count, len(found.positions) > 1)
    return _write(given(), names, found, scratch)


def _names(records: Iterable[Any]) -> list[str]:
    names: dict[str, None] = {}
    for record in records:
        if isinstance(record, dict) and not record.keys() <= names.keys():
            names |= {key: None for key in record if not _is_broken(key)}
            if len(names) > MAX_KEYS:
                raise RefusedFile("FILE_UNREADABLE", f"记录的键超过 {MAX_KEYS} 种，不像是表头")
    return list(names)


class _NewKey(Exception):
    """A record has a key that no column was made for."""


def _write(given: Iterable[tuple[int, Any]], names: list[str], found: HeaderMatch, scratch: Path) -> TextTable:
    contract_keys = [names[position] for position in found.positions.values()]
    known = dict.fromkeys(names).keys()
    flaws: list[Flaw] = []

    def kept() -> Iterator[tuple[int, list[str]]]:
        for row, record in given:
            code = _flaw(record, contract_keys)
            if code:
                flaws.append(Flaw(row, as_sent(record), code))
            elif not record.keys() <= known:
                raise _NewKey
            else:
                yield row, [_text(record.get(name)) for name in names]

    numbered = scratch / "numbered.csv"
    rows = write_numbered(numbered, kept())
    return TextTable((TextPart(numbered, tuple(names), found, ",", 1, True, rows),), tuple(flaws))


def as_sent(record: Any) -> str:
    """A record's text: both values of a repeated key, and half a character as the escape it came in."""
    given = [list(pair) for pair in record.pairs] if isinstance(record, Repeated) else record
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return json.dumps(given) if _is_broken(text) else text


def _flaw(record: Any, contract_keys: list[str]) -> str | None:
    """Why a record cannot be laid out in columns; None if it can."""
    if not isinstance(record, dict) or isinstance(record, Repeated):
        return "RECORD_SHAPE"
    if any(isinstance(record.get(key), dict | list) for key in contract_keys):
        return "RECORD_SHAPE"
    # half of a surrogate pair, as programs make that cut a text by length, is no character and fits in no file
    texts = [v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in record.values() if v is not None]
    whole = "".join([*record, *texts])
    if _is_broken(whole):
        return "RECORD_SHAPE"
    return "TEXT_TOO_LONG" if len(whole) > MAX_RECORD_CHARACTERS else None


def _is_broken(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
