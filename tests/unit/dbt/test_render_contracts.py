"""What dbt is told of the contracts: complete, stable, and never rewritten without need."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from ingest.base.reasons import FILE_REASONS, ROW_REASONS
from ingest.feeds.model import load_feeds, load_subjects
from orchestration.dbt.render_contracts import render

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def feeds():
    return load_feeds()


@pytest.fixture
def project(tmp_path: Path, feeds) -> Path:
    render(feeds, tmp_path)
    return tmp_path


def test_every_feed_is_a_source_with_all_its_columns_and_lineage(project: Path, feeds) -> None:
    document = yaml.safe_load((project / "generated/models/_lake__sources.yml").read_text("utf-8"))
    lake = next(s for s in document["sources"] if s["name"] == "lake")
    tables = {t["config"]["meta"]["feed"]: t for t in lake["tables"]}
    assert set(tables) == set(feeds)
    for feed_id, feed in feeds.items():
        names = [c["name"] for c in tables[feed_id]["columns"]]
        assert names[: len(feed.columns)] == [c.name for c in feed.columns]
        assert {"_batch_id", "_batch_seq", "_file", "_row"} <= set(names)


def test_personal_columns_are_marked(project: Path) -> None:
    document = yaml.safe_load((project / "generated/models/_lake__sources.yml").read_text("utf-8"))
    lake = next(s for s in document["sources"] if s["name"] == "lake")
    enterprise = next(t for t in lake["tables"] if t["name"] == "scjg__enterprise")
    personal = {c["name"] for c in enterprise["columns"] if c.get("config", {}).get("meta", {}).get("personal")}
    assert personal == {"legal_representative", "phone"}


def test_a_second_rendering_writes_nothing(project: Path, feeds) -> None:
    before = {p: p.stat().st_mtime_ns for p in project.rglob("*") if p.is_file()}
    assert render(feeds, project) == []
    assert {p: p.stat().st_mtime_ns for p in project.rglob("*") if p.is_file()} == before


def test_only_what_changed_is_rewritten(project: Path, feeds) -> None:
    macros = project / "generated/macros/feed_maps.sql"
    macros.write_text("overwritten", "utf-8")
    assert render(feeds, project) == [macros]


def test_a_file_no_contract_asks_for_is_removed(project: Path, feeds) -> None:
    left_over = project / "generated/seeds/code_abolished.csv"
    left_over.write_text("code,name\n", "utf-8")
    assert render(feeds, project) == [left_over]
    assert not left_over.exists()


def test_road_accidents_reach_the_subject_under_its_own_names(project: Path) -> None:
    text = (project / "generated/macros/feed_maps.sql").read_text("utf-8")
    assert '"accident_id": "road_accident_id"' in text
    assert '"serious_injuries": "injuries"' in text
    assert '"accident_domain": "\'road\'"' in text


def test_all_subjects_are_declared(project: Path) -> None:
    text = (project / "generated/macros/feed_maps.sql").read_text("utf-8")
    for subject in load_subjects():
        assert f'"{subject}": ' in text


def test_codes_keep_their_leading_zeros(project: Path) -> None:
    with (project / "generated/seeds/code_accident_type.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert codes[0] == "01" and len(codes) == 20
    types = yaml.safe_load((project / "generated/seeds/_contracts__seeds.yml").read_text("utf-8"))
    declared = next(s for s in types["seeds"] if s["name"] == "code_accident_type")
    assert declared["config"]["column_types"]["code"] == "varchar"


def test_every_reason_of_refusal_is_known_to_dbt_under_its_declared_label(project: Path) -> None:
    with (project / "generated/seeds/contract_reason.csv").open(encoding="utf-8", newline="") as file:
        reasons = {row["code"]: row for row in csv.DictReader(file)}
    assert list(reasons) == [*FILE_REASONS, *ROW_REASONS]
    # GB 32100 is the standard of the code, and a wrong check digit a matter of accuracy
    assert reasons["USCC_CHECK"] == {
        "code": "USCC_CHECK",
        "label": "统一社会信用代码校验不通过（GB 32100）",
        "dimension": "accuracy",
    }


def test_every_feed_with_a_shape_of_its_own_has_a_described_staging_model() -> None:
    staging = ROOT / "dbt_project" / "models" / "staging"
    described = {m["name"] for m in yaml.safe_load((staging / "_staging__models.yml").read_text("utf-8"))["models"]}
    for feed in load_feeds().values():
        if feed.subject is None:
            name = f"stg_{feed.department}__{feed.name}"
            assert (staging / feed.department / f"{name}.sql").exists(), feed.id
            assert name in described, feed.id
