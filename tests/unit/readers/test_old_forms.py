"""Workbooks that are none: HTML tables named .xls and Excel 2003's XML, read as Excel would show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.base.reasons import RefusedFile
from ingest.readers.excel import ExcelReader
from tests.support.old_forms import excel_page, html_table, xml_2003, xml_cell, xml_row
from tests.support.read_forms import FEED, HEADER, ROWS, TABLE, read, rows_of


@pytest.fixture(scope="module")
def excel() -> Iterator[ExcelReader]:
    with ExcelReader() as opened:
        yield opened


def test_tables_of_a_page_are_sheets_by_the_names_that_excel_gives_them(tmp_path: Path, excel: ExcelReader) -> None:
    titled = f"<tr><td colspan=3>达标企业一览</td></tr>{html_table(TABLE).split('>', 1)[1]}"
    table = read(tmp_path, excel, excel_page(f"<table><tr><td> &nbsp; </td></tr></table><table>{titled}"))
    [part] = table.parts
    assert (part.sheet, part.first_row, part.rows, table.furniture) == ("达标", 3, 3, 1)
    layout = f"<table><tr><td>导出</td><td>{html_table(TABLE)}</td></tr></table><table><caption>附注</caption><tr><td>无</table>"
    table = read(tmp_path, excel, layout.encode())
    assert (rows_of(table), table.skipped_sheets) == (ROWS, {"表1": 1, "附注": 1})


def test_a_pages_merged_cells_and_header_of_two_rows_stand_where_excel_would_show_them(
    tmp_path: Path, excel: ExcelReader
) -> None:
    page = (
        "<table><tr><th rowspan=2>编号<th colspan='2'>企业</tr><tr><th>企业名称</th><th>说明</th></tr>"
        "<tr><td rowspan=2>JC001</td><td>甲</td><td>无</td></tr><tr><td>乙</td><td>有<br>二</td></tr>"
        "<tr><td colspan=2>JC002</td><td>第三\n 行</td></tr><tr><td>合计<td>3 条</tr></table>"
    )
    filled = tuple(replace(c, fill_down=c.name == "a") for c in FEED.columns)
    table = read(tmp_path, excel, page.encode(), columns=filled)
    assert rows_of(table) == [["JC001", "甲", "无"], ["JC001", "乙", "有\n二"], ["JC002", "", "第三 行"]]
    assert table.flaws == ()


def test_a_pages_row_that_lost_a_cell_is_refused_and_not_moved_to_the_left(tmp_path: Path, excel: ExcelReader) -> None:
    page = html_table([HEADER, ROWS[0], ["乙店", "无"], ROWS[2], ["JC004", "丁店", "无", "多"]])
    table = read(tmp_path, excel, page.encode())
    assert [(f.row, f.code, f.text, f.sheet) for f in table.flaws] == [
        (3, "FIELD_COUNT", "乙店\t无", "表1"),
        (5, "FIELD_COUNT", "JC004\t丁店\t无\t多", "表1"),
    ]
    assert rows_of(table) == [ROWS[0], ROWS[2]]


def test_a_page_of_excel_gives_the_number_it_rounds_for_the_eye(tmp_path: Path, excel: ExcelReader) -> None:
    cells = (
        '<td x:num="1234.567">1,235</td><td x:num="45291">2023年12月31日</td><td x:str="\'007 ">007</td>',
        '<td x:num>0.10</td><td x:num="3.2010219900101001E+17">3.20E+17</td><td>&lt;无&gt;&amp;&#20803;</td>',
    )
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    head = "".join(f"<th>{h}" for h in HEADER)
    assert rows_of(read(tmp_path, excel, excel_page(f"<table><tr>{head}</tr>{rows}</table>"))) == [
        ["1234.567", "2023年12月31日", "'007 "],
        ["0.10", "3.20102199001010E+17", "<无>&元"],
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<tr><td colspan=1000 rowspan=65534>编号</td></tr>" + "<tr><td>" * 40_000,
        "<table>" * 40,
        "<tr>" + "<td colspan=16384>x" * 3,
        "<!--" + "x" * 2_000_000,
        '<td x="' + "y" * 2_000_000,
    ],
)
def test_a_page_made_to_exhaust_its_reader_is_refused(tmp_path: Path, excel: ExcelReader, body: str) -> None:
    with pytest.raises(RefusedFile, match=r"FILE_UNREADABLE|FILE_TRUNCATED"):
        read(tmp_path, excel, f"<table>{body}".encode())


def test_an_xml_workbook_of_2003_keeps_places_types_and_hidden_sheets_as_excel_does(
    tmp_path: Path, excel: ExcelReader
) -> None:
    title = xml_cell("String", "达标企业一览", 'ss:MergeAcross="2"')
    late = xml_cell("DateTime", "2024-01-02T08:05:00.000", 'ss:Index="3"')
    evening = xml_cell("DateTime", "1899-12-31T18:00:00.000")
    bold = '<html:Font html:Size="9">a<html:B>b</html:B></html:Font>'
    rows = [
        f"<Row>{title}</Row>",
        xml_row(HEADER, 'ss:Index="3"'),
        f"<Row>{xml_cell('Number', '320115')}{xml_cell('Number', '0.1')}{xml_cell('Boolean', '1')}</Row>",
        '<Row ss:Span="1"/>',
        f"<Row>{xml_cell('DateTime', '2024-01-02T00:00:00.000')}{late}</Row>",
        f"<Row>{xml_cell('Number', '320102199001010011')}{xml_cell('Error', '#N/A')}{evening}</Row>",
        f"<Row>{xml_cell('String', bold)}</Row>",
    ]
    table = read(tmp_path, excel, xml_2003(rows).encode(), format="xls")
    assert rows_of(table) == [
        ["320115", "0.1", "true"],
        ["2024-01-02", "", "2024-01-02 08:05:00"],
        ["3.20102199001010E+17", "#N/A", "18:00:00"],
        ["ab", "", ""],
    ]
    [part] = table.parts
    # rows 5 and 6 are blank, and counted: the rows of a sheet keep their numbers
    assert (part.sheet, part.first_row, part.rows, table.furniture) == ("一月", 4, 6, 2)
    assert [change[:2] for change in table.changes] == [("xml2003", "FORMAT_DIFFERS")]
    hidden = xml_2003([xml_row(r) for r in TABLE], "<Visible>SheetHidden</Visible>").encode()
    with pytest.raises(RefusedFile, match="隐藏的工作表未读：一月"):
        read(tmp_path, excel, hidden)


@pytest.mark.parametrize(
    "rows",
    [
        '<Row ss:Index="1048577"/>',
        '<Row><Cell ss:Index="16385"/></Row>',
        '<Row ss:Index="5"/><Row ss:Index="2"/>',
        '<Row ss:Index="1048576"><Cell ss:Index="16384"><Data>远</Data></Cell></Row>',
        "<Row>" + "<a>" * 100 + "</a>" * 100 + "</Row>",
    ],
)
def test_an_xml_workbook_beyond_a_spreadsheets_bounds_is_refused(tmp_path: Path, excel: ExcelReader, rows: str) -> None:
    with pytest.raises(RefusedFile, match="FILE_UNREADABLE"):
        read(tmp_path, excel, xml_2003([rows]).encode())


def test_an_xml_workbook_with_a_document_type_is_not_read(tmp_path: Path, excel: ExcelReader) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Workbook'
    with pytest.raises(RefusedFile, match="实体"):
        read(tmp_path, excel, xml_2003([]).replace("<Workbook", bomb, 1).encode())
