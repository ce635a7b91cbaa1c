"""Every cell of every real workbook reads as calamine's own types say, though the reader never makes Python objects of them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from ingest.readers.excel_worker import as_text, read_workbook

pytestmark = pytest.mark.real
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WORKBOOKS = [
    "ca/alberta_stop_work_orders.xlsx",
    "cn/gbt4754_2011_hyfl.xlsx",
    "cn/ningbo_industry_subclass_codes.xlsx",
    "cn/ningbo_registry_code_tables.xlsx",
    "cn/standardization_scoring_gongmao.xls",
    "cn/standardization_scoring_weihua.xls",
]


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_real_workbook_reads_cell_by_cell_as_calamine_types_it(tmp_path: Path, name: str) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"公开数据不在此处：{name}")
    book = CalamineWorkbook.from_path(str(path))
    compared = 0
    for sheet in read_workbook(path, tmp_path)["sheets"]:
        expected = [[as_text(cell) for cell in row] for row in book.get_sheet_by_name(sheet["name"]).to_python()]
        if not sheet["rows"]:
            assert expected == []
            continue
        rows = duckdb.sql(f"select * from read_parquet('{sheet['path']}')").fetchall()
        above = sheet["rows"] - len(expected)  # calamine leaves out empty rows at the top
        assert [row[0] for row in rows] == list(range(1, sheet["rows"] + 1))
        assert [[cell or "" for cell in row[1:]] for row in rows[above:]] == expected
        compared += len(expected)
    assert compared > 50
