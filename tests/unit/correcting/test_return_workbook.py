"""The workbook that goes back to a department: safe to open, to be read on a small screen and on paper."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest

from ingest.correcting.return_layout import (
    PAGE_WIDTH,
    WIDEST,
    choices,
    column_width,
    pages_wide,
    row_height,
    shown_width,
)
from ingest.correcting.return_workbook import Returned, write_workbook
from ingest.feeds.loading import contract_paths, load_feed
from ingest.feeds.model import Feed


@pytest.fixture
def feed() -> Feed:
    return load_feed(contract_paths()["yjgl.inspection"])


def parts(path: Path, feed: Feed, **cells: str) -> dict[str, str]:
    """The workbook's parts by name, with one returned row of these cells."""
    row = Returned(
        "yjgl_inspection_20261101_abc_2", "yjgl/执法检查.csv", 2, cells, ("CODE_UNKNOWN",), ("inspection_kind",)
    )
    write_workbook(path, "应急局", date(2026, 11, 21), [(feed, [row])])
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x","点我")', "+1+1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_what_looks_like_a_formula_stays_text(tmp_path: Path, feed: Feed, text: str) -> None:
    found = parts(tmp_path / "a.xlsx", feed, **{"检查编号": text, "检查类型": "夜查"})
    sheet = found["xl/worksheets/sheet2.xml"]
    assert "<f>" not in sheet
    assert set(re.findall(r' t="(\w+)"', sheet)) == {"s"}
    # as text it also stays when the cell is edited and left
    looks = re.findall(r"<xf [^>]*>", found["xl/styles.xml"].split("<cellXfs")[1])
    [style] = re.findall(r'<c r="F2" s="(\d+)"', sheet)
    assert 'numFmtId="49"' in looks[int(style)]


def test_reason_and_advice_stay_in_sight_and_stand_on_every_page(tmp_path: Path, feed: Feed) -> None:
    found = parts(tmp_path / "a.xlsx", feed, **{c.label: "甲" * 40 for c in feed.columns})
    sheet = found["xl/worksheets/sheet2.xml"]
    assert '<pane xSplit="3" ySplit="1" topLeftCell="D2"' in sheet
    assert "$A:$C,执法检查!$1:$1</definedName>" in found["xl/workbook.xml"].replace("'", "")
    [wide] = re.findall(r'fitToWidth="(\d+)"', sheet)
    assert int(wide) > 1
    assert 'fitToHeight="0"' in sheet
    assert 'orientation="landscape"' in sheet


def test_a_column_of_codes_offers_them_and_takes_others_after_a_warning(tmp_path: Path, feed: Feed) -> None:
    sheet = parts(tmp_path / "a.xlsx", feed, **{"检查编号": "1", "检查类型": "夜查"})["xl/worksheets/sheet2.xml"]
    [rule] = re.findall(r"<dataValidation .*?</dataValidation>", sheet)
    assert 'errorStyle="warning"' in rule
    assert 'sqref="G2"' in rule
    assert "日常检查,专项检查" in rule


def test_a_long_list_or_one_with_commas_is_not_offered(feed: Feed) -> None:
    by_name = {c.name: c for c in feed.columns}
    assert "日常检查" in choices(by_name["inspection_kind"])
    assert choices(by_name["uscc"]) == []


def test_chinese_takes_twice_the_width_and_a_column_keeps_within_reason() -> None:
    assert (shown_width("检查A"), shown_width("甲\n乙丙"), shown_width("")) == (5, 4, 0)
    assert column_width(["编号", "91320115MA1WXYK12A"]) == 20
    assert column_width(["字" * 99]) == WIDEST
    assert column_width([]) == column_width(["a"]) < WIDEST


def test_a_row_is_as_high_as_its_longest_cell_needs() -> None:
    assert row_height([("短", 20), ("字" * 25, 21)]) == 3 * row_height([("短", 20)])
    assert row_height([("字" * 9999, 20)]) <= 409


def test_pages_are_added_before_letters_grow_too_small() -> None:
    assert pages_wide(70, [10, 10]) == 1
    assert pages_wide(70, [PAGE_WIDTH - 70]) == 1
    assert pages_wide(70, [PAGE_WIDTH - 70, 1]) == 2
