"""What a department is advised: the value itself where one can be told, else what to look at."""

from __future__ import annotations

import pytest

from ingest.correcting.advice import suggest
from ingest.feeds.check_digits import id_check, uscc_check
from ingest.feeds.loading import load_feeds

FEEDS = load_feeds()
# GB 32100-2015, appendix: the example of the standard; GB 11643-1999, chapter 5: likewise
USCC = "91350100M000100Y43"
IDENTITY = "11010519491231002X"


def advice(feed: str, column: str, text: str, code: str) -> str:
    label = FEEDS[feed].column(column).label
    return suggest(FEEDS[feed], {label: text}, {column: label}, [code])


def test_check_characters_are_those_of_the_standards() -> None:
    assert uscc_check(USCC[:17]) == USCC[17]
    assert id_check(IDENTITY[:17]) == IDENTITY[17]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("9135O1OOMOOO1OOY43", f"疑为 {USCC}"),
        (f"{USCC[:17]}9", "末位应为 3"),
        (USCC[:17], "应为 18 位，现为 17 位"),
        ("91350100M000100Y４9", "末位应为 3"),  # full width is folded before it is judged
        (f"{USCC[:16]}甲3", "不允许的字符"),
    ],
)
def test_a_credit_code(text: str, told: str) -> None:
    assert told in advice("yjgl.inspection", "uscc", text, "USCC_CHECK")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-13-05", "疑为 2026-05-13（月日颠倒）"),
        ("31/12/2026", "疑为 2026-12-31"),
        ("2026-02-30", "2026 年 2 月只有 28 天"),
        ("2024-02-30", "2024 年 2 月只有 29 天"),
        ("20260230", "2026 年 2 月只有 28 天"),
        ("2026年15月40日", "没有 15 月"),
        ("去年", "请改为 YYYY-MM-DD"),
    ],
)
def test_a_date(text: str, told: str) -> None:
    assert told in advice("yjgl.inspection", "inspected_on", text, "DATE_INVALID")


def test_a_code_is_the_nearest_label_or_the_list() -> None:
    assert "疑为 日常检查" in advice("yjgl.inspection", "inspection_kind", "日常检察", "CODE_UNKNOWN")
    listed = advice("yjgl.inspection", "inspection_kind", "郊游", "CODE_UNKNOWN")
    assert "应为：" in listed
    assert "日常检查" in listed


def test_a_number_a_range_an_empty_field() -> None:
    assert "疑为 12" in advice("yjgl.inspection", "hazards_found", "约12处", "NUMBER_INVALID")
    assert "不小于 0" in advice("yjgl.inspection", "hazards_found", "-1", "RANGE")
    assert "必填" in advice("yjgl.inspection", "inspected_on", "", "REQUIRED_MISSING")


def test_what_has_no_column_gets_the_remedy_of_its_reason() -> None:
    assert "引号" in suggest(FEEDS["yjgl.inspection"], {}, {}, ["UNCLOSED_QUOTE"])
