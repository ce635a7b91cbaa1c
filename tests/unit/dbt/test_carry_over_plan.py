"""What a build may carry over from the last good one: a table whose batches, code and file are as they were, and no other."""

from __future__ import annotations

import copy
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.storage.ledger import Batch, Ledger
from orchestration.dbt import carry_over
from orchestration.state.run_folder import KEPT_RUNS, RunFolder, last_good_link

A, B = "intermediate.int_a__last_sent", "intermediate.int_b__last_sent"


def node(name: str, kind: str, above: list[str], schema: str = "intermediate", macro: str = "") -> dict[str, Any]:
    return {
        "unique_id": f"model.jgt.{name}",
        "resource_type": "model",
        "schema": schema,
        "name": name,
        "raw_code": f"select * from {above}",
        "columns": {},
        "config": {"materialized": kind, "unique_key": ["id"], "meta": {}},
        "depends_on": {"nodes": above, "macros": [f"macro.jgt.{macro}"] if macro else []},
    }


def project() -> dict[str, Any]:
    """Two large feeds with their tables of latest versions, and a mart."""
    sources = {
        f"source.jgt.lake.yjgl__{f}": {
            "resource_type": "source",
            "columns": {"id": {"name": "id", "data_type": "varchar"}},
            "config": {"meta": {"feed": f"yjgl.{f}"}},
        }
        for f in "ab"
    }
    nodes = {}
    for f in "ab":
        nodes[f"model.jgt.stg_{f}"] = node(f"stg_{f}", "view", [f"source.jgt.lake.yjgl__{f}"], "staging", f"map_{f}")
        nodes[f"model.jgt.int_{f}__last_sent"] = node(f"int_{f}__last_sent", "incremental", [f"model.jgt.stg_{f}"])
    nodes["model.jgt.fct_a"] = node("fct_a", "table", ["model.jgt.int_a__last_sent"], "inspection")
    macros = {
        f"macro.jgt.map_{f}": {"package_name": "jgt", "macro_sql": f"a map of {f}", "depends_on": {"macros": []}}
        for f in "ab"
    }
    return {"nodes": nodes, "sources": sources, "macros": macros}


def enter(home: Home, feed: str, number: int, loaded: int = 100, sha256: str = "sha") -> str:
    """A batch on the ledger; returns its id."""
    batch_id = f"yjgl_{feed}_{number}"
    batch = Batch(
        batch_id, number, f"yjgl.{feed}", "yjgl", f"{number}.csv", f"{feed}{number}", 1, date(2026, 11, number), "r",
        "loaded", None, None, loaded, loaded, 0, 0, 0, f"raw/{batch_id}.parquet", sha256, False,
        datetime(2026, 11, number), None, content_id=f"{feed}{number}",
    )  # fmt: skip
    with Ledger(home.ledger) as ledger:
        ledger.rewrite([(batch, [], [])], [])
    return batch_id


