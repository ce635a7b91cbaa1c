"""Codes as dbt is told of them: every list's column is asked, and a retired code is its successor."""

from __future__ import annotations

from dataclasses import replace

from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column
from orchestration.dbt.render_codes import code_labels, coded_columns, current_code

FEEDS = load_feeds()


def test_a_district_that_was_merged_is_its_successor_also_where_the_contract_names_no_list() -> None:
    for column in (
        Column("district_code", "区划代码", "string", "VARCHAR", code_list="district"),
        Column("district_code", "区划代码", "string", "VARCHAR"),
        Column("area", "所在区", "string", "VARCHAR", maps_to="district_code"),
    ):
        sql = current_code(column)
        for old, new in {"320103": "320104", "320107": "320106", "320124": "320117", "320125": "320118"}.items():
            assert f"when '{old}' then '{new}'" in sql
        assert sql.endswith(f"else {column.name} end")


def test_a_column_of_no_list_and_of_a_list_without_successors_is_itself() -> None:
    assert current_code(Column("name", "名称", "string", "VARCHAR")) == "name"
    assert current_code(Column("street_code", "街镇代码", "string", "VARCHAR", code_list="street")) == "street_code"


def test_every_column_with_a_list_or_an_enum_is_asked_and_retired_codes_are_known() -> None:
    asked = coded_columns(FEEDS.values())
    for feed in FEEDS.values():
        wanted = [c.name for c in feed.columns if c.codes or c.code_list]
        assert [c["name"] for c in asked.get(feed.id, [])] == wanted
    enterprise = {c["name"]: c["codes"] for c in asked["scjg.enterprise"]}
    assert {"320103", "320104"} <= set(enterprise["district_code"])
    assert enterprise["status"] == ["active", "revoked", "deregistered", "moved_out"]


def test_the_first_department_names_a_code_and_later_ones_add_their_own() -> None:
    first = FEEDS["yjgl.inspection"]
    other = replace(
        first,
        id="other.inspection",
        columns=tuple(
            replace(c, codes=(("例行", "routine"), ("夜查", "night"))) if c.name == "inspection_kind" else c
            for c in first.columns
        ),
    )
    labels = code_labels([first, other])["inspection"]["inspection_kind"]
    assert (labels["routine"], labels["night"]) == ("日常检查", "夜查")
