"""The workbook a department gets its refused rows back in: a sheet a feed, what is wrong coloured and said beside it.

`corrections` reads it when it comes back; both know its fixed columns by `FIXED`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range

from ingest.base.home import Home
from ingest.base.reasons import REASONS
from ingest.correcting.advice import suggest
from ingest.correcting.records import LINE, contents
from ingest.correcting.return_layout import choices, column_width, pages_wide, row_height
from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.storage.ledger import Ledger

ID, REASON, ADVICE, FILE, LINE_NUMBER = FIXED = ("退回编号", "原因", "建议更正", "原文件", "原行号")
RAW_LINE = "原始行"
COVER = "填写说明"
# put in place of text that a cell cannot hold; sent back as it is, it means what it stands for
KEPT = "〔内容过长或含特殊字符，此格勿改〕"
# the first three stay in sight beside the red cells; with file and line too nothing else fits a small screen
_FIXED_WIDTHS = (18, 22, 36, 24, 8)
_IN_SIGHT = 3
_COVER_WIDTHS = (34, 60, 14, 40)
_TEXT = 49  # the format Excel itself has for text, by its number
_MAX_CELL = 32_000
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Returned:
    """One refused row as it goes back: where it stood, its text by header, why it was refused."""

    quarantine_id: str
    file: str
    row: int
    cells: Mapping[str, str | None]
    codes: tuple[str, ...]
    columns: tuple[str, ...]
    line: str | None = None  # the whole line, of a record that could not be laid out in columns


def offending_headers(feed: Feed, row: Returned) -> dict[str, str]:
    """Contract column → the header it was sent under, for the columns that a row was refused for."""
    headers = list(row.cells)
    positions = match(feed, headers).positions
    return {name: headers[positions[name]] for name in row.columns if name in positions}


def writable(text: str | None) -> str:
    """A value as a cell can hold it."""
    text = text or ""
    return KEPT if len(text) > _MAX_CELL or _UNWRITABLE.search(text) else text


def write_workbook(
    path: Path,
    department: str,
    day: date,
    sheets: Sequence[tuple[Feed, Sequence[Returned]]],
    files: Sequence[Mapping[str, Any]] = (),
    notice: str = "",
) -> None:
    """Write a department's workbook; the same rows on the same day give the same bytes. Its owner alone may read it.

    Args:
        path: the file to make.
        department: its name.
        day: the date it bears.
        sheets: the feeds and their rows, in order.
        files: files refused whole (`Ledger.refused_files`), which are listed on the cover.
        notice: what stands in the title and at the foot of every page, as 演示数据.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    book = xlsxwriter.Workbook(str(temporary), {"strings_to_formulas": False, "strings_to_urls": False})
    created = datetime(day.year, day.month, day.day)  # noqa: DTZ001  a workbook's times have no zone
    book.set_properties({"title": f"{department}退回记录", "created": created})
    thin = {"border": 1, "border_color": "#BFBFBF"}
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1, "text_wrap": True, "valign": "top"}),
        "fixed": book.add_format(
            {**thin, "bg_color": "#F2F2F2", "text_wrap": True, "valign": "top", "num_format": _TEXT}
        ),
        "plain": book.add_format({**thin, "locked": False, "num_format": _TEXT, "valign": "top"}),
        "bad": book.add_format(
            {
                **thin,
                "locked": False,
                "num_format": _TEXT,
                "valign": "top",
                "bg_color": "#FFC7CE",
                "font_color": "#9C0006",
            }
        ),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    names = _sheet_names([feed for feed, _ in sheets])
    title = f"{department}：退回待更正的记录（{day.isoformat()}）{f'【{notice}】' if notice else ''}"
    _write_cover(book.add_worksheet(COVER), formats, title, names, sheets, files)
    book.worksheets()[0].fit_to_pages(1, 0)
    for name, (feed, rows) in zip(names, sheets, strict=True):
        _write_sheet(book.add_worksheet(name), formats, feed, rows)
    for sheet in book.worksheets():
        sheet.set_paper(9)  # A4
        sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        sheet.set_footer(f"&L{title.replace('&', '&&')}&C&A&R第 &P 页，共 &N 页")
    book.close()
    temporary.chmod(0o600)
    temporary.replace(path)


