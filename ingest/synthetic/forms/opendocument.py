"""ODS (OpenDocument spreadsheet), its XML written here: title, header, rows, 合计; the same rows give the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import duckdb

from ingest.synthetic.forms.packing import entry
from ingest.synthetic.forms.rows import STAMP, Sheet, typed
from ingest.synthetic.forms.workbook import Sums

_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("meta", "meta"))
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST = (
    f'{_DECLARATION}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    f' manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{_MIME}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def write_opendocument(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    """One spreadsheet with one table. Source: OpenDocument 1.2, part 1, chapters 3 and 9 (OASIS)."""
    meta = f"<meta:creation-date>{STAMP.isoformat()}</meta:creation-date>"
    with zipfile.ZipFile(path, "w") as archive:
        # the type must come first and unpacked, so that it can be told from the first bytes
        archive.writestr(entry("mimetype", zipfile.ZIP_STORED), _MIME)
        archive.writestr(entry("META-INF/manifest.xml"), _MANIFEST)
        archive.writestr(
            entry("meta.xml"),
            f'{_DECLARATION}<office:document-meta {_NAMES} office:version="1.2"><office:meta>{meta}</office:meta>'
            "</office:document-meta>",
        )
        with archive.open(entry("content.xml"), "w", force_zip64=True) as out:
            for piece in _content(connection, sheet):
                out.write(piece.encode("utf-8"))


def _content(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Iterator[str]:
    feed = sheet.feed
    width = len(feed.columns)
    yield f'{_DECLARATION}<office:document-content {_NAMES} office:version="1.2"><office:body><office:spreadsheet>'
    yield f'<table:table table:name={quoteattr(feed.label)}><table:table-column table:number-columns-repeated="{width}"/>'
    for line in sheet.title_lines():
        spanned = f'<table:table-cell table:number-columns-spanned="{width}" office:value-type="string">{_text(line)}'
        covered = f'</table:table-cell><table:covered-table-cell table:number-columns-repeated="{width - 1}"/>'
        yield f"<table:table-row>{spanned}{covered}</table:table-row>"
    yield _row([c.label for c in feed.columns])
    sums = Sums(feed)
    for row in typed(connection, sheet):
        sums.take(row)
        yield _row(row)
    yield _row(["合计", f"{sums.rows} 条"])
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def _row(values: list[Any]) -> str:
    return f"<table:table-row>{''.join(map(_cell, values))}</table:table-row>"


def _cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, datetime | date):
        given = value.isoformat()
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{given}">{_text(given)}</table:table-cell>'
        )
    if isinstance(value, int | float):
        number = f"{value:.15g}"
        return f'<table:table-cell office:value-type="float" office:value="{number}">{_text(number)}</table:table-cell>'
    return f'<table:table-cell office:value-type="string">{_text(value)}</table:table-cell>'


def _text(value: str) -> str:
    return f"<text:p>{escape(value)}</text:p>"
