"""`jgt enterprise`: one enterprise's file by code or by name, wide and narrow, and as JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path

import duckdb
import pytest

from ingest.base.home import Home
from orchestration.lookup import enterprise
from orchestration.lookup.connection import WarehouseError

CODE = "91320100MA1MGWPF5C"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A published version with three enterprises, one of which has a file."""
    folder = tmp_path / "serving" / "20261120-001"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "jgt.duckdb")) as connection:
        connection.execute("create schema core")
        connection.execute(f"""
            create table core.dim_enterprise as
            select id as entity_id, name as enterprise_name, code as uscc, 'enterprise' as entity_kind,
                'active' as status, true as is_registered, '玄武区' as district_name, '新街口街道' as street_name,
                '2614' as industry_code, '有机化学原料制造' as industry_name, date '2008-06-19' as established_on,
                true as is_key_supervised, '粉尘涉爆' as key_types, true as is_insurance_compulsory,
                '三级' as standardization_level, date '2028-10-03' as standardization_valid_until,
                'orange' as credit_colour, 62.50::decimal(8, 2) as credit_score
            from (values ('e1', '南京甲化工有限公司', '{CODE}'), ('e2', '南京乙化工有限公司', null),
                ('e3', '[丙]店', null)) as t(id, name, code)
        """)
        connection.execute("""
            create table core.rpt_enterprise_file as
            select 'e1' as entity_id, day as event_on, kind as event_kind, label as event_kind_name, chapter,
                '应急局' as department_name, what as what_happened, yuan::decimal(18, 2) as amount_yuan,
                1 as source_rows, 'yjgl.x' as source_feed, 'x1' as source_id, date '2026-11-20' as as_of,
                kind || day as event_key
            from (values
                (date '2026-03-01', 'penalty_decided', '处罚决定', '检查执法', '处罚决定：罚款', 50800),
                (date '2026-01-05', 'inspected', '检查', '检查执法', '日常检查，发现隐患 1 处', null),
                (date '2026-01-05', 'hazard_found', '发现隐患', '检查执法', '发现一般隐患', null),
                (date '2025-07-01', 'accident', '事故', '事故', '发生事故', 1769000)) as t(day, kind, label, chapter, what, yuan)
        """)
        connection.execute("""
            create table core.dim_enterprise_history as
            select 'e1' as entity_id, name as enterprise_name
            from (values ('南京老字号化工厂'), ('南京甲化工有限公司')) as t(name)
        """)
        connection.execute("create schema inspection; create schema insurance")
        connection.execute("""
            create table inspection.rpt_enforcement_todo as
            select 'e1' as entity_id, '隐患逾期未整改' as todo_name, day as since_on, '应急局' as department_name,
                '到现场复查' as what_to_do
            from (values (date '2026-10-02'), (date '2026-09-01')) as t(day)
        """)
        connection.execute("""
            create table insurance.rpt_uninsured as
            select 'e1' as entity_id, false as is_never_insured, date '2026-11-01' as uninsured_since, '通知续保' as what_to_do
        """)
    (tmp_path / "serving" / "current").symlink_to("20261120-001")
    return Home(tmp_path)


def shown(file: enterprise.EnterpriseFile, width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    out = io.StringIO()
    enterprise.show(file, file.events, out)
    return out.getvalue()


@pytest.mark.parametrize("wanted", [CODE, CODE.lower(), "e1", "南京甲化工有限公司", "甲化工", "南京老字号化工厂"])
def test_an_enterprise_is_found_by_code_id_name_former_name_or_a_part_of_it(home: Home, wanted: str) -> None:
    file = enterprise.read(home, wanted)
    assert file.head["entity_id"] == "e1"
    assert [str(e["event_on"]) for e in file.events] == ["2025-07-01", "2026-01-05", "2026-01-05", "2026-03-01"]
    assert [e["event_kind"] for e in file.events][1:3] == ["inspected", "hazard_found"]  # what it found comes after


def test_several_of_a_name_are_listed_with_their_codes_and_nobody_is_said_so(home: Home) -> None:
    with pytest.raises(WarehouseError, match="有 2 家叫“化工”") as several:
        enterprise.read(home, "化工")
    assert CODE in str(several.value) and "e2" in str(several.value)
    with pytest.raises(WarehouseError, match="没有名称或代码"):
        enterprise.read(home, "无此企业' or '1'='1")


def test_chapter_kind_day_and_number_choose_among_the_events(home: Home) -> None:
    file = enterprise.read(home, CODE)

    def days(**given: object) -> list[str]:
        chosen = {"chapter": None, "since": None, "limit": None} | given
        return [str(e["event_on"]) for e in enterprise.select(file, **chosen)]

    assert days(chapter="检查执法") == ["2026-01-05", "2026-01-05", "2026-03-01"]
    assert days(chapter="处罚决定") == days(chapter="penalty_decided") == ["2026-03-01"]
    assert days(since="2026-01-05") == ["2026-01-05", "2026-01-05", "2026-03-01"]
    assert days(limit=1) == ["2026-03-01"]


def test_the_file_fits_wide_and_narrow_terminals_and_says_how_much_it_shows(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = enterprise.read(home, CODE)
    wide, narrow = shown(file, 140, monkeypatch), shown(file, 80, monkeypatch)
    for text in (wide, narrow):
        assert "信用橙色 62.5 分" in text and "档案共 4 件，所示 4 件；截至 2026-11-20" in text
    assert "金额（万元）" in wide and "5.08" in wide
    assert "处罚决定 应急局：处罚决定：罚款（5.08 万元）" in narrow


def test_what_is_open_now_stands_above_the_file_oldest_first(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    file = enterprise.read(home, CODE)
    assert [(t["todo_name"], str(t["since_on"])) for t in file.todos] == [
        ("隐患逾期未整改", "2026-09-01"),
        ("隐患逾期未整改", "2026-10-02"),
        ("脱保", "2026-11-01"),
    ]
    text = shown(file, 140, monkeypatch)
    assert "待办：隐患逾期未整改 2 件（最早 2026-09-01）、脱保 1 件（最早 2026-11-01）" in text
    assert json.loads(enterprise.as_json(file, []))["todos"][2]["what_to_do"] == "通知续保"
    assert "待办" not in shown(enterprise.read(home, "e2"), 140, monkeypatch)


def test_names_with_brackets_are_no_markup_and_an_empty_file_says_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(enterprise.read(home, "e3"), 100, monkeypatch)
    assert "[丙]店" in text and "没有这样的记载" in text


def test_json_has_exact_amounts_and_iso_days(home: Home) -> None:
    file = enterprise.read(home, CODE)
    told = json.loads(enterprise.as_json(file, file.events))
    assert (told["enterprise"]["uscc"], told["events"][3]["amount_yuan"]) == (CODE, "50800.00")
    assert told["events"][0]["event_on"] == "2025-07-01"
