"""Enforcement in the published city: stages, money, what is off the system, self-checks and duplicates against the truth."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds" / "inspection"


def _one(warehouse: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description]
    [row] = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def test_cases_and_money_come_to_the_truth_each_by_its_own_day(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    cases = _one(
        warehouse,
        "select count(*) as cases, count(decided_on) as decided, count(closed_on) as closed,"
        " count(suspension_from) as suspensions_with_term, count(closure_proposed_on) as closures_proposed,"
        " count(transferred_on) as transferred, count(dismissed_on) as dismissed,"
        " count(*) filter (is_over_limit) as over_90_days from inspection.fct_case",
    )
    paid = _one(
        warehouse,
        "select sum(case when money_kind = 'fine' and is_paid then paid_yuan else 0 end)::double as fine_paid_yuan,"
        " sum(case when money_kind = 'confiscation' and is_paid then paid_yuan else 0 end)::double as confiscation_paid_yuan,"
        " count(*) filter (instalments > 1) as instalments, count(*) filter (is_overdue) as overdue"
        " from inspection.fct_penalty_payment where told_by = 'payment'",
    )
    assert {**cases, **paid} == truth["marts"]["enforcement"]
    assert all(truth["marts"]["enforcement"].values())


def test_instalments_add_up_to_what_was_decided(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = warehouse.execute(
        "select case_key from inspection.fct_case join inspection.fct_penalty_payment using (case_key)"
        " group by case_key having sum(due_yuan) <>"
        " max(coalesce(fine_yuan, 0) + coalesce(confiscated_yuan, 0)) or count(distinct instalment_no) <>"
        " max(instalments)"
    ).fetchall()
    assert wrong == []


def test_what_the_case_system_never_heard_of_is_found(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    ours = warehouse.execute(
        "select inspection_id from inspection.rpt_off_system_penalty where problem_kind <> 'decided_without_notice'"
    ).fetchall()
    assert sorted(row[0] for row in ours) == sorted(row[0] for row in truth["marts"]["off_system"])
    assert ours


def test_self_checks_that_gloss_over_are_the_planted_ones(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    ours = warehouse.execute(
        "select department_code, inspection_id, gap_kind from inspection.rpt_self_check_gap where uscc is not null"
    ).fetchall()
    told = {tuple(row) for row in truth["marts"]["self_check_gap"]}
    assert {row[2] for row in told} == {"none_found", "far_less"}
    assert set(ours) == told


def test_duplicates_are_what_comparing_every_pair_finds(warehouse: duckdb.DuckDBPyConnection) -> None:
    with (SEEDS / "inspection_rule.csv").open(encoding="utf-8") as file:
        rules = {row["rule_code"]: int(float(row["rule_value"])) for row in csv.DictReader(file)}
    other, same = rules["duplicate_other_days"], rules["duplicate_same_days"]
    pairs = warehouse.execute(f"""
        select distinct later.inspection_key
        from inspection.fct_inspection as later
        join inspection.fct_inspection as earlier
            on later.entity_id = earlier.entity_id
            and (earlier.inspected_on, earlier.inspection_key) < (later.inspected_on, later.inspection_key)
            and later.inspected_on - earlier.inspected_on
                <= case when later.department_code = earlier.department_code then {same} else {other} end
        where later.inspection_kind not in ('recheck', 'complaint', 'accident', 'major_event', 'joint')
            and later.joint_task_no is null
            and earlier.inspection_kind not in ('recheck', 'complaint', 'accident', 'major_event')
    """).fetchall()
    ours = warehouse.execute("select inspection_key from inspection.rpt_duplicate_inspection").fetchall()
    assert set(ours) == set(pairs)
    joint = _one(
        warehouse, "select count(*) as n, min(department_count) as least from inspection.rpt_joint_inspection_plan"
    )
    assert joint["n"] > 0
    assert joint["least"] >= 2


def test_every_enterprise_of_the_key_list_meets_what_it_says(warehouse: duckdb.DuckDBPyConnection) -> None:
    broken = warehouse.execute("""
        select entity_id from inspection.rpt_key_enterprise
        where criteria_met < 2 or why = ''
            or criteria_met <> (penalties is not null)::int + (repeated_times is not null)::int
                + (overdue_hazards is not null)::int + (self_check_gaps is not null)::int + (duty_ratio is not null)::int
    """).fetchall()
    listed = _one(warehouse, "select count(*) as n from inspection.rpt_key_enterprise")
    overdue = warehouse.execute("""
        select k.entity_id from inspection.rpt_key_enterprise as k
        where k.overdue_hazards <> (
            select count(*) from inspection.fct_hazard as h where h.entity_id = k.entity_id and h.is_overdue
        )
    """).fetchall()
    assert (broken, overdue) == ([], [])
    assert listed["n"] > 0
