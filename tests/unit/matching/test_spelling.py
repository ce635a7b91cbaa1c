"""Names and addresses as departments write them, and what of them tells enterprises apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.matching.addresses import parse_address
from ingest.matching.characters import fold
from ingest.matching.names import parse_name
from ingest.matching.scoring import Side, address_likeness, core_likeness, score

# what names and addresses are made of, and what finds its way into them
_PIECES = st.sampled_from(
    [
        *(
            "南京",
            "南京市",
            "江苏",
            "江苏省",
            "江宁区",
            "雨花台区",
            "新街口",
            "東山街道",
            "鑫盛",
            "張三",
            "机械",
            "設備",
        ),
        *(
            "小吃",
            "店",
            "有限公司",
            "有限责任公司",
            "股份有限公司",
            "（集团）",
            "(南京)",
            "（浦口店）",
            "分公司",
            "二店",
        ),
        *("个体工商户", "ＡＢ", "12", "双龙大道", "莫愁路", "128号", "３幢", "502室", "-", "号", "村", "组", "㈱", "ß"),
        *("乾", "著", " ", "　"),
    ]
)
TEXTS = st.one_of(st.lists(_PIECES, max_size=8).map("".join), st.text(max_size=20))


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_a_core_holds_nothing_more_to_take_off(text: str) -> None:
    name = parse_name(text)
    assert len(name.core) >= min(2, len(name.full))
    again = parse_name(name.full)
    assert again.full == name.full


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_it_does_not_matter_which_side_comes_first(
    name: str, address: str, other_name: str, other_address: str
) -> None:
    one = Side(parse_name(name), parse_address(address), "320115")
    other = Side(parse_name(other_name), parse_address(other_address), "320104")
    assert score(one, other) == score(other, one)
    assert 0 <= score(one, other).score <= 1
    assert score(one, one).name == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("南京鑫盛機械設備有限公司", "南京鑫盛机械设备有限公司"),  # traditional
        ("南京鑫盛机械设备有限公司", "南京　鑫盛机械设备　有限公司"),
        ("南京鑫盛機械（集團）有限公司", "南京鑫盛机械(集团)有限公司"),
        ("ＡＢＣ软件有限公司", "abc软件有限公司"),
        ("鑫盛【机械】厂", "鑫盛机械厂"),
    ],
)
def test_spellings_of_one_name_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("text", "core", "place", "form", "branch"),
    [
        ("南京市江宁区鑫盛机械有限责任公司", "鑫盛机械", "南京、江宁区", "有限", ""),
        ("江苏省鑫盛机械股份有限公司", "鑫盛机械", "江苏", "股份", ""),
        ("鑫盛（南京）机械有限公司", "鑫盛机械", "南京", "有限", ""),
        ("鼓楼区张三小吃店（个体工商户）", "张三小吃店", "鼓楼区", "", ""),
        ("南京鑫盛机械有限公司江宁分公司", "鑫盛机械", "南京", "有限", "江宁分公司"),
        ("张三小吃店（浦口店）", "张三小吃店", "", "", "浦口店"),
        ("南京市江苏鑫盛机械有限公司", "鑫盛机械", "南京、江苏", "有限", ""),
        ("张三小吃店二店", "张三小吃店", "", "", "二店"),
        ("南京路小吃店", "南京路小吃店", "", "", ""),  # a street, not the city
        ("南京南京有限公司", "南京", "南京", "有限", ""),
        ("公司", "公司", "", "", ""),  # nothing is taken off where nothing would be left
    ],
)
def test_a_name_comes_apart(text: str, core: str, place: str, form: str, branch: str) -> None:
    name = parse_name(text)
    assert (name.core, name.place, name.form, name.branch) == (core, place, form, branch)


@pytest.mark.parametrize(
    ("text", "district", "street", "road", "number", "rest"),
    [
        ("南京市江宁区东山街道双龙大道128号3幢502室", "320115", "东山街道", "双龙大道", "128", "3幢502室"),
        ("江苏省南京市江宁区雙龍大道１２８号", "320115", "", "双龙大道", "128", ""),
        ("莫愁路12-3", "", "", "莫愁路", "12", "3"),
        ("白下区莫愁路12号", "320104", "", "莫愁路", "12", ""),  # merged into 秦淮 in 2013
        ("某处", "", "", "", "", "某处"),
    ],
)
def test_an_address_comes_apart(text: str, district: str, street: str, road: str, number: str, rest: str) -> None:
    address = parse_address(text)
    assert (address.district_code, address.street, address.road, address.number, address.rest) == (
        district,
        street,
        road,
        number,
        rest,
    )


def test_likeness_counts_characters_not_bytes() -> None:
    assert core_likeness("工", "巧") == 0.0  # their bytes have much in common


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("双龙大道128号3幢502室", "南京市江宁区东山街道双龙大道128号3栋502", 1.0, 1.0),
        ("双龙大道128号", "双龙大道130号", 0.2, 0.4),
        ("双龙大道128号", "莫愁路128号", 0.0, 0.0),
    ],
)
def test_an_address_is_as_like_as_its_road_and_number(one: str, other: str, least: float, most: float) -> None:
    likeness = address_likeness(parse_address(one), parse_address(other))
    assert likeness is not None
    assert least <= likeness <= most


def test_an_address_that_is_not_there_says_nothing() -> None:
    assert address_likeness(parse_address(None), parse_address("双龙大道128号")) is None
