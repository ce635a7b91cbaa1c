"""Lists of what to ask about and what is overdue, in the published city: suspicions, listed persons, what is displayed too long."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest


def _rows(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_accidents_that_nobody_reported_are_found_and_hardly_anything_else(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    listed = {
        record: row["last_event_on"]
        for row in _rows(warehouse, "select record_ids, last_event_on from accident.rpt_suspected_unreported")
        for record in row["record_ids"].split("、")
    }
    # a report of the last days may be on its way: such leads are not listed yet
    latest = max(listed.values())
    unreported = {r["record_id"] for r in truth["marts"]["unreported_records"] if r["event_on"] <= latest.isoformat()}
    assert len(unreported) > 5
    assert len(unreported & {*listed}) / len(unreported) >= 0.9
    assert len(unreported & {*listed}) / len(listed) >= 0.9


def test_accidents_reported_with_too_few_casualties_are_found_and_hardly_anything_else(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    columns = "accident_id, deaths_short, graves_short, is_graver"
    ours = {
        tuple(row.values()) for row in _rows(warehouse, f"select {columns} from accident.rpt_suspected_understated")
    }
    told = {tuple(row[c.strip()] for c in columns.split(",")) for row in truth["marts"]["understated_accidents"]}
    assert len(told) >= 3 and any(is_graver for *_, is_graver in told)
    # a labour office that writes a name wrong may hide one of them
    assert len(told & ours) >= len(told) - 1
    assert len(ours - told) <= 1


def test_the_road_death_rate_divides_all_road_deaths_by_all_vehicles(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    rows = _rows(
        warehouse,
        "select year(month_start) as year, numerator, value from accident.rpt_accident_indicator"
        " where indicator_code = 'road_deaths_per_10k_vehicles' and area_code = '320100' and month(month_start) = 12"
        " and value is not null",
    )
    told = {r["year"]: r for r in truth["marts"]["road_traffic_years"]}
    assert {int(r["year"]): int(r["numerator"]) for r in rows} == {y: r["deaths"] for y, r in told.items()}
    for row in rows:
        told_of_year = told[int(row["year"])]
        assert float(row["value"]) == pytest.approx(
            told_of_year["deaths"] / (told_of_year["vehicles"] / 10_000), abs=1e-6
        )


def test_a_lead_that_was_checked_is_no_longer_to_be_checked(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = _rows(warehouse, "select is_open, check_outcome, statement from accident.rpt_suspected_unreported")
    assert {row["is_open"] for row in rows} == {True, False}
    assert all(row["is_open"] == ("待核实" in row["statement"]) == (row["check_outcome"] is None) for row in rows)


def test_what_only_looks_like_an_unreported_accident_is_not_listed(warehouse: duckdb.DuckDBPyConnection) -> None:
    # the generator marks with D what it planted to mislead: commuting, illness, sudden death, not accepted, slight, a
    # reported one two days off
    rows = _rows(warehouse, "select record_ids from accident.rpt_suspected_unreported")
    assert [r for row in rows for r in row["record_ids"].split("、") if r.startswith("RS") and r[8] == "D"] == []


def test_listed_persons_are_shown_by_their_surname_alone(warehouse: duckdb.DuckDBPyConnection) -> None:
    shown = "select subject_name, uscc, entity_id from credit.fct_credit_list where subject_kind = 'person'"
    people = _rows(warehouse, shown)
    assert people
    assert all(len(p["subject_name"]) == 3 and p["subject_name"].endswith("**") for p in people)
    assert {(p["uscc"], p["entity_id"]) for p in people} == {(None, None)}  # nobody is his employer


def test_what_the_platform_shows_too_long_is_to_be_taken_down(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    [ours, todo] = (
        {(r["record_kind"], r["record_no"]) for r in _rows(warehouse, query)}
        for query in (
            "select 'penalty' as record_kind, case_no as record_no from credit.fct_credit_publicity"
            " where display_fault = 'not_withdrawn' and display_until <= as_of - 15"
            " union all select 'list_entry', entry_id from credit.fct_credit_list"
            " where is_withdrawal_overdue and least(removal_due_on, coalesce(removed_on, removal_due_on)) <= as_of - 15",
            "select case when source_key like '%HMD%' then 'list_entry' else 'penalty' end as record_kind,"
            " split_part(source_key, ':', 2) as record_no from credit.rpt_credit_todo where todo_kind = 'withdraw_display'",
        )
    )
    told = {(r["record_kind"], r["record_no"]) for r in truth["marts"]["displays_overdue"]}
    assert {kind for kind, _ in told} >= {"penalty"}
    assert ours == told
    assert told <= todo
