"""Every form a department's file comes in, told from its content and read to the same rows."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from ingest.base.reasons import RefusedFile
from ingest.readers.excel import ExcelReader
from ingest.readers.forms import form_of
from tests.support.old_forms import excel_page, html_table, xml_2003, xml_row
from tests.support.read_forms import HEADER, ROWS, TABLE, read, rows_of


@pytest.fixture(scope="module")
def excel() -> Iterator[ExcelReader]:
    with ExcelReader() as opened:
        yield opened


def delimited(delimiter: str) -> str:
    quoted = [[f'"{c.replace(chr(34), chr(34) * 2)}"' if set(c) & {delimiter, '"'} else c for c in row] for row in ROWS]
    return "".join(delimiter.join(row) + "\n" for row in [HEADER, *quoted])


def records() -> list[dict[str, str]]:
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def xml(encoding: str = "utf-8") -> bytes:
    body = "".join(f'<检查 编号="{a}"><企业名称>{b}</企业名称><说明><![CDATA[{c}]]></说明></检查>' for a, b, c in ROWS)
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<交换><头><批次>1</批次></头><数据>{body}</数据></交换>'.encode(
            encoding
        )
    )


def packed(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("表1")
        for number, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def parquet(tmp_path: Path) -> bytes:
    made = tmp_path / "made.parquet"
    values = ", ".join("(" + ", ".join("'" + c.replace("'", "''") + "'" for c in row) + ")" for row in ROWS)
    names = ", ".join(f'"{h}"' for h in HEADER)
    duckdb.sql(f"copy (select * from (values {values}) as t ({names})) to '{made}'")
    return made.read_bytes()


def ods_cell(text: str, **values: str) -> str:
    given = " ".join(f'office:{name.replace("_", "-")}="{value}"' for name, value in values.items())
    return f"<table:table-cell {given}><text:p>{text}</text:p></table:table-cell>"


def ods(*more: str) -> bytes:
    """The rows as an ODS; `more`: cells of one row below them."""

    def row(cells: list[str]) -> list[str]:
        escaped = (c.replace("&", "&amp;").replace('"', "&quot;") for c in cells)
        return [ods_cell(c, value_type="string") for c in escaped]

    rows = [*map(row, [HEADER, *ROWS]), *([list(more)] if more else [])]
    table = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in rows)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="表1">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    parts = {"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    return packed(parts)


FORMS = {
    "csv": ("csv", lambda _: delimited(",").encode()),
    "csv with mark": ("csv", lambda _: delimited(",").encode("utf-8-sig")),
    "gb18030": ("csv", lambda _: delimited(",").encode("gb18030")),
    "utf-16": ("csv", lambda _: delimited("\t").encode("utf-16")),
    "utf-16 without mark": ("csv", lambda _: delimited("\t").encode("utf-16-le")),
    "utf-16-be without mark": ("csv", lambda _: delimited(",").encode("utf-16-be")),
    "tabs": ("csv", lambda _: delimited("\t").encode()),
    "semicolons": ("csv", lambda _: delimited(";").encode()),
    "bars": ("csv", lambda _: delimited("|").encode("gb18030")),
    "carets": ("csv", lambda _: delimited("^").encode()),
    "json": ("json", lambda _: json.dumps(records(), ensure_ascii=False).encode()),
    "json ascii": ("json", lambda _: json.dumps(records(), indent=2).encode()),
    "json gb18030": ("json", lambda _: json.dumps(records(), ensure_ascii=False).encode("gb18030")),
    "json utf-16": ("json", lambda _: json.dumps(records(), ensure_ascii=False).encode("utf-16")),
    "envelope": ("json", lambda _: json.dumps({"code": 0, "data": records()}).encode()),
    "nested envelope": (
        "json",
        lambda _: json.dumps({"msg": [], "result": {"total": 3, "rows": records()}}).encode(),
    ),
    "json lines": (
        "jsonl",
        lambda _: "\n".join(json.dumps(r, ensure_ascii=False) for r in records()).encode(),
    ),
    "xml": ("xml", lambda _: xml()),
    "xml gb2312": ("xml", lambda _: xml("gb2312")),
    "xml utf-16": ("xml", lambda _: xml("utf-16")),
    "parquet": ("parquet", parquet),
    "xlsx": ("xlsx", lambda _: workbook()),
    "ods": ("ods", lambda _: ods()),
    "html": ("html", lambda _: html_table(TABLE).encode()),
    "html of excel": ("html", lambda _: excel_page(html_table(TABLE))),
    "html utf-16": ("html", lambda _: f"<html>{html_table(TABLE, 'TH')}</html>".encode("utf-16")),
    "html after a style": ("html", lambda _: ("<style>td {color: red}</style>" + html_table(TABLE)).encode("gb18030")),
    "html without end tags": (
        "html",
        lambda _: html_table(TABLE).replace("</td>", "").replace("</tr>", "").replace("</table>", "</body>").encode(),
    ),
    "xml 2003": ("xml2003", lambda _: xml_2003([xml_row(r) for r in TABLE]).encode()),
    "xml 2003 prefixed": (
        "xml2003",
        lambda _: re.sub(
            "<(/?)(Workbook|Worksheet|Table|Row|Cell|Data)\\b", r"<\1ss:\2", xml_2003([xml_row(r) for r in TABLE])
        ).encode("utf-16"),
    ),
    "zip": ("zip", lambda _: packed({"检查_1.csv": delimited(",").encode()})),
    "zip of a workbook": ("zip", lambda _: packed({"数据/检查_1.xlsx": workbook()})),
    "zip in zip": ("zip", lambda _: packed({"内.zip": packed({"检查_1.csv": delimited(",").encode()})})),
    "gz": ("gz", lambda _: gzip.compress(delimited(",").encode("gb18030"))),
    "gz of json lines": ("gz", lambda _: gzip.compress("\n".join(json.dumps(r) for r in records()).encode())),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_told_from_its_content_and_gives_the_same_rows(
    tmp_path: Path, excel: ExcelReader, name: str
) -> None:
    form, make = FORMS[name]
    table = read(tmp_path, excel, make(tmp_path))
    assert form_of(tmp_path / "sent") == form
    assert rows_of(table) == ROWS
    assert (table.flaws, table.changes) == ((), ())


@pytest.mark.parametrize(
    ("declared", "name", "noted"),
    [
        ("csv", "json", "json"),
        ("xls", "xlsx", "xlsx"),
        ("xls", "tabs", "csv"),
        ("json", "xml", "xml"),
        ("csv", "zip", ""),
    ],
)
def test_a_file_in_another_format_than_declared_is_read_as_what_it_is_and_noted(
    tmp_path: Path, excel: ExcelReader, declared: str, name: str, noted: str
) -> None:
    table = read(tmp_path, excel, FORMS[name][1](tmp_path), format=declared)
    assert rows_of(table) == ROWS
    assert table.changes == (((noted, "FORMAT_DIFFERS", 3),) if noted else ())


def test_a_declared_delimiter_wins_and_another_is_named_in_the_refusal(tmp_path: Path, excel: ExcelReader) -> None:
    with pytest.raises(RefusedFile) as refusal:
        read(tmp_path, excel, delimited(";").encode(), delimiter=",")
    assert (refusal.value.code, "分号" in refusal.value.detail) == ("HEADER_MISSING", True)


def test_the_delimiter_is_the_headers_not_that_of_a_list_inside_a_field(tmp_path: Path, excel: ExcelReader) -> None:
    lines = ["编号|企业名称|说明", *(f"{n}|甲,乙,丙,丁|a,b,c;d;e" for n in range(9))]
    assert rows_of(read(tmp_path, excel, "\n".join(lines).encode()))[0] == ["0", "甲,乙,丙,丁", "a,b,c;d;e"]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"Rar!\x1a\x07\x00rest", "FILE_UNREADABLE", "RAR"),
        (b"%PDF-1.7 rest", "FILE_UNREADABLE", "PDF"),
        (b"<html><body><table></table></body></html>", "FILE_UNREADABLE", "HTML"),
        ("<html><title>统一登录</title><form>请登录</form></html>".encode(), "FILE_UNREADABLE", "登录页"),
        (b"<html><frameset><frame src='a.files/sheet001.htm'></frameset></html>", "FILE_UNREADABLE", "框架"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n", "FILE_UNREADABLE", "MHT"),
        (html_table(TABLE)[:-20].encode(), "FILE_TRUNCATED", "表格中间"),
        ("<table><tr><td>编号<![what]></table>".encode(), "FILE_UNREADABLE", "语法"),
        (xml_2003([xml_row(r) for r in TABLE])[:-40].encode(), "FILE_TRUNCATED", "XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "FILE_ENCRYPTED", "密码"),
        (b"PAR1 not parquet PAR1", "FILE_UNREADABLE", "Parquet"),
        (gzip.compress(b"x" * 9999)[:-9], "FILE_TRUNCATED", "GZ"),
        (packed({"a.csv": b"x,y\n1,2\n"})[:-30], "FILE_UNREADABLE", "损坏"),
        (packed({}), "FILE_EMPTY", "没有文件"),
        (gzip.compress(b""), "FILE_EMPTY", "0 字节"),
        (b'{"data": {"rows": [{"\xe7\xbc\x96', "FILE_TRUNCATED", ""),
        (b"<a><b>1</b>", "FILE_TRUNCATED", "XML"),
        (b"<a><b>1</c></a>", "FILE_UNREADABLE", "XML"),
    ],
    # packed bytes hold the time: as names of tests they differed between processes side by side
    ids=lambda given: "file" if isinstance(given, bytes) else given,
)
def test_what_no_reader_takes_is_refused_with_what_it_is(
    tmp_path: Path, excel: ExcelReader, content: bytes, code: str, said: str
) -> None:
    with pytest.raises(RefusedFile) as refusal:
        read(tmp_path, excel, content)
    assert (refusal.value.code, said in refusal.value.detail) == (code, True)


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/hostname">',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    ],
)
def test_xml_with_a_document_type_is_not_read(tmp_path: Path, excel: ExcelReader, prolog: str) -> None:
    with pytest.raises(RefusedFile, match="实体"):
        read(tmp_path, excel, f"{prolog}<a><r><编号>1</编号><企业名称>x</企业名称></r></a>".encode())


def test_xml_records_are_found_below_namespaces_and_field_elements(tmp_path: Path, excel: ExcelReader) -> None:
    plain = "".join(
        f"<e:row><e:col name='编号'>{n}</e:col><e:col name='企业名称'>甲</e:col><e:col name='说明'/></e:row>"
        for n in "12"
    )
    table = read(tmp_path, excel, f'<d xmlns:e="urn:x"><e:rows>{plain}</e:rows></d>'.encode())
    assert rows_of(table) == [["1", "甲", ""], ["2", "甲", ""]]


def test_xml_with_two_values_of_one_name_is_refused_for_that_record_alone(tmp_path: Path, excel: ExcelReader) -> None:
    good = "<r><编号>1</编号><企业名称>甲</企业名称><说明>无</说明></r>"
    bad = "<r><编号>2</编号><企业名称>乙</企业名称><企业名称>丙</企业名称><说明>无</说明></r>"
    table = read(tmp_path, excel, f"<d>{good}{bad}{good}</d>".encode())
    assert [(f.row, f.code) for f in table.flaws] == [(2, "RECORD_SHAPE")]
    assert rows_of(table) == [["1", "甲", "无"], ["1", "甲", "无"]]


def test_a_bad_json_line_is_refused_by_itself_and_a_cut_last_one_with_its_file(
    tmp_path: Path, excel: ExcelReader
) -> None:
    lines = [json.dumps(r, ensure_ascii=False) for r in records()]
    table = read(tmp_path, excel, "\n".join([lines[0], '{"编号": ', "", lines[2], ""]).encode())
    assert [(f.row, f.code, f.text) for f in table.flaws] == [(2, "RECORD_SHAPE", '{"编号": ')]
    assert rows_of(table) == [ROWS[0], ROWS[2]]
    with pytest.raises(RefusedFile, match="FILE_TRUNCATED"):
        read(tmp_path, excel, "\n".join([lines[0], lines[1][:-5]]).encode())


def test_an_ods_keeps_dates_times_and_long_numbers_apart(tmp_path: Path, excel: ExcelReader) -> None:
    cells = [
        ods_cell("x", value_type="float", value="320102199001010011"),
        ods_cell("18:00", value_type="time", time_value="PT18H00M00S"),
        ods_cell("2024年1月2日", value_type="date", date_value="2024-01-02"),
    ]
    assert rows_of(read(tmp_path, excel, ods(*cells)))[-1] == ["3.20102199001010E+17", "18:00:00", "2024-01-02"]
