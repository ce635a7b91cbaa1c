"""XML text walked element by element: no document types, no entities, no depth without end."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, XMLParser, iterparse

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ingest.base.reasons import RefusedFile

MAX_DEPTH = 64
XML_ENCODING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the parser says into refusals.

    Raises:
        RefusedFile: FILE_TRUNCATED, or FILE_UNREADABLE (also for a document type or entities, which no delivery needs).
    """
    try:
        yield
    except DefusedXmlException:
        raise RefusedFile("FILE_UNREADABLE", "XML 带有文档类型或实体定义，为防实体炸弹与外部引用，不予读取") from None
    except ParseError as error:
        line, column = error.position
        code = "FILE_TRUNCATED" if error.code in (3, 5, 20) else "FILE_UNREADABLE"  # no element, unclosed token, CDATA
        raise RefusedFile(code, f"XML 语法错误：第 {line} 行第 {column + 1} 列") from None


def walk(text_path: Path) -> Iterator[tuple[str, Element, list[Element]]]:
    """Every element at its start and at its end, with those above it and itself.

    Args:
        text_path: the decoded file, UTF-8, whatever its XML declaration says.

    Yields:
        ("start" or "end", the element, the elements from the root down to it: one list that goes on changing).

    Raises:
        RefusedFile: FILE_UNREADABLE for elements within elements without end; else as `refusing` has it.
    """
    with text_path.open("rb") as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        stack: list[Element] = []
        for event, element in iterparse(file, ("start", "end"), parser=_parser(text_path)):  # noqa: S314  see _parser
            if event == "start":
                stack.append(element)
                if len(stack) > MAX_DEPTH:
                    raise RefusedFile("FILE_UNREADABLE", f"XML 嵌套超过 {MAX_DEPTH} 层")
            yield event, element, stack
            if event == "end":
                stack.pop()


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rsplit("}", 1)[-1]


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
    return XMLParser(encoding="utf-8")  # noqa: S314  the text holds no document type