def _sheet_names(feeds: Sequence[Feed]) -> list[str]:
    names: list[str] = []
    for feed in feeds:
        name = _NOT_IN_SHEET_NAME.sub(" ", feed.label)[:28]
        names.append(name if name not in (*names, COVER) else f"{name[:20]} {feed.name[:10]}")
    return names


def _write_cover(
    sheet: Any,
    formats: Mapping[str, Any],
    title: str,
    names: Sequence[str],
    sheets: Sequence[tuple[Feed, Sequence[Returned]]],
    files: Sequence[Mapping[str, Any]],
) -> None:
    for column, width in enumerate(_COVER_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, title, formats["title"])
    sheet.set_row(0, 24)
    lines = (
        "1. 每张工作表是一类数据，每行是一条被退回的记录，列与原报送文件一致。",
        "2. 红色的格子是退回的原因所在；“原因”“建议更正”两列说明错在哪里、可能应是什么。建议仅供参考，以原始凭证为准。",
        "3. 直接在红色格子里改正（其他格子确有错误也可以改）。灰色列已锁定，请勿改动；“退回编号”是对回原记录的依据。",
        "4. 暂时无法更正的行保持原样即可，不会受影响。不要改动或重复“退回编号”。",
        "5. 改好后保存为 xlsx，放回收件目录 <部门>/退回更正/ 文件夹，下一轮收数（jgt run）自动重判；重复放回不会重复入库。",
        "6. 引号未闭合、字段个数不符的行没有分列，原文在“原始行”列，请按列重新填写。",
        "※ 本文件含本部门报送的个人信息，仅限本部门经办人使用，请勿外传，用后删除。",
    )
    for number, line in enumerate(lines, 2):
        sheet.merge_range(number, 0, number, 3, line, formats["text"])
        sheet.set_row(number, 30)
    top = len(lines) + 3
    for column, heading in enumerate(("工作表", "数据", "退回条数")):
        sheet.write_string(top, column, heading, formats["head"])
    for number, (name, (feed, rows)) in enumerate(zip(names, sheets, strict=True), top + 1):
        sheet.write_url(number, 0, f"internal:'{name}'!A1", string=name)
        sheet.write_string(number, 1, f"{feed.label}（{feed.id}）")
        sheet.write_number(number, 2, len(rows))
    if files:
        top += len(sheets) + 3
        sheet.write_string(top - 1, 0, "另有整份退回的文件，请按说明重新报送整个文件：", formats["title"])
        for column, heading in enumerate(("文件", "原因与办法", "接收日期", "编号")):
            sheet.write_string(top, column, heading, formats["head"])
        for number, file in enumerate(files, top + 1):
            texts = [str(file[name]) for name in ("file", "reason_message", "received_on", "batch_id")]
            sheet.set_row(number, row_height(zip(texts, _COVER_WIDTHS, strict=True)))
            for column, text in enumerate(texts):
                sheet.write_string(number, column, text, formats["text"])


