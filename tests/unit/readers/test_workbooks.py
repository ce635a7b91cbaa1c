"""What offices do to a workbook: merged headers, errors in cells, hidden lists, protection, numbers that lost digits."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column
from ingest.judging import text_table
from ingest.readers.excel import ExcelReader
from ingest.readers.table import TextTable

COLUMNS = tuple(
    Column(n, label, "string", "VARCHAR", required=required)
    for n, label, required in (
        ("unit", "填报单位", True),
        ("daily", "罚款金额/日常", True),
        ("special", "专项", False),
        ("note", "备注", False),
    )
)
FEED = replace(load_feeds()["yjgl.standardization"], columns=COLUMNS, date_orders=(), version_column=None)


@pytest.fixture(scope="module")
def reader() -> Iterator[ExcelReader]:
    with ExcelReader() as opened:
        yield opened


def made(path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        fill(book)
    return path


def plain_header(sheet: Worksheet) -> None:
    sheet.write_row(0, 0, ["填报单位", "罚款金额/日常", "专项", "备注"])


def judged(table: TextTable) -> list[tuple[object, ...]]:
    """Row number and the contract's columns of what is no furniture, by the loader itself."""
    connection = duckdb.connect(config={"threads": 1})
    for place, part in enumerate(table.parts):
        text_table.load(connection, part, "raw", (0, place))
    positions = table.parts[0].match.positions
    cells = ", ".join(f"c{positions[c.name]}" if c.name in positions else "null" for c in COLUMNS)
    return connection.execute(f"select _row, {cells} from raw where not _is_furniture order by _part, _ord").fetchall()


