"""Rows that carry their own names: JSON with an envelope, JSON lines, XML. Two faults live here, where a record is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import duckdb

from ingest.synthetic.departments import FAULTS
from ingest.synthetic.forms.rows import NOTICE, Sheet, plain

_XML_NAME = re.compile(r"[\w一-龥][\w一-龥.-]*")


def write_json(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """One list of records in an envelope that names the department."""
    head = {"部门": sheet.letterhead.department, "说明": NOTICE}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "data": [\n')
        for number, record in enumerate(_objects(connection, sheet)):
            file.write((",\n" if number else "") + record)
        file.write("\n]}\n")


def write_lines(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """A record a line; a line with the fault `cut_line` stops in its middle."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in _objects(connection, sheet):
            file.write(record + "\n")


def _objects(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Iterator[str]:
    labels = [c.label for c in sheet.feed.columns]
    nested = next((f.column for f in FAULTS.get(sheet.feed.id, ()) if f.kind == "nested"), None)
    for fault, cells in plain(connection, sheet):
        record: dict[str, Any] = dict(zip(labels, cells, strict=True))
        if fault == "nested" and nested:
            label = sheet.feed.column(nested).label
            record[label] = {"值": record[label]}
        text = json.dumps(record, ensure_ascii=False)
        yield text[: len(text) // 2] if fault == "cut_line" else text


def write_xml(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """An element a record; its values in children, or in `field` elements where a label is no XML name (数量（吨）)."""
    labels = [c.label for c in sheet.feed.columns]
    as_fields = not all(_XML_NAME.fullmatch(label) for label in labels)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write(f"<data department={quoteattr(sheet.letterhead.department)} note={quoteattr(NOTICE)}>\n")
        for _, cells in plain(connection, sheet):
            given = [(label, escape(cell)) for label, cell in zip(labels, cells, strict=True) if cell is not None]
            if as_fields:
                body = "".join(f"<field name={quoteattr(label)}>{cell}</field>" for label, cell in given)
            else:
                body = "".join(f"<{label}>{cell}</{label}>" for label, cell in given)
            file.write(f"  <record>{body}</record>\n")
        file.write("</data>\n")
