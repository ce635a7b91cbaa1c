"""XML: the repeated element whose attributes and children bear the contract's headers is the record."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser, iterparse

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ingest.contract import Feed
from ingest.encoding import UndecodableFile, codec_name, decodes
from ingest.headers import match
from ingest.readers.delimited import to_utf8
from ingest.readers.records import lay_out, record_of
from ingest.readers.table import TextTable
from ingest.reasons import RefusedFile

MAX_DEPTH = 64
_SEARCHED = 20_000  # elements among which the record must show itself
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
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
    survey = to_utf8(path, feed.encoding or _declared(path), scratch)
    if survey.lines == 0:
        raise RefusedFile("FILE_EMPTY", "文件里没有任何内容")
    with _refusing():
        where = _record_path(survey.path, feed)
        if where is None:
            raise RefusedFile("HEADER_MISSING", "XML 里没有哪种元素带有合同的表头（属性或子元素）")

        def given() -> Iterator[tuple[int, Any]]:
            found = (element for path, element in _elements(survey.path, len(where)) if path == where)
            yield from enumerate(map(_record, found), 1)

        return lay_out(given, feed, scratch)


def _declared(path: Path) -> str | None:
    """The XML declaration's encoding, if the file keeps to it."""
    with path.open("rb") as file:
        found = _DECLARED.match(file.read(400).lstrip(b"\xef\xbb\xbf \r\n\t"))
    if found is None:
        return None
    try:
        encoding = codec_name(found.group(1).decode("ascii"))
        return encoding if decodes(path, encoding) is None else None
    except (LookupError, UndecodableFile):
        return None


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except DefusedXmlException:
        raise RefusedFile("FILE_UNREADABLE", "XML 带有文档类型或实体定义，为防实体炸弹与外部引用，不予读取") from None
    except ParseError as error:
        line, column = error.position
        code = "FILE_TRUNCATED" if error.code in (3, 5, 20) else "FILE_UNREADABLE"  # no element, unclosed token, CDATA
        raise RefusedFile(code, f"XML 语法错误：第 {line} 行第 {column + 1} 列") from None


def _elements(text_path: Path, record_depth: int = 0) -> Iterator[tuple[tuple[str, ...], Element]]:
    """Elements at their end, each with the tags above and its own.

    Args:
        text_path: the decoded file.
        record_depth: only elements this deep, each let go once the next one is asked for; 0: all of them.
    """
    with text_path.open("rb") as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        stack: list[Element] = []
        for event, element in iterparse(file, ("start", "end"), parser=_parser(text_path)):
            if event == "start":
                stack.append(element)
                if len(stack) > MAX_DEPTH:
                    raise RefusedFile("FILE_UNREADABLE", f"XML 嵌套超过 {MAX_DEPTH} 层")
                continue
            if not record_depth or len(stack) == record_depth:
                yield tuple(e.tag for e in stack), element
            stack.pop()
            if 0 < len(stack) < record_depth:
                stack[-1].remove(element)


def _parser(text_path: Path) -> XMLParser:
    """The standard parser, ten times as fast, for a file that declares nothing; else the one that refuses what is declared.

    Entities, bombs and outside references alike, are declared in a document type and nowhere else. The bytes are UTF-8
    whatever the XML declaration says.
    """
    with text_path.open("rb") as file:
        tail = b""
        while block := file.read(1 << 20):
            if b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block:
                return DefusedXMLParser(encoding="utf-8", forbid_dtd=True)
            tail = block[-16:]
    return XMLParser(encoding="utf-8")


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
    pairs: list[tuple[str, Any]] = [(_local(name), value) for name, value in element.attrib.items() if name[0] != "{"]
    for child in element:
        nested = len(child) > 0
        label = next((child.get(key) for key in ("name", "NAME", "Name", "label") if child.get(key)), None)
        # <字段 name="企业名称">…</字段>, and <企业名称>…</企业名称>
        value: Any = {_local(c.tag): c.text for c in child} if nested else "" if child.get(_NIL) else child.text or ""
        if not nested and not value and child.get("value") is not None:
            value = child.get("value")
        pairs.append((label or _local(child.tag), value))
    return record_of(pairs)


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