def build(home: Home, run_id: str, manifest: dict[str, Any]) -> RunFolder:
    """A build that held both tables and was published."""
    folder = RunFolder(home, run_id)
    folder.begin()
    carry_over.note_state(home, folder, manifest)
    with duckdb.connect(str(folder.build_file)) as connection:
        connection.execute("create schema intermediate")
        for table in (A, B):
            connection.execute(f"create table {table} as select '{run_id}' as made_by, i as id from range(1000) t(i)")
    carry_over.keep(home, folder)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Five batches of each feed, all in the last good build."""
    home = Home(tmp_path / "home")
    home.ensure()
    for number in range(1, 6):
        enter(home, "a", number)
        enter(home, "b", number)
    build(home, "good", project())
    return home


def test_what_came_since_is_looked_at_whatever_its_day(home: Home) -> None:
    late = enter(home, "a", 9)
    plan = carry_over.plan(home, project())
    assert (plan.carried, plan.anew, plan.unseen, plan.source) == ({A: 1, B: 0}, {}, (late,), "good")


def test_a_batch_that_says_something_else_now_lets_its_tables_be_built_anew(home: Home) -> None:
    changed = enter(home, "a", 2, sha256="other bytes")
    plan = carry_over.plan(home, project())
    assert plan.carried == {B: 0}
    assert changed in plan.anew[A]


def test_a_batch_that_is_gone_does_too(home: Home) -> None:
    home.ledger.unlink()
    for number in range(1, 6):
        enter(home, "b", number)
    plan = carry_over.plan(home, project())
    assert (list(plan.carried), list(plan.anew)) == ([B], [A])


@pytest.mark.parametrize(
    ("path", "value", "anew"),
    [
        (("nodes", "model.jgt.stg_a", "raw_code"), "select 1", {A}),
        (("macros", "macro.jgt.map_b", "macro_sql"), "another map", {B}),
        (("sources", "source.jgt.lake.yjgl__a", "columns", "id", "data_type"), "bigint", {A}),
        (("nodes", "model.jgt.int_b__last_sent", "config", "unique_key"), ["id", "day"], {B}),
        (("nodes", "model.jgt.fct_a", "raw_code"), "select 1", set()),
    ],
    ids=["staging", "map of a contract", "type in a contract", "key", "a mart on top"],
)
def test_changed_code_counts_where_it_decides_what_the_table_holds(
    home: Home, path: tuple[str, ...], value: object, anew: set[str]
) -> None:
    manifest = copy.deepcopy(project())
    place = manifest
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert set(carry_over.plan(home, manifest).anew) == anew


def test_another_engine_version_builds_everything_anew(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb, "__version__", "99.0.0")
    assert set(carry_over.plan(home, project()).anew) == {A, B}


def test_where_most_is_new_the_table_is_built_anew(home: Home) -> None:
    enter(home, "a", 6, loaded=100_000)
    plan = carry_over.plan(home, project())
    assert (list(plan.carried), list(plan.anew)) == ([B], [A])


def test_a_full_refresh_can_be_asked_for(home: Home) -> None:
    plan = carry_over.plan(home, project(), full_refresh=True)
    assert (plan.carried, set(plan.anew)) == ({}, {A, B})


def test_without_a_good_build_nothing_is_carried(home: Home, tmp_path: Path) -> None:
    assert set(carry_over.plan(Home(tmp_path / "new"), project()).anew) == {A, B}
    good = last_good_link(home).resolve() / "jgt.duckdb"
    good.write_bytes(good.read_bytes()[:-1])  # cut short
    assert set(carry_over.plan(home, project()).anew) == {A, B}


def test_a_run_that_was_not_published_is_never_carried_over(home: Home) -> None:
    new = enter(home, "a", 7)
    broken = RunFolder(home, "broken")
    broken.begin()
    carry_over.note_state(home, broken, project())
    carry_over.carry(home, broken.build_file, carry_over.plan(home, project()))
    plan = carry_over.plan(home, project())
    assert (plan.source, plan.unseen) == ("good", (new,))


def test_the_carried_tables_and_the_unseen_batches_stand_in_the_new_file(home: Home, tmp_path: Path) -> None:
    new = enter(home, "b", 6)
    file = tmp_path / "new" / "jgt.duckdb"
    file.parent.mkdir()
    carry_over.carry(home, file, carry_over.plan(home, project()))
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute(f"select made_by, count(*) from {B} group by all").fetchall() == [("good", 1000)]
        assert connection.execute("from state.unseen_batch").fetchall() == [(new,)]


def test_a_good_build_whose_blocks_are_damaged_is_built_anew(home: Home, tmp_path: Path) -> None:
    good = last_good_link(home).resolve() / "jgt.duckdb"
    content = bytearray(good.read_bytes())
    for place in range(12288, len(content), 1000):
        content[place] ^= 1
    good.write_bytes(content)
    file = tmp_path / "new" / "jgt.duckdb"
    file.parent.mkdir()
    done, _ = carry_over.carry(home, file, carry_over.plan(home, project()))
    assert (done.carried, set(done.anew)) == ({}, {A, B})
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'intermediate'"
        ).fetchall() == [(0,)]


def test_the_good_build_outlives_runs_that_fail(home: Home) -> None:
    for number in range(KEPT_RUNS + 2):
        RunFolder(home, f"failed{number}").begin()
    assert carry_over.plan(home, project()).source == "good"


def test_people_are_told_what_is_built_anew_and_why(home: Home) -> None:
    enter(home, "b", 9)
    changed = enter(home, "a", 2, sha256="other bytes")
    told = carry_over.plan(home, project()).told()
    assert "good" in told
    assert "int_a__last_sent" in told
    assert changed in told
