"""What dbt is told of the contracts: complete, and under its declared names."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import yaml

from ingest.base.reasons import FILE_REASONS, ROW_REASONS
from ingest.feeds.loading import load_feeds, load_subjects
from orchestration.dbt.render_contracts import rendered

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def feeds():
    return load_feeds()


@pytest.fixture(scope="module")
def project(feeds) -> dict[str, str]:
    """Text by path in the project."""
    return {path.as_posix(): content.decode("utf-8") for path, content in rendered(feeds).items()}


def test_every_feed_is_a_source_with_all_its_columns_and_lineage(project: dict[str, str], feeds) -> None:
    document = yaml.safe_load(project["generated/models/_lake__sources.yml"])
    lake = next(s for s in document["sources"] if s["name"] == "lake")
    tables = {t["config"]["meta"]["feed"]: t for t in lake["tables"]}
    assert set(tables) == set(feeds)
    for feed_id, feed in feeds.items():
        names = [c["name"] for c in tables[feed_id]["columns"]]
        assert names[: len(feed.columns)] == [c.name for c in feed.columns]
        assert {"_batch_id", "_batch_seq", "_file", "_row"} <= set(names)


def test_personal_columns_are_marked(project: dict[str, str]) -> None:
    document = yaml.safe_load(project["generated/models/_lake__sources.yml"])
    lake = next(s for s in document["sources"] if s["name"] == "lake")
    enterprise = next(t for t in lake["tables"] if t["name"] == "scjg__enterprise")
    personal = {c["name"] for c in enterprise["columns"] if c.get("config", {}).get("meta", {}).get("personal")}
    assert personal == {"legal_representative", "phone"}


def test_road_accidents_reach_the_subject_under_its_own_names(project: dict[str, str]) -> None:
    text = project["generated/macros/feed_maps.sql"]
    assert '"accident_id": "road_accident_id"' in text
    assert '"serious_injuries": "injuries"' in text
    assert '"accident_domain": "\'road\'"' in text


def test_all_subjects_are_declared(project: dict[str, str]) -> None:
    text = project["generated/macros/feed_maps.sql"]
    for subject in load_subjects():
        assert f'"{subject}": ' in text


def test_codes_keep_their_leading_zeros(project: dict[str, str]) -> None:
    file = io.StringIO(project["generated/seeds/code_accident_type.csv"])
    codes = [row["code"] for row in csv.DictReader(file)]
    assert codes[0] == "01" and len(codes) == 20
    types = yaml.safe_load(project["generated/seeds/_contracts__seeds.yml"])
    declared = next(s for s in types["seeds"] if s["name"] == "code_accident_type")
    assert declared["config"]["column_types"]["code"] == "varchar"


def test_every_reason_of_refusal_is_known_to_dbt_under_its_declared_label(project: dict[str, str]) -> None:
    file = io.StringIO(project["generated/seeds/contract_reason.csv"])
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
