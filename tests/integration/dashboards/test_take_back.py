"""Edits made in the browser come back into their file, and nothing else does."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from dashboards import bundle, take_back
from dashboards.published.manifest import read_tables


@pytest.fixture(scope="module")
def contents(manifest_path: Path) -> dict[str, Any]:
    return bundle.assemble(read_tables(manifest_path), "", {})


def asset(kind: str, name: str) -> bundle.Asset:
    return next(item for item in bundle.load(kind) if item.name == name)


def as_superset_saves(content: dict[str, Any]) -> dict[str, Any]:
    """Superset adds its own ids to what it was given."""
    saved = copy.deepcopy(content)
    if "params" in saved:
        saved["params"] |= {"datasource": "17__table", "slice_id": 41, "dashboards": [3], "annotation_layers": []}
    for part in saved.get("position", {}).values():
        if isinstance(part, dict) and part.get("type") == "CHART":
            part["meta"]["chartId"] += 900
    for item in saved.get("metadata", {}).get("native_filter_configuration", []):
        item["scope"]["excluded"] = [number + 900 for number in item["scope"]["excluded"]]
        item["chartsInScope"] = [901, 902]
    return saved


@pytest.mark.parametrize("kind", ["charts", "dashboards"])
def test_what_nobody_edited_stays_as_it_is(kind: str, contents: dict[str, Any]) -> None:
    for item in bundle.load(kind):
        rendered = contents[f"{kind}/{item.name}.yaml"]
        assert take_back.merged(kind, item, rendered, as_superset_saves(rendered)) is None, item.name


def test_a_new_title_changes_the_title_alone(contents: dict[str, Any]) -> None:
    cards = asset("charts", "inspection_cards")
    edited = as_superset_saves(contents["charts/inspection_cards.yaml"]) | {"slice_name": "新标题"}
    assert take_back.merged("charts", cards, contents["charts/inspection_cards.yaml"], edited) == {
        **cards.content,
        "slice_name": "新标题",
    }


def test_short_forms_survive_an_edit_beside_them(contents: dict[str, Any]) -> None:
    cards = asset("charts", "inspection_cards")
    edited = as_superset_saves(contents["charts/inspection_cards.yaml"])
    edited["params"]["row_limit"] = 7
    new = take_back.merged("charts", cards, contents["charts/inspection_cards.yaml"], edited)
    assert new is not None
    assert new["params"]["row_limit"] == 7
    assert new["params"]["styleTemplate"] == "file:cards.css"
    assert new["params"]["metrics"] == cards.content["params"]["metrics"]


def test_a_moved_chart_keeps_the_numbers_of_the_file(contents: dict[str, Any]) -> None:
    page = asset("dashboards", "credit")
    edited = as_superset_saves(contents["dashboards/credit.yaml"])
    edited["position"]["CHART-credit_map"]["meta"]["width"] = 5
    new = take_back.merged("dashboards", page, contents["dashboards/credit.yaml"], edited)
    assert new is not None
    before = page.content["position"]["CHART-credit_map"]["meta"]
    assert new["position"]["CHART-credit_map"]["meta"] == {**before, "width": 5}
    assert new["css"] == "file:dashboard.css"