def _write_sheet(sheet: Any, formats: Mapping[str, Any], feed: Feed, rows: Sequence[Returned]) -> None:
    headers = list(dict.fromkeys(h for row in rows if row.line is None for h in row.cells))
    if any(row.line is not None for row in rows):
        positions = match(feed, headers).positions
        headers += [c.label for c in feed.columns if c.name not in positions and c.label not in headers]
        headers.append(RAW_LINE)
    widths = [
        *_FIXED_WIDTHS,
        *(column_width((h, *((r.cells.get(h) or "")[:99] for r in rows))) for h in headers),
    ]
    for column, (heading, width) in enumerate(zip((*FIXED, *headers), widths, strict=True)):
        sheet.write_string(0, column, heading, formats["head"])
        sheet.set_column(column, column, width)
    sheet.set_row(0, row_height(zip((*FIXED, *headers), widths, strict=True)))
    for number, row in enumerate(rows, 1):
        offending = offending_headers(feed, row)
        labels = "；".join(REASONS[code].label for code in row.codes)
        advice = suggest(feed, row.cells, offending, list(row.codes))
        fixed = (row.quarantine_id, labels, advice, row.file, str(row.row))
        sheet.set_row(number, row_height(zip(fixed, _FIXED_WIDTHS, strict=True)))
        for column, text in enumerate(fixed):
            sheet.write_string(number, column, text, formats["fixed"])
        bad = set(offending.values())
        for column, header in enumerate(headers, len(FIXED)):
            if header == RAW_LINE:
                sheet.write_string(number, column, writable(row.line), formats["fixed"])
                continue
            is_bad = header in bad or row.line is not None
            text = writable(row.cells.get(header)) if row.line is None else ""
            if text:
                sheet.write_string(number, column, text, formats["bad" if is_bad else "plain"])
            else:
                sheet.write_blank(number, column, None, formats["bad" if is_bad else "plain"])
    _offer_choices(sheet, feed, headers, len(rows))
    # codes with 18 digits are text: no green corner on each of them
    last = (len(rows), len(FIXED) + len(headers) - 1)
    sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, *last), "two_digit_text_year": xl_range(0, 0, *last)})
    sheet.freeze_panes(1, _IN_SIGHT)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, _IN_SIGHT - 1)
    sheet.fit_to_pages(pages_wide(sum(widths[:_IN_SIGHT]), widths[_IN_SIGHT:]), 0)
    sheet.autofilter(0, 0, len(rows), len(FIXED) + len(headers) - 1)
    allowed = (
        "autofilter",
        "sort",
        "format_cells",
        "format_columns",
        "format_rows",
        "select_locked_cells",
        "select_unlocked_cells",
    )
    sheet.protect("", dict.fromkeys(allowed, True))


def _offer_choices(sheet: Any, feed: Feed, headers: Sequence[str], rows: int) -> None:
    """A list to choose from in the columns that have a short one; anything else may be typed after a warning."""
    for name, position in match(feed, list(headers)).positions.items():
        if listed := choices(feed.column(name)):
            place = len(FIXED) + position
            sheet.data_validation(
                1,
                place,
                rows,
                place,
                {
                    "validate": "list",
                    "source": listed,
                    "error_type": "warning",
                    "error_title": "不在代码表中",
                    "error_message": "合同里没有这个写法，仍要这样填吗？",
                },
            )


def export_returns(
    home: Home, ledger: Ledger, feeds: Mapping[str, Feed], departments: Mapping[str, str], day: date, folder: Path
) -> list[tuple[Path, int]]:
    """Write a workbook for every department that has open refused rows, or open refused files.

    Args:
        home: the state folder.
        ledger: open.
        feeds: every contract, by id.
        departments: code → name, in order; a department not in it is left out.
        day: the date the workbooks bear.
        folder: where they go; made for its owner alone.

    Returns:
        (workbook, rows in it) a department.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_rows = [r for r in ledger.quarantined() if r["state"] == "open" and r["feed"] in feeds]
    open_files = ledger.refused_files()
    notice = "演示数据" if any(batch["is_synthetic"] for batch in ledger.batches()) else ""
    written = []
    for code, name in departments.items():
        own = [r for r in open_rows if r["department"] == code]
        files = [f for f in open_files if f["department"] == code]
        if not own and not files:
            continue
        known = contents(home, ledger, own)
        sheets = [
            (
                feed,
                [
                    _returned(r, known[r["quarantine_id"]])
                    for r in own
                    if r["feed"] == feed.id and r["quarantine_id"] in known
                ],
            )
            for feed in feeds.values()
            if feed.department == code
        ]
        path = folder / f"{name}_退回记录_{day:%Y%m%d}.xlsx"
        write_workbook(path, name, day, [(feed, rows) for feed, rows in sheets if rows], files, notice)
        written.append((path, sum(len(rows) for _, rows in sheets)))
    return written


def _returned(row: Mapping[str, Any], content: tuple[str, int, Mapping[str, str | None]]) -> Returned:
    cells = content[2]
    line = cells.get(LINE)
    return Returned(
        quarantine_id=row["quarantine_id"],
        file=row["file"],
        row=row["row_number"],
        cells={} if line is not None else cells,
        codes=tuple(row["reason_codes"].split(",")),
        columns=tuple(filter(None, row["columns"].split(","))),
        line=line,
    )
