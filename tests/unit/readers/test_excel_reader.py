"""Workbooks as offices make them: titles above, totals below, numbers for codes; and those that must not be opened."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from ingest.base.reasons import RefusedFile
from ingest.feeds.headers import match, normal_form, unit_of
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column
from ingest.judging.text_table import source
from ingest.readers import excel
from ingest.readers.excel import ExcelReader
from ingest.readers.excel_worker import as_text
from ingest.readers.table import TextPart

COLUMNS = tuple(
    Column(n, label, "string", "VARCHAR", required=True)
    for n, label in (("a", "证书编号"), ("b", "企业名称"), ("c", "金额（元）"))
)
FEED = replace(load_feeds()["yjgl.standardization"], columns=COLUMNS, date_orders=(), version_column=None)


@pytest.fixture(scope="module")
def reader() -> Iterator[ExcelReader]:
    with ExcelReader() as opened:
        yield opened


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def records(part: TextPart) -> list[tuple[object, ...]]:
    """A part's records as the loader will see them, the row number first."""
    found = duckdb.sql(f"select * from {source(part)} where _row >= {part.first_row}").fetchall()
    return [tuple("" if cell is None else cell for cell in row) for row in found]


def test_the_header_is_found_below_a_title_and_rows_keep_their_sheet_numbers(
    tmp_path: Path, reader: ExcelReader
) -> None:
    rows: list[list[object]] = [
        ["达标企业一览（演示数据）"],
        [],
        ["证书编号", "企业名称", "金额(元)"],
        ["A1", "甲", 5],
        ["A2", "乙", 6.5],
    ]
    table = reader.read(workbook(tmp_path / "book.xlsx", {"表": rows}), FEED, tmp_path)
    part = table.parts[0]
    assert (part.sheet, part.first_row, part.rows, table.furniture) == ("表", 4, 2, 2)
    assert records(part) == [(4, "A1", "甲", "5"), (5, "A2", "乙", "6.5")]


def test_every_sheet_with_the_header_is_read_and_others_are_named(tmp_path: Path, reader: ExcelReader) -> None:
    header: list[object] = ["证书编号", "企业名称", "金额（元）"]
    path = workbook(
        tmp_path / "book.xlsx",
        {"一月": [header, ["A", "甲", 1]], "说明": [["填表须知"]], "二月": [header, ["B", "乙", 2]]},
    )
    table = reader.read(path, FEED, tmp_path)
    assert [p.sheet for p in table.parts] == ["一月", "二月"]
    assert table.skipped_sheets == {"说明": 1}


def test_a_workbook_without_a_needed_header_says_which(tmp_path: Path, reader: ExcelReader) -> None:
    path = workbook(tmp_path / "book.xlsx", {"表": [["证书编号", "企业名称"], ["A", "甲"]]})
    with pytest.raises(RefusedFile) as refusal:
        reader.read(path, FEED, tmp_path)
    assert (refusal.value.code, refusal.value.records) == ("HEADER_MISSING", 1)
    assert "金额（元）" in refusal.value.detail


def test_what_is_no_workbook_is_refused_and_the_reader_goes_on(tmp_path: Path, reader: ExcelReader) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(RefusedFile, match="FILE_UNREADABLE"):
        reader.read(broken, FEED, tmp_path)
    good = workbook(tmp_path / "book.xlsx", {"表": [["证书编号", "企业名称", "金额（元）"], ["A", "甲", 1]]})
    assert reader.read(good, FEED, tmp_path).parts[0].rows == 1


def test_two_far_cells_cannot_take_the_process_down(tmp_path: Path, reader: ExcelReader) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with xlsxwriter.Workbook(str(bomb)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "证书编号")
        sheet.write(1_048_575, 16_383, "远")
    assert bomb.stat().st_size < 10_000
    with pytest.raises(RefusedFile, match="FILE_UNREADABLE"):
        reader.read(bomb, FEED, tmp_path)
    good = workbook(tmp_path / "book.xlsx", {"表": [["证书编号", "企业名称", "金额（元）"], ["A", "甲", 1]]})
    assert reader.read(good, FEED, tmp_path).parts[0].rows == 1


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 << 20))
    with pytest.raises(RefusedFile, match="压缩炸弹"):
        excel.guard_size(bomb)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (320115.0, "320115"),
        (0.1, "0.1"),
        (999_999_999_999_999.0, "999999999999999"),
        # Excel keeps 15 digits: what follows would be invented
        (1e22, "1.00000000000000E+22"),
        (True, "true"),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        (datetime.datetime(2024, 1, 2, 8, 5), "2024-01-02 08:05:00"),
        ("", ""),
    ],
)
def test_a_cell_reads_as_a_person_sees_it(cell: object, text: str) -> None:
    assert as_text(cell) == text


@pytest.mark.parametrize(
    "header", ["金额（元）", "金额(元)", " 金 额 ", "金额（万元）", "金额:", "＊金额", "金额\n(元)"]
)
def test_headers_match_whatever_their_width_spaces_and_units(header: str) -> None:
    assert normal_form(header) == "金额"


def test_a_header_says_its_unit() -> None:
    assert [unit_of(h) for h in ("罚款（万元）", "罚款(单位:元)", "罚款")] == ["万元", "元", None]


def test_the_first_of_two_equal_headers_is_taken_and_the_other_is_extra() -> None:
    found = match(FEED, ["证书编号", "备注", "企业名称", "金额（元）", "企业名称"])
    assert found.positions == {"a": 0, "b": 2, "c": 3}
    assert found.extra == (1, 4)
