"""Where contracts lie: those that ship, and an installation's own, which add to them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.feeds.loading import CONTRACTS, contract_paths, load_code_list, load_departments, load_feeds
from orchestration.dbt.render_contracts import rendered


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation's folder with a contract of a department that the product does not know."""
    folder = tmp_path / "own"
    (folder / "tyj").mkdir(parents=True)
    monkeypatch.setenv("JGT_CONTRACTS", str(folder))
    text = (CONTRACTS / "yjgl" / "inspection.yaml").read_text("utf-8").replace("yjgl", "tyj")
    (folder / "tyj" / "inspection.yaml").write_text(text, "utf-8")
    department = "code: tyj\nname: 体育局\nshort_name: 体育局\ndisplay_order: 900\n"
    (folder / "tyj" / "department.yaml").write_text(department, "utf-8")
    return folder


def test_own_contracts_add_to_those_that_ship(own: Path) -> None:
    feeds = load_feeds()
    assert feeds["tyj.inspection"].subject == "inspection"
    assert "yjgl.inspection" in feeds
    assert set(load_feeds(own)) == {"tyj.inspection"}
    assert "体育局" in {d["name"] for d in load_departments()}


def test_an_own_contract_of_the_same_feed_wins(own: Path) -> None:
    (own / "yjgl").mkdir()
    text = (CONTRACTS / "yjgl" / "inspection.yaml").read_text("utf-8").replace("version: 1.0.0", "version: 1.1.0")
    (own / "yjgl" / "inspection.yaml").write_text(text, "utf-8")
    assert load_feeds()["yjgl.inspection"].version == "1.1.0"
    assert contract_paths()["yjgl.inspection"].is_relative_to(own)


def test_an_own_code_list_is_found_beside_those_that_ship(own: Path) -> None:
    (own / "code_lists").mkdir()
    (own / "code_lists" / "venue_kind.csv").write_text("code,name\n01,游泳场所\n", "utf-8")
    assert load_code_list("venue_kind") == [{"code": "01", "name": "游泳场所"}]
    assert load_code_list("accident_type")


def test_an_own_staging_model_reaches_dbt(own: Path) -> None:
    (own / "tyj" / "models").mkdir()
    (own / "tyj" / "models" / "stg_tyj__venue.sql").write_text("select 1 as one\n", "utf-8")
    model = Path("generated/models/staging/tyj/stg_tyj__venue.sql")
    assert rendered(load_feeds())[model] == b"select 1 as one\n"
    shutil.rmtree(own / "tyj" / "models")
    assert model not in rendered(load_feeds())
