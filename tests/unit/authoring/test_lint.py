"""`jgt feed check`: what is wrong is said with what, where, why and what to do; what ships passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.authoring.lint import Finding, lint
from ingest.feeds.loading import CONTRACTS, code_list_paths, load_feeds
from ingest.feeds.model import Column, Feed, Unit
from ingest.judging.judge import RULES
from orchestration.feed.catalogue import rules
from orchestration.feed.check import check, lines

FEEDS = load_feeds()
INSPECTION = FEEDS["yjgl.inspection"]


def found(feed: Feed) -> list[Finding]:
    return lint(feed, RULES, list(code_list_paths()))


def with_column(column: Column) -> Feed:
    return replace(INSPECTION, columns=(*INSPECTION.columns, column))


def test_no_contract_that_ships_has_an_error() -> None:
    assert [f for feed in FEEDS.values() for f in found(feed) if f.severity == "error"] == []


@pytest.mark.parametrize(
    ("column", "severity", "said"),
    [
        (Column("Rating", "评级", "string", "VARCHAR"), "error", "列名不合规则"),
        (Column("column_7", "栏目七", "string", "VARCHAR"), "warning", "占位名"),
        (Column("rating", "rating", "string", "VARCHAR"), "warning", "没有中文名称"),
        (Column("contact_name", "联系人姓名", "string", "VARCHAR"), "error", "个人信息"),
        (Column("holder_no", "证件号码", "string", "VARCHAR", rules=("gb11643",)), "error", "个人信息"),
        (Column("rating", "评级", "string", "VARCHAR", rules=("gb99999",)), "error", "未知规则"),
        (Column("rating", "评级", "string", "VARCHAR", code_list="stars"), "error", "没有码表 stars"),
        (Column("rating", "评级", "string", "VARCHAR", keeps_unknown=True), "error", "没有代码表的列"),
        (
            Column("rating", "评级", "string", "VARCHAR", codes=(("甲", "a"),), keeps_unknown=True, is_personal=True),
            "error",
            "个人信息列",
        ),
        (
            Column("place_code", "所在地", "string", "VARCHAR", code_list="district", keeps_unknown=True),
            "error",
            "区划列",
        ),
        (Column("rated", "评级日期", "date", "DATE"), "warning", "_on"),
        (Column("urgent", "是否紧急", "boolean", "BOOLEAN"), "warning", "is_"),
        (Column("fee", "费用（万元）", "number", "DECIMAL(18,2)", unit=Unit("万元", "元", 10_000)), "warning", "_yuan"),
        (Column("score", "得分", "number", "DECIMAL(18,2)", is_key=True), "error", "小数不能作主键"),
        (Column("rating", "评级", "string", "VARCHAR", description="待确认：中文名称"), "warning", "待确认"),
    ],
)
def test_each_fault_is_found_and_said_with_a_remedy(column: Column, severity: str, said: str) -> None:
    [finding] = [f for f in found(with_column(column)) if column.label in f.where and said in f.what + f.todo]
    assert finding.severity == severity
    assert finding.why
    assert finding.todo


def test_the_catalogue_says_what_becomes_of_a_code_on_no_list() -> None:
    said = {
        name: rules(FEEDS["yjgl.accident"].column(name)) for name in ("accident_type_code", "record_status", "place")
    }
    assert "表外代码照样收下，计为未知" in said["accident_type_code"]
    assert "表外代码退回" in said["record_status"]
    assert said["place"] == []


def test_a_subject_without_its_key_does_not_reach_the_marts() -> None:
    columns = tuple(replace(c, name="visit_id") if c.name == "inspection_id" else c for c in INSPECTION.columns)
    [finding] = [f for f in found(replace(INSPECTION, columns=columns)) if f.severity == "error"]
    assert "inspection_id" in finding.what


def test_a_shape_of_its_own_needs_a_described_staging_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JGT_CONTRACTS", str(tmp_path))
    text = (CONTRACTS / "yjgl" / "standardization.yaml").read_text("utf-8").replace("standardization", "level_rating")
    (tmp_path / "yjgl" / "models").mkdir(parents=True)
    (tmp_path / "yjgl" / "level_rating.yaml").write_text(text, "utf-8")

    def errors() -> list[str]:
        return [f.what for f in check(["yjgl.level_rating"])[0] if f.severity == "error"]

    assert errors() == ["没有 staging 模型"]
    model = tmp_path / "yjgl" / "models" / "stg_yjgl__level_rating.sql"
    model.write_text('{{ stage_feed("yjgl.level_rating") }}\n', "utf-8")
    assert errors() == ["没有中文说明"]
    described = "models:\n- name: stg_yjgl__level_rating\n  description: 达标级别，一次报送一行。\n"
    (tmp_path / "yjgl" / "models" / "_models.yml").write_text(described, "utf-8")
    assert errors() == []


def test_a_contract_that_cannot_be_read_is_one_error_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JGT_CONTRACTS", str(tmp_path))
    (tmp_path / "yjgl").mkdir()
    (tmp_path / "yjgl" / "broken.yaml").write_text("id: [", "utf-8")
    findings, _ = check(["yjgl.broken", "yjgl.inspection"])
    assert [f.severity for f in findings] == ["error"]
    assert "yjgl.broken" in lines(findings, 2)[0]
