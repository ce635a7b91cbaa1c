"""A rule names tables and columns that are there; where one is gone, the rule is an error and never falls silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from quality.mart_rules import RULES, Bound, MartRules, Misfit, PartOfWhole, misfits
from quality.mart_suites import mart_suites, misfit_results
from quality.outcome import blocks_publishing
from tests.support.small_warehouse import manifest

MARTS = Path(__file__).parents[3] / "dbt_project" / "models" / "marts"
MONTH = "accident.agg_accident_month"
GRID = (MONTH, ("month_start", "area_code", "accident_domain"))
SMALL = MartRules(
    bounds=(Bound("^deaths$", 0, None, (MONTH, "accident.fct_accident")),),
    parts=(PartOfWhole("deaths", "accidents", (MONTH,)),),
    grids=(GRID,),
)


def declared_models() -> Iterator[tuple[str, dict[str, Any]]]:
    """`schema.table` and the YAML of every mart model of the project."""
    for path in sorted(MARTS.glob("*/_*.yml")):
        for model in yaml.safe_load(path.read_text("utf-8")).get("models") or ():
            yield f"{path.parent.name}.{model['name']}", model


@pytest.fixture(scope="module")
def project() -> dict[str, set[str]]:
    return {table: {column["name"] for column in model["columns"]} for table, model in declared_models()}


def test_every_rule_fits_the_models_of_the_project(project: dict[str, set[str]]) -> None:
    assert list(misfits(RULES, project)) == []


def test_every_table_that_has_a_part_and_its_whole_is_named(project: dict[str, set[str]]) -> None:
    for rule in RULES.parts:
        assert set(rule.tables) == {t for t, names in project.items() if {rule.part, rule.whole} <= names}, rule


def test_every_column_that_a_rule_names_is_missed_when_it_is_renamed(project: dict[str, set[str]]) -> None:
    named = {(t, c) for rule in RULES.parts for t in rule.tables for c in (rule.part, rule.whole)}
    named |= {(t, c) for t, columns in (*RULES.grids, *RULES.publishers_keys) for c in columns}
    for table, column in named:
        renamed = {**project, table: project[table] - {column} | {f"{column}_renamed"}}
        assert (table, column) in {(m.table, m.column) for m in misfits(RULES, renamed)}


def test_rules_that_fit_are_checks_and_no_error() -> None:
    suites = {s.subject: {c.check_id.split(".", 3)[-1] for c in s.checks} for s in mart_suites(manifest(), SMALL)}
    assert {"deaths.between", "deaths_within_accidents", "grid.complete"} <= suites[MONTH]
    assert misfit_results(manifest(), "r1", SMALL) == []


def test_a_renamed_column_turns_every_rule_of_it_to_an_error_that_blocks() -> None:
    changed = manifest()
    columns = changed["nodes"]["model.jgt.agg_accident_month"]["columns"]
    columns["killed"] = {**columns.pop("deaths"), "name": "killed"}
    found = misfit_results(changed, "r1", SMALL)
    assert {r.check_id for r in found} == {
        f"mart.{MONTH}.bound.^deaths$.names",
        f"mart.{MONTH}.deaths_within_accidents.deaths.names",
    }
    assert {r.outcome for r in found} == {"error"}
    assert all(MONTH in r.message and "deaths" in r.message and "mart_rules.py" in r.message for r in found)
    assert {r.owner for r in found} == {"analyst"}
    assert blocks_publishing(found)


def test_no_two_results_of_lost_names_share_an_id() -> None:
    found = misfit_results(manifest(), "r1", RULES)  # nearly nothing of the project is in this small warehouse
    assert len({r.check_id for r in found}) == len(found)


def test_a_table_that_is_gone_and_a_bound_that_fits_nowhere_are_errors() -> None:
    rules = replace(SMALL, bounds=(Bound("^absent$", 0, 1),), grids=(("core.gone", ("month_start",)),))
    known = {MONTH: ("deaths", "accidents")}
    assert list(misfits(rules, known)) == [
        Misfit("bound", None, "^absent$"),
        Misfit("grid", "core.gone", "month_start"),
    ]
    messages = [r.message for r in misfit_results(manifest(), "r1", rules)]
    assert "没有一张集市表有名如 ^absent$ 的列" in messages[0]
    assert "没有表 core.gone" in messages[1]
