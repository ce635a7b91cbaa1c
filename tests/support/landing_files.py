"""A demo city's files read by plain means (csv, json, ElementTree, calamine), not by our intake."""

from __future__ import annotations

import csv
import gzip
import json
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from ingest.feeds.model import Feed
from ingest.synthetic.departments import HABITS


def content(path: Path) -> bytes:
    """A file's bytes, out of its ZIP or GZ if it is in one."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            [name] = archive.namelist()
            return archive.read(name)
    return path.read_bytes()


def data_lines(path: Path, feed: Feed) -> list[str]:
    text = content(path).decode(feed.encoding or "utf-8")
    return [line for line in text.splitlines() if line][1:]


def records(path: Path, feed: Feed) -> list[dict[str, Any]]:
    """A file's records by header, read as a careful clerk would: quotes belong to their line."""
    labels = [c.label for c in feed.columns]
    if feed.format in ("csv", "tsv"):
        rows = [next(csv.reader([line], delimiter=feed.delimiter or ",")) for line in data_lines(path, feed)]
        return [dict(zip(labels, row, strict=False)) for row in rows]
    if feed.format == "json":
        return json.loads(content(path))["data"]
    if feed.format == "jsonl":
        lines = content(path).decode("utf-8").splitlines()
        return [json.loads(line) if line.endswith("}") else {"": line} for line in lines]
    if feed.format == "xml":
        return [{e.get("name") or e.tag: e.text for e in record} for record in ElementTree.fromstring(content(path))]
    if feed.format == "html":
        lines = re.findall(r"<tr>(.*?)</tr>", content(path).decode("gb18030"))
        cells = [re.findall(r"<td>(.*?)</td>", line) for line in lines]
        return [
            dict(zip(labels, [unescape(cell).replace("\xa0", "") for cell in row], strict=True))
            for row in cells
            if len(row) == len(labels)
        ]
    if feed.format == "xml2003":
        return list(_rows_2003(path, labels))
    return [row for sheet in tables(path, feed) for row in sheet]


def _rows_2003(path: Path, labels: list[str]) -> Iterator[dict[str, Any]]:
    """Rows between the header and 合计; a cell that tells its place stands there."""
    names = "{urn:schemas-microsoft-com:office:spreadsheet}"
    is_below = False
    for row in ElementTree.fromstring(content(path)).iter(f"{names}Row"):
        cells: dict[int, Any] = {}
        at = 0
        for cell in row:
            at = int(cell.get(f"{names}Index", at + 1))
            cells[at - 1] = cell[0].text
        if is_below and cells[0] != "合计":
            yield {label: cells.get(place) for place, label in enumerate(labels)}
        is_below = is_below or cells[0] == labels[0]


def tables(path: Path, feed: Feed) -> Iterator[list[dict[str, Any]]]:
    """The records of each sheet, as `named_tables` has them."""
    for _, rows in named_tables(path, feed):
        yield rows


def named_tables(path: Path, feed: Feed) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(name, records) of each sheet that is not hidden, between the header's last row and 合计, without 小计."""
    labels = [c.label for c in feed.columns]
    book = CalamineWorkbook.from_path(path)
    for sheet in book.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible:
            rows = book.get_sheet_by_name(sheet.name).to_python()
            # of a header of two rows, what the lower leaves blank stands in the upper
            first = next(i for i, row in enumerate(rows) if row[0] == labels[0]) + 1
            first += bool(HABITS[feed.id].header_groups)
            body = [row for row in rows[first:] if any(row) and row[0] not in ("小计", "合计")]
            yield sheet.name, [dict(zip(labels, row, strict=True)) for row in body]