def column(path: Path, reader: ExcelReader, cells: list[Callable[[Worksheet, int, int], object]]) -> list[object]:
    """What the reader makes of one column of cells, each written by a call of its own."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        plain_header(sheet)
        for row, write in enumerate(cells, 1):
            sheet.write_string(row, 0, "甲")
            sheet.write_string(row, 1, "1")
            write(sheet, row, 3)

    table = reader.read(made(path / "book.xlsx", fill), FEED, path)
    return [row[4] for row in judged(table)]


def test_a_header_of_two_merged_rows_is_read_by_joined_and_by_leaf_names(tmp_path: Path, reader: ExcelReader) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("表")
        sheet.merge_range("A1:D1", "行政处罚情况统计表")
        sheet.merge_range("A2:A3", "填报单位")
        sheet.merge_range("B2:C2", "罚款金额（元）")
        sheet.merge_range("D2:D3", "备注")
        sheet.write_row(2, 1, ["日常", "专项"])
        sheet.write_row(3, 0, ["江宁区", 100, 200, "无"])

    table = reader.read(made(tmp_path / "book.xlsx", fill), FEED, tmp_path)
    assert judged(table) == [(4, "江宁区", "100", "200", "无")]
    assert table.furniture == 1
    assert table.parts[0].headers == ("填报单位", "罚款金额（元）/日常", "专项", "备注")


def test_totals_in_the_middle_and_at_the_end_are_no_records(tmp_path: Path, reader: ExcelReader) -> None:
    rows = [["一中队", 1], ["小计", 1], ["二中队", 2], ["小  计", 2], ["合计：", 3], ["总计", 3], ["小计量器具厂", 4]]

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        plain_header(sheet)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)

    table = reader.read(made(tmp_path / "book.xlsx", fill), FEED, tmp_path)
    assert [(row[0], row[1]) for row in judged(table)] == [(2, "一中队"), (4, "二中队"), (8, "小计量器具厂")]


def test_an_error_in_a_cell_is_its_text_not_a_blank(tmp_path: Path, reader: ExcelReader) -> None:
    errors = ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"]
    cells = [lambda s, r, c, e=e: s.write_formula(r, c, "=A1", None, e) for e in errors]
    assert column(tmp_path, reader, cells) == errors


def test_a_number_of_more_digits_than_excel_keeps_is_told_from_a_text_of_them(
    tmp_path: Path, reader: ExcelReader
) -> None:
    text = "320102199001010048"  # equal to what the number 320102199001010048 shows, to the last digit
    cells: list[Callable[[Worksheet, int, int], object]] = [
        lambda s, r, c: s.write_string(r, c, text),
        lambda s, r, c: s.write_number(r, c, float(text)),
        lambda s, r, c: s.write_string(r, c, "6222021234567890123"),
    ]
    first, second, third = column(tmp_path, reader, cells)
    assert (first, third) == (text, "6222021234567890123")
    assert str(second).startswith("3.2010219900101") and str(second).endswith("E+17")


def test_long_codes_that_are_text_throughout_stay_as_they_are(tmp_path: Path, reader: ExcelReader) -> None:
    codes = [str(10**17 + n * 48) for n in range(300)]
    assert column(tmp_path, reader, [lambda s, r, c, t=t: s.write_string(r, c, t) for t in codes]) == codes


def test_numbers_keep_their_value_to_nine_decimals_and_show_no_binary_noise(
    tmp_path: Path, reader: ExcelReader
) -> None:
    numbers = [0.1, 118.796877, 12345678901.23, 123456789012345.6, 999999999999999.0, -0.5, 1.5e-7, 29.020000000000003]
    texts = column(tmp_path, reader, [lambda s, r, c, n=n: s.write_number(r, c, n) for n in numbers])
    shown = [
        "0.1",
        "118.796877",
        "12345678901.23",
        "123456789012345.6",
        "999999999999999",
        "-0.5",
        "0.00000015",
        "29.02",
    ]
    assert texts == shown
    assert all(
        abs(Decimal(t) - Decimal(n)) < Decimal("1e-9") * max(1, abs(int(n)))
        for t, n in zip(shown, numbers, strict=True)
    )


def test_dates_and_times_read_as_they_stand_in_the_cell(tmp_path: Path, reader: ExcelReader) -> None:
    def written(format_: str, value: datetime.datetime | float) -> list[object]:
        def fill(book: xlsxwriter.Workbook) -> None:
            sheet, style = book.add_worksheet(), book.add_format({"num_format": format_})
            plain_header(sheet)
            sheet.write_row(1, 0, ["甲", "1"])
            if isinstance(value, float):
                sheet.write_number(1, 3, value, style)
            else:
                sheet.write_datetime(1, 3, value, style)

        return [row[4] for row in judged(reader.read(made(tmp_path / "book.xlsx", fill), FEED, tmp_path))]

    assert written("yyyy-mm-dd", datetime.datetime(2024, 2, 29)) == ["2024-02-29"]
    assert written("yyyy/m/d hh:mm", datetime.datetime(2024, 2, 29, 8, 5, 59)) == ["2024-02-29 08:05:59"]
    assert written("hh:mm", 0.75) == ["18:00:00"]
    assert written("General", 45291.0) == ["45291"]


def test_hidden_sheets_are_not_loaded_but_named(tmp_path: Path, reader: ExcelReader) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        for name, hide in (("表", ""), ("旧表", "hide"), ("名单", "very_hidden")):
            sheet = book.add_worksheet(name)
            plain_header(sheet)
            sheet.write_row(1, 0, [f"{name}单位", 1])
            if hide:
                getattr(sheet, hide)()

    table = reader.read(made(tmp_path / "book.xlsx", fill), FEED, tmp_path)
    assert [row[1] for row in judged(table)] == ["表单位"]
    assert table.changes == (("旧表", "SHEET_HIDDEN", 0), ("名单", "SHEET_HIDDEN", 0))


def test_a_locked_workbook_with_validation_lists_is_read_like_any_other(tmp_path: Path, reader: ExcelReader) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet, lists = book.add_worksheet("填报"), book.add_worksheet("下拉")
        plain_header(sheet)
        sheet.write_row(1, 0, ["江宁区", 5])
        sheet.data_validation("D2:D99", {"validate": "list", "source": "=下拉!$A$1:$A$2"})
        sheet.protect("密码")
        lists.write_column(0, 0, ["是", "否"])
        lists.very_hidden()

    table = reader.read(made(tmp_path / "book.xlsx", fill), FEED, tmp_path)
    assert judged(table) == [(2, "江宁区", "5", None, None)]


@pytest.mark.parametrize("fill_down", [False, True])
def test_a_merged_body_cell_goes_on_below_only_where_the_contract_says_so(
    tmp_path: Path, reader: ExcelReader, fill_down: bool
) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        plain_header(sheet)
        sheet.merge_range("A2:A3", "江宁区")
        sheet.write_column(1, 1, [1, 2])
        sheet.write_row(3, 0, ["合计", 3])
        sheet.merge_range("A6:A7", "高淳区")
        sheet.write_column(5, 1, [4, 5])

    feed = replace(FEED, columns=(replace(COLUMNS[0], fill_down=fill_down), *COLUMNS[1:]))
    table = reader.read(made(tmp_path / "book.xlsx", fill), feed, tmp_path)
    units = [row[1] for row in judged(table)]
    if fill_down:
        assert units == ["江宁区", "江宁区", "高淳区", "高淳区"]
        assert table.changes == (("unit", "FILLED_DOWN", 2),)
    else:
        assert (units, table.changes) == (["江宁区", None, "高淳区", None], ())


def test_a_table_that_begins_away_from_the_corner_keeps_its_row_numbers(tmp_path: Path, reader: ExcelReader) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(4, 3, ["填报单位", "罚款金额/日常"])
        sheet.write_row(6, 3, ["江宁区", float(10**17)])

    table = reader.read(made(tmp_path / "book.xlsx", fill), FEED, tmp_path)
    assert judged(table) == [(7, "江宁区", "1.00000000000000E+17", None, None)]
