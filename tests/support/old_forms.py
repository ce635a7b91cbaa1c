"""Workbooks of old systems: HTML tables named .xls, and Excel 2003's XML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_SS = 'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'


def html_table(rows: Sequence[Sequence[str]], cell: str = "td") -> str:
    """A table as reporting tools write it."""
    lines = (f"<tr>{''.join(f'<{cell}>{escape(c)}</{cell}>' for c in row)}</tr>" for row in rows)
    return f"<table border=1>\n{''.join(lines)}\n</table>"


def excel_page(body: str, charset: str = "gb2312") -> bytes:
    """A page as Excel saves a workbook with one sheet, 达标."""
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">\n'
        f"<head><meta http-equiv=Content-Type content='text/html; charset={charset}'><style>td {{mso-number-format:\"\\@\"}}"
        "</style><!--[if gte mso 9]><xml><x:ExcelWorksheet><x:Name>达标</x:Name></x:ExcelWorksheet></xml><![endif]-->"
        f"</head><body><![if supportMisalignedColumns]><![endif]>{body}</body></html>"
    ).encode(charset)


def xml_cell(kind: str, text: str, given: str = "") -> str:
    """A cell of Excel 2003's XML; `text` is markup, `given` its attributes."""
    return f'<Cell {given}><Data ss:Type="{kind}">{text}</Data></Cell>'


def xml_row(cells: Sequence[str], given: str = "") -> str:
    """A row of text cells."""
    return f"<Row {given}>{''.join(xml_cell('String', escape(c)) for c in cells)}</Row>"


def xml_2003(rows: Sequence[str], options: str = "") -> str:
    """A workbook in Excel 2003's XML with one sheet, 一月, of these Row elements."""
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" {_SS} xmlns:html="http://www.w3.org/TR/REC-html40">'
        f'<Styles><Style ss:ID="s1"/></Styles><Worksheet ss:Name="一月"><Table>{"".join(rows)}</Table>'
        f'<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">{options}</WorksheetOptions></Worksheet></Workbook>'
    )
