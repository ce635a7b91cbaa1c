"""Which nodes a build makes: those whose code, day or data changed, and all that is made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.dbt.changes import Changes, changes, columns_read, in_order, signatures_of, source_contents

DAY = date(2026, 11, 20)
FEED = "source.jgt.lake.yjgl__hazard"
LINKS = "source.jgt.entities.entity_link"
MACROS = {
    "macro.jgt.as_of": {"package_name": "jgt", "macro_sql": 'env_var("JGT_AS_OF")', "depends_on": {"macros": []}},
    "macro.jgt.half_up": {"package_name": "jgt", "macro_sql": "round", "depends_on": {"macros": []}},
}


def node(name: str, code: str, *parents: str, macros: tuple[str, ...] = ()) -> dict[str, Any]:
    kind = name.split(".")[0]
    return {
        "unique_id": name,
        "name": name.rpartition(".")[2],
        "resource_type": kind,
        "package_name": "jgt",
        "raw_code": code,
        "columns": {},
        "config": {"materialized": "table", "meta": {"label": "表"}},
        "depends_on": {"nodes": list(parents), "macros": list(macros)},
    }


def project() -> dict[str, Any]:
    nodes = [
        node("seed.jgt.band", ""),
        node("model.jgt.stg_hazard", "select * from hazard", FEED),
        node("model.jgt.stg_link", "select mention_key, entity_id from link -- records", LINKS),
        node("model.jgt.fct_hazard", "select 1", "model.jgt.stg_hazard", "model.jgt.stg_link"),
        node("model.jgt.rpt_overdue", "select 1", "model.jgt.fct_hazard", macros=("macro.jgt.as_of",)),
        node("model.jgt.fct_band", "select 1", "seed.jgt.band", macros=("macro.jgt.half_up",)),
        node("test.jgt.unique_fct_hazard", "select 1", "model.jgt.fct_hazard"),
        node("test.jgt.unique_fct_band", "select 1", "model.jgt.fct_band"),
    ]
    sources = {FEED: {"columns": {}}, LINKS: {"columns": dict.fromkeys(("mention_key", "entity_id", "records"))}}
    return {"nodes": {n["unique_id"]: n for n in nodes}, "sources": sources, "macros": MACROS, "metadata": {}}


def signed(
    manifest: dict[str, Any], hazard: str = "1", links: str = "1", day: date = DAY, settings: str = ""
) -> dict[str, str]:
    contents: dict[str, Callable[[frozenset[str] | None], str]] = {
        FEED: lambda columns: hazard,
        LINKS: lambda columns: f"{sorted(columns or ())} {links}",
    }
    return signatures_of(manifest, contents, day, settings)


def changed(before: dict[str, str], now: dict[str, str]) -> set[str]:
    return {name.rpartition(".")[2] for name in now if before.get(name) != now[name]}


BEFORE = signed(project())


def test_a_new_batch_reaches_all_that_is_made_of_its_feed_and_no_more() -> None:
    assert changed(BEFORE, signed(project(), hazard="2")) == {
        "stg_hazard",
        "fct_hazard",
        "rpt_overdue",
        "unique_fct_hazard",
    }


def test_another_day_reaches_only_what_asks_for_it() -> None:
    assert changed(BEFORE, signed(project(), day=date(2026, 11, 21))) == {"rpt_overdue"}


def test_a_macro_reaches_those_who_call_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MACROS, "macro.jgt.half_up", {**MACROS["macro.jgt.half_up"], "macro_sql": "ceil"})
    assert changed(BEFORE, signed(project())) == {"fct_band", "unique_fct_band"}


def test_a_label_is_no_change_of_the_rows() -> None:
    manifest = project()
    manifest["nodes"]["model.jgt.fct_band"]["config"]["meta"] = {"label": "新名称"}
    assert changed(BEFORE, signed(manifest)) == set()


def test_a_large_seed_that_dbt_knows_by_its_path_alone_is_read(tmp_path: Path) -> None:
    file = tmp_path / "street.csv"
    manifest = project()
    seed = manifest["nodes"]["seed.jgt.band"]
    seed |= {"checksum": {"name": "path", "checksum": "seeds/street.csv"}}
    seed |= {"root_path": str(tmp_path), "original_file_path": file.name}
    file.write_text("code,name\n1,甲\n")
    before = signed(manifest)
    file.write_text("code,name\n1,乙\n")
    assert changed(before, signed(manifest)) == {"band", "fct_band", "unique_fct_band"}


def test_the_projects_settings_reach_everything() -> None:
    assert changed(BEFORE, signed(project(), settings="vars: {city_code: 320200}")) == {
        name.rpartition(".")[2] for name in BEFORE
    }


def test_only_the_columns_that_are_named_are_looked_at() -> None:
    manifest = project()
    link = manifest["nodes"]["model.jgt.stg_link"]
    assert columns_read(manifest, link, LINKS) == {"mention_key", "entity_id"}  # a word in a comment is none
    assert columns_read(manifest, {**link, "raw_code": "select * from link"}, LINKS) is None
    assert columns_read(manifest, {**link, "depends_on": {"macros": ["macro.jgt.as_of"]}}, LINKS) is None
    assert columns_read(manifest, manifest["nodes"]["model.jgt.stg_hazard"], FEED) is None


def test_without_an_earlier_build_everything_is_made() -> None:
    assert changes(BEFORE, {}, "") == Changes(BEFORE, frozenset(BEFORE))


def test_where_most_changed_everything_is_made() -> None:
    now = {name: "other" if "fct" in name or "stg" in name else sign for name, sign in BEFORE.items()}
    assert changes(now, BEFORE, "r1").kept == frozenset()


def test_a_test_without_a_result_is_run() -> None:
    found = changes(BEFORE, BEFORE, "r1", ["test.jgt.unique_fct_band"])
    assert found.built == {"test.jgt.unique_fct_band"}
    assert found.source == "r1"


def test_kept_nodes_come_after_what_they_are_made_of() -> None:
    names = [n["name"] for n in in_order(project(), BEFORE)]
    assert set(names) == {"band", "stg_hazard", "stg_link", "fct_hazard", "rpt_overdue", "fct_band"}
    for first, then in (("stg_hazard", "fct_hazard"), ("stg_link", "fct_hazard"), ("fct_hazard", "rpt_overdue")):
        assert names.index(first) < names.index(then)


def test_a_source_is_read_where_the_state_folder_lies_now(tmp_path: Path) -> None:
    lake = tmp_path / "moved" / "lake"
    (lake / "ledger").mkdir(parents=True)
    file = lake / "ledger" / "batch.parquet"
    file.write_bytes(b"1")
    location = "read_parquet('/former/place/lake/ledger/batch.parquet', union_by_name = true)"
    manifest = {"sources": {"source.jgt.ledger.batch": {"config": {"meta": {"external_location": location}}}}}

    def content() -> str:
        return source_contents(manifest, [], lake)["source.jgt.ledger.batch"](None)

    before = content()
    assert content() == before
    file.write_bytes(b"2")
    assert content() != before


@given(st.sets(st.sampled_from(["hazard", "links", "day", "code"])))
def test_what_is_kept_is_made_of_kept_nodes_alone(what: set[str]) -> None:
    manifest = project()
    if "code" in what:
        manifest["nodes"]["model.jgt.stg_link"]["raw_code"] += " where true"
    now = signed(
        manifest,
        hazard="2" if "hazard" in what else "1",
        links="2" if "links" in what else "1",
        day=date(2026, 11, 21) if "day" in what else DAY,
    )
    kept = {name for name in now if BEFORE[name] == now[name]}
    for name in kept:
        assert {p for p in manifest["nodes"][name]["depends_on"]["nodes"] if p in now} <= kept
