"""What a refused value should probably be, in Chinese; a value of its own only where there is exactly one to suggest."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping

from rapidfuzz import fuzz, process

from ingest.base.reasons import ROW_REASONS
from ingest.feeds.check_digits import USCC_ALPHABET, id_check, uscc_check
from ingest.feeds.loading import load_code_list
from ingest.feeds.model import Column, Feed

# GB 32100 leaves these letters out because they are taken for digits
_TAKEN_FOR_DIGITS = str.maketrans("OIZS", "0125")
_DATE_PARTS = re.compile(r"^\D*(\d{1,4})\D+(\d{1,2})\D+(\d{1,4})\D*$")
_ALIKE = 60  # rapidfuzz's ratio of 100; "夜间突击" and "日常检查" have 0, "日常检察" and "日常检查" 75
_SHOWN = 8


def suggest(feed: Feed, cells: Mapping[str, str | None], offending: Mapping[str, str], codes: list[str]) -> str:
    """What to do about one refused row.

    Args:
        feed: its contract.
        cells: the row as sent, by header.
        offending: contract column → header it was sent under.
        codes: why it was refused.

    Returns:
        One Chinese sentence a column, or a reason.
    """
    told = []
    for name, header in offending.items():
        column = feed.column(name)
        text = unicodedata.normalize("NFKC", cells.get(header) or "").strip()
        if found := _of_column(column, text, codes):
            told.append(f"{header}：{found}")
    told += [
        f"{offending[order[0]]}不能晚于{offending[order[1]]}"
        for order in feed.date_orders
        if "DATE_ORDER" in codes and set(order) <= set(offending)
    ]
    if not told:
        told = [ROW_REASONS[code].remedy.rstrip("。") for code in codes]
    return "；".join(dict.fromkeys(told)) + "。"


def _of_column(column: Column, text: str, codes: list[str]) -> str | None:
    if not text:
        return "必填，请补填" if "REQUIRED_MISSING" in codes else None
    if "USCC_CHECK" in codes and "gb32100" in column.rules:
        return _uscc(text.upper())
    if "ID_CHECK" in codes and "gb11643" in column.rules:
        return _identity(text.upper())
    if "DATE_INVALID" in codes and column.logical_type in ("date", "timestamp"):
        return _date(text)
    if "CODE_UNKNOWN" in codes and (column.codes or column.code_list or column.logical_type == "boolean"):
        return _code(column, text)
    if "NUMBER_INVALID" in codes and column.logical_type in ("integer", "number"):
        found = re.findall(r"-?\d[\d,]*\.?\d*", text)
        return f"疑为 {found[0].replace(',', '')}" if len(found) == 1 else "请填数字"
    if "RANGE" in codes and (column.minimum is not None or column.maximum is not None):
        low = f"不小于 {column.minimum:g}" if column.minimum is not None else ""
        high = f"不大于 {column.maximum:g}" if column.maximum is not None else ""
        return "应" + "、".join(filter(None, (low, high)))
    if "REFERENCE_MISSING" in codes:
        return "对方数据中没有这个编号，请核对；编号无误时请对方部门补报"
    if "DIGITS_LOST" in codes:
        return "末几位已丢失，请把该列设为“文本”格式后从原系统重新导出"
    return None


def _uscc(text: str) -> str:
    if len(text) != 18:
        return f"应为 18 位，现为 {len(text)} 位"
    respelled = text.translate(_TAKEN_FOR_DIGITS)
    if respelled != text and set(respelled) <= set(USCC_ALPHABET) and uscc_check(respelled[:17]) == respelled[17]:
        return f"疑为 {respelled}（字母误作数字）"
    if set(respelled[:17]) <= set(USCC_ALPHABET):
        return f"若前 17 位无误，末位应为 {uscc_check(respelled[:17])}；请与营业执照核对"
    return "含有不允许的字符，请与营业执照核对"


def _identity(text: str) -> str:
    if len(text) != 18 or not text[:17].isdigit():
        return "应为 17 位数字加 1 位校验码，请与证件核对"
    if _date(f"{text[6:10]}-{text[10:12]}-{text[12:14]}"):
        return "第 7 至 14 位不是真实的出生日期，请与证件核对"
    return f"若前 17 位无误，末位应为 {id_check(text[:17])}；请与证件核对"


def _date(text: str) -> str | None:
    """What is wrong with a date; None for one that exists, written as it should be."""
    compact = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    parts = compact or _DATE_PARTS.match(text.split(" ")[0])
    if parts is None:
        return "请改为 YYYY-MM-DD"
    first, second, third = (int(part) for part in parts.groups())
    year, month, day = (first, second, third) if first > 31 else (third, second, first)
    if not 1900 <= year <= 9999:
        return "请改为 YYYY-MM-DD"
    if month > 12 and day <= 12:
        return f"疑为 {year:04}-{day:02}-{month:02}（月日颠倒）"
    if not 1 <= month <= 12:
        return f"没有 {month} 月，请核对"
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        return f"{year} 年 {month} 月只有 {days} 天，请核对"
    return f"疑为 {year:04}-{month:02}-{day:02}" if first <= 31 else None


def _code(column: Column, text: str) -> str:
    if column.codes:
        spellings = {label: label for label, _ in column.codes} | {value: label for label, value in column.codes}
    elif column.code_list:
        rows = load_code_list(column.code_list)
        spellings = {r["name"]: r["name"] for r in rows if not r.get("successor_code")}
        codes = {r["code"]: f"{r['code']}（{r['name']}）" for r in rows}
        width = column.width or max(len(code) for code in codes)
        if text.isdigit() and (padded := text.zfill(width)) in codes:
            return f"疑为 {codes[padded]}（少了前面的 0）"
        spellings |= codes if text.isdigit() else {}
    else:
        return "请填 是 或 否"
    best = process.extractOne(text, list(spellings), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    if best and not text.isdigit():
        return f"疑为 {spellings[best[0]]}"
    options = list(dict.fromkeys(spellings.values()))
    shown = "、".join(options[:_SHOWN])
    return f"应为：{shown}" + (f" 等 {len(options)} 项，见合同" if len(options) > _SHOWN else "")
