"""XML: the repeated element whose attributes and children bear the contract's headers is the record."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from ingest.base.reasons import RefusedFile
from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.readers.delimited import to_utf8
from ingest.readers.encoding import named_encoding
from ingest.readers.records import lay_out, record_of
from ingest.readers.table import TextTable
from ingest.readers.xml_text import XML_ENCODING, local, refusing, walk

_SEARCHED = 20_000  # elements among which the record must show itself
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def read(path: Path, feed: Feed, scratch: Path) -> TextTable:
    """Read an XML file; a record's row is its place among the records, from 1.

    Args:
        path: the archived file.
        feed: its contract; without encoding the XML declaration's is taken, else it is detected.
        scratch: folder for the decoded and the numbered text.

    Raises:
        RefusedFile: FILE_EMPTY, FILE_ENCODING, FILE_TRUNCATED, FILE_UNREADABLE (also for a document type or entities,
            which no delivery needs) or HEADER_MISSING.
    """
    # expat knows no multi-byte encoding: the text is decoded here, strictly, and handed over as UTF-8
    survey = to_utf8(path, feed.encoding or named_encoding(path, XML_ENCODING, 400), scratch)
    if survey.lines == 0:
        raise RefusedFile("FILE_EMPTY", "文件里没有任何内容")
    with refusing():
        where = _record_path(survey.path, feed)
        if where is None:
            raise RefusedFile("HEADER_MISSING", "XML 里没有哪种元素带有合同的表头（属性或子元素）")

        def given() -> Iterator[tuple[int, Any]]:
            found = (element for path, element in _elements(survey.path, len(where)) if path == where)
            yield from enumerate(map(_record, found), 1)

        return lay_out(given, feed, scratch)


def _elements(text_path: Path, record_depth: int = 0) -> Iterator[tuple[tuple[str, ...], Element]]:
    """Elements at their end, each with the tags above and its own.

    Args:
        text_path: the decoded file.
        record_depth: only elements this deep, each let go once the next one is asked for; 0: all of them.
    """
    for event, element, stack in walk(text_path):
        if event == "start":
            continue
        if not record_depth or len(stack) == record_depth:
            yield tuple(e.tag for e in stack), element
        if 1 < len(stack) <= record_depth:
            stack[-2].remove(element)


def _record_path(text_path: Path, feed: Feed) -> tuple[str, ...] | None:
    """The tags down to the element that bears most of the contract's headers, among the first ones."""
    enough = min(2, len(feed.columns))
    best: tuple[int, tuple[str, ...]] | None = None
    for path, element in islice(_elements(text_path), _SEARCHED):
        if len(element) == 0 and not element.attrib:
            continue
        known = len(match(feed, list(_record(element))).positions)
        if known >= enough and (best is None or known > best[0]):
            best = (known, path)
    return best[1] if best else None


def _record(element: Element) -> dict[str, Any]:
    """Attributes and children by their names without namespace; a child with children of its own is no value."""
    pairs: list[tuple[str, Any]] = [(local(name), value) for name, value in element.attrib.items() if name[0] != "{"]
    for child in element:
        nested = len(child) > 0
        label = next((child.get(key) for key in ("name", "NAME", "Name", "label") if child.get(key)), None)
        # <字段 name="企业名称">…</字段>, and <企业名称>…</企业名称>
        value: Any = {local(c.tag): c.text for c in child} if nested else "" if child.get(_NIL) else child.text or ""
        if not nested and not value and child.get("value") is not None:
            value = child.get("value")
        pairs.append((label or local(child.tag), value))
    return record_of(pairs)
