"""What a sample's counts say about a column: its type, its rule, its code list, whether it is about a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ingest.authoring.profiling import (
    ColumnFacts,
    draft_columns,
    is_personal,
    kind_of,
    suggest_subject,
    unit_in,
    version_column,
)
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column

FEEDS = load_feeds()


def facts(header: str, **counts: Any) -> ColumnFacts:
    """A column of 100 different, filled values unless told otherwise."""
    return replace(ColumnFacts(header, 0, rows=100, filled=100, distinct=100), **counts)


def drafted(*table: ColumnFacts) -> list[Column]:
    placed = [replace(f, position=i) for i, f in enumerate(table)]
    return draft_columns(placed, [0], FEEDS, 2026)[0]


DAYS = {"dates": 100, "first_year": 2020, "last_year": 2026}


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (facts("检查日期", **DAYS), "date"),
        (facts("检查日期", **DAYS, clocks=100), "date"),  # an export's 00:00:00
        (facts("更新时间", **DAYS, clocks=100), "timestamp"),
        (facts("检查日期", **DAYS, clocks=100, timed=90), "timestamp"),
        (facts("发生日期", **DAYS, numbers=100, integers=100, shortest=8, longest=8), "date"),  # 20240101
        (facts("检查日期", **DAYS, numbers=100, integers=100, serials=100), "date"),  # Excel's day numbers
        (facts("面积", **DAYS, numbers=100, integers=100, serials=100), "integer"),  # 45291 square metres
        (facts("从业人数", numbers=100, integers=100), "integer"),
        (facts("罚款金额（元）", numbers=100, integers=100), "number"),
        (facts("检查编号", numbers=100, integers=100, digits=100), "string"),
        (facts("某码值", numbers=100, integers=100, digits=100, leading_zeros=3), "string"),
        (facts("是否整改", booleans=100, distinct=2, numbers=100, integers=100), "boolean"),  # 0 and 1
        (facts("重伤人数", booleans=100, distinct=2, numbers=100, integers=100), "integer"),  # 0 and 1, but counted
        (facts("联系电话", numbers=100, integers=100, longest=11), "string"),
    ],
)
def test_the_type_follows_values_and_header(column: ColumnFacts, kind: str) -> None:
    assert kind_of(column) == kind


def test_a_few_slips_do_not_change_the_type_but_many_do() -> None:
    assert kind_of(facts("检查日期", **(DAYS | {"dates": 97}))) == "date"
    assert kind_of(facts("检查日期", **(DAYS | {"dates": 60}))) == "string"


def test_units_are_read_from_the_header() -> None:
    unit = unit_in("罚款金额（万元）")
    assert unit is not None
    assert (unit.sent, unit.stored, unit.factor) == ("万元", "元", 10_000)
    assert unit_in("罹灾人数（数量）") is None


@pytest.mark.parametrize(
    ("column", "personal"),
    [
        (facts("法定代表人"), True),
        (facts("联系方式", mobiles=80), True),
        (facts("备用", id_numbers=60), True),
        (facts("检查员", person_names=95, distinct=40), True),
        (facts("单位负责人姓名"), True),
        (facts("企业名称"), False),
        (facts("从业人数", numbers=100), False),
        (facts("检查类型", person_names=95, distinct=40), False),
    ],
)
def test_suspected_personal_data_is_marked(column: ColumnFacts, personal: bool) -> None:
    assert is_personal(column) is personal


def test_check_digits_code_lists_and_widths_become_rules() -> None:
    uscc, district, code = drafted(
        facts("社会信用代码", uscc=99),
        facts("所在区", lists={"district": 100}, distinct=11),
        facts("行业代码", digits=100, leading_zeros=10, shortest=4, longest=4, usual_length=4),
    )
    assert (uscc.name, uscc.rules, district.code_list, code.width) == ("uscc", ("gb32100",), "district", 4)


def test_few_values_become_codes_as_other_contracts_store_them() -> None:
    values = (("日常检查", 60), ("专项检查", 30), ("夜间抽查", 10))
    _, kind = drafted(facts("检查编号"), facts("检查类型", distinct=3, longest=4, values=values))
    assert dict(kind.codes) == {"日常检查": "routine", "专项检查": "special", "夜间抽查": "夜间抽查"}


def test_names_of_persons_are_never_written_down_as_codes() -> None:
    values = (("王建国", 50), ("李秀英", 50))
    _, person = drafted(facts("检查编号"), facts("检查人员", distinct=2, longest=3, values=values))
    assert person.is_personal
    assert person.codes == ()


def test_a_deadline_may_lie_ahead_an_event_may_not() -> None:
    due, until, seen = drafted(
        facts("整改期限", **DAYS), facts("经营至", **(DAYS | {"last_year": 2099})), facts("发现日期", **DAYS)
    )
    assert (due.may_lie_ahead, until.may_lie_ahead, seen.may_lie_ahead) == (True, True, False)


def test_the_version_is_the_time_of_update() -> None:
    assert version_column(drafted(facts("检查编号"), facts("更新时间", **DAYS, timed=9))) == "updated_at"
    assert version_column(drafted(facts("检查编号"), facts("检查日期", **DAYS))) is None


def test_a_patrol_is_recognised_as_an_inspection_and_its_own_words_are_mapped() -> None:
    columns = drafted(
        facts("巡查编号"),
        facts("统一社会信用代码", uscc=100),
        facts("场馆名称"),
        facts("检查日期", **DAYS),
        facts("检查类型", distinct=2, longest=4, values=(("日常检查", 50), ("专项检查", 50))),
        facts("隐患数", numbers=100, integers=100),
    )
    columns[0] = replace(columns[0], is_key=True)
    subject, maps = suggest_subject(columns)
    assert subject == "inspection"
    assert maps[columns[0].name] == "inspection_id"
    assert "hazards_found" in {maps.get(c.name, c.name) for c in columns}
