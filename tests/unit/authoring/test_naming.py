"""English names for Chinese headers: known labels first, then terms, never pinyin."""

from __future__ import annotations

import pytest

from ingest.authoring.naming import distinct_names, known_names, name_of, terms
from ingest.feeds.loading import load_feeds

KNOWN = known_names(load_feeds().values())


@pytest.mark.parametrize(
    ("header", "kind", "name"),
    [
        ("统一社会信用代码", "string", "uscc"),
        ("社会信用代码", "string", "uscc"),
        ("检查日期", "date", "inspected_on"),
        ("巡查日期", "date", "patrolled_on"),
        ("巡查时间", "timestamp", "patrolled_at"),
        ("是否属实", "boolean", "is_verified"),
        ("發生日期", "date", "occurred_on"),
        ("场馆名称", "string", "venue_name"),
        ("救援队伍人数", "integer", "rescue_team_persons"),
        ("EMPLOYER_OPERATION_KEY", "string", "employer_operation_key"),
        ("agencyCode", "string", "agency_code"),
        ("主体编号（新）", "string", "entity_id"),
    ],
)
def test_a_header_gets_the_name_the_field_uses(header: str, kind: str, name: str) -> None:
    assert name_of(header, kind, KNOWN) == name


def test_money_is_named_by_the_unit_it_is_stored_in() -> None:
    assert name_of("罚款金额（万元）", "number", KNOWN, is_money=True) == "fine_yuan"
    assert name_of("整改费用（元）", "number", KNOWN, is_money=True) == "rectification_yuan"


def test_a_known_name_that_says_another_type_is_not_taken() -> None:
    # 更新时间 is updated_at in every contract; a column of words under that header is no moment
    assert name_of("更新时间", "string", KNOWN) != "updated_at"


def test_what_no_term_tells_is_left_to_a_person() -> None:
    assert name_of("懋犇骉", "string", KNOWN) is None
    assert distinct_names(["uscc", None, "uscc"]) == ["uscc", "column_2", "uscc_2"]


def test_every_term_gives_a_name_that_a_column_can_bear() -> None:
    wrong = [t for t, v in terms().items() for n in (v.name, v.event) if n and not n.replace("_", "").isalnum()]
    assert wrong == []
