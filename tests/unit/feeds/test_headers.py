"""Headers: whatever a department's system makes of a name, it is the same column, and never another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.feeds.headers import find_layered, match, normal_form
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column

FEED = load_feeds()["yjgl.inspection"]


def of(*labels: str | tuple[str, ...]) -> dict[str, object]:
    """A contract's columns by label and synonyms, named by their label."""
    words = [(label,) if isinstance(label, str) else label for label in labels]
    return {"columns": tuple(Column(w[0], w[0], "string", "VARCHAR", synonyms=w[1:]) for w in words)}


@pytest.mark.parametrize(
    "header",
    [
        "企业名称",
        "企业名称：",
        " 企业 名称 ",
        "*企业名称",
        "企业名称（必填）",
        "企业名称【全称】",
        "「企业名称」",
        "“企业名称”",
        "企业，名称",
        "企業名稱",
        "企業名稱：",
        "\ufeff企业名称",
        "企业\n名称",
        "企业_名称",
        "企业•名称",
    ],
)
def test_a_name_is_the_same_whatever_its_width_marks_brackets_and_script(header: str) -> None:
    assert match(replace(FEED, **of("企业名称", "备注")), ["备注", header]).positions == {"备注": 0, "企业名称": 1}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"), [("ＵＳＣＣ", "uscc"), ("處罰決定書文號", "处罚决定书文号"), ("金额(元)", "金额（万元）")]
)
def test_width_case_script_and_unit_do_not_count(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


def test_a_contract_in_traditional_script_finds_simplified_headers() -> None:
    assert match(replace(FEED, **of("處分字號", "公告日期")), ["处分字号", "公告日期"]).missing == ()  # type: ignore[arg-type]


def test_what_stands_in_brackets_names_the_column_where_nothing_else_does() -> None:
    feed = replace(FEED, **of("统一社会信用代码", "组织机构代码", "处罚结果"))  # type: ignore[arg-type]
    headers = ["行政相对人代码_2 (组织机构代码)", "行政相对人代码-1（统一社会信用代码）", "处罚结果（应缴罚款金额）"]
    assert match(feed, headers).positions == {"统一社会信用代码": 1, "组织机构代码": 0, "处罚结果": 2}


def test_a_column_by_its_own_name_goes_before_one_that_mentions_it_in_brackets() -> None:
    feed = replace(FEED, **of("统一社会信用代码", "企业名称"))  # type: ignore[arg-type]
    assert match(feed, ["企业名称（统一社会信用代码）", "统一社会信用代码", "企业名称"]).positions == {
        "统一社会信用代码": 1,
        "企业名称": 2,
    }


HEADERS = [
    ["某市安全生产执法情况表", "", "", "", "", ""],
    ["填报单位", "检查情况", "", "处罚情况", "", "备注"],
    ["", "检查次数", "问题数", "立案数", "罚款金额", ""],
    ["江宁区", "3", "5", "1", "2.5", ""],
]


@pytest.mark.parametrize(
    "labels",
    [
        ["填报单位", "检查次数", "问题数", "立案数", "罚款金额", "备注"],
        ["填报单位", "检查情况检查次数", "检查情况问题数", "处罚情况/立案数", "处罚情况-罚款金额", "备注"],
        ["填报单位", "检查次数", "检查情况/问题数", "立案数", "罚款金额", "备注"],
    ],
)
def test_two_header_rows_are_read_by_leaf_or_joined_names(labels: list[str]) -> None:
    header = find_layered(replace(FEED, **of(*labels)), HEADERS)  # type: ignore[arg-type]
    assert header is not None
    assert (header.top, header.bottom) == (1, 2)
    assert header.match.positions == {label: place for place, label in enumerate(labels)}


def test_equal_leaves_below_two_parents_are_told_apart_by_the_parent() -> None:
    rows = [["单位", "一季度", "", "二季度", ""], ["", "起数", "人数", "起数", "人数"], ["甲", "1", "2", "3", "4"]]
    labels = ["单位", "二季度起数", "二季度人数", "一季度起数", "一季度人数"]
    header = find_layered(replace(FEED, **of(*labels)), rows)  # type: ignore[arg-type]
    assert header is not None
    assert [header.match.positions[label] for label in labels] == [0, 3, 4, 1, 2]


def test_three_header_rows_are_read_too() -> None:
    rows = [["单位", "事故", ""], ["", "死亡", ""], ["", "起数", "人数"], ["甲", "1", "2"]]
    labels = ["单位", "事故死亡起数", "事故死亡人数"]
    header = find_layered(replace(FEED, **of(*labels)), rows)  # type: ignore[arg-type]
    assert header is not None
    assert (header.top, header.bottom, len(header.match.positions)) == (0, 2, 3)


def test_a_first_record_is_never_taken_for_a_header_row() -> None:
    rows = [["单位", "备注", "数量"], ["甲", "", "3"], ["乙", "数量", "4"]]
    header = find_layered(replace(FEED, **of("单位", "数量", "电话")), rows)  # type: ignore[arg-type]
    assert header is not None
    assert (header.top, header.bottom) == (0, 0)
