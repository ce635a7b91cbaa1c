"""Three rows, and how a file of any form that holds them is read up to the judge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from ingest.judging import text_table
from ingest.readers import opening
from ingest.readers.excel import ExcelReader
from ingest.readers.table import TextTable
from tests.support.text_feed import text_feed

FEED = text_feed("编号", "企业名称", "说明")
HEADER = ["编号", "企业名称", "说明"]
ROWS = [
    ["JC001", "南京江宁机械有限公司", "无"],
    ["JC002", '甲"乙"厂', "消防栓，被挡；已改|好"],
    ["JC003", "丙店", "1,600"],
]
TABLE = [HEADER, *ROWS]


def read(tmp_path: Path, excel: ExcelReader, content: bytes, **contract: object) -> TextTable:
    """A file's table under the feed, with what else its contract says."""
    path = tmp_path / "sent"
    path.write_bytes(content)
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return opening.read(path, replace(FEED, **contract), scratch, excel)  # type: ignore[arg-type]


def rows_of(table: TextTable) -> list[list[str]]:
    """What the judge will see: the contract's columns of every part, by the loader itself."""
    found: list[list[str]] = []
    for place, part in enumerate(table.parts):
        connection = duckdb.connect(config={"threads": 1})
        text_table.load(connection, part, "raw", (0, place))
        cells = ", ".join(f"coalesce(c{part.match.positions[c.name]}, '')" for c in FEED.columns)
        found += [
            list(row) for row in connection.execute(f"select {cells} from raw where not _is_furniture").fetchall()
        ]
    return found
