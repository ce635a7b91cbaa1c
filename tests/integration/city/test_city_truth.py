"""From files to published marts: every figure is what the generator knows to be true, not what we computed before."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.storage.ledger import Ledger


def _rows(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _by(rows: list[dict[str, Any]], keys: tuple[str, ...], measures: tuple[str, ...]) -> dict[tuple[Any, ...], Any]:
    table = {tuple(row[k] for k in keys): tuple(row[m] for m in measures) for row in rows}
    assert len(table) == len(rows), f"{keys} is no key"
    return table


def _differences(true: dict[Any, Any], ours: dict[Any, Any]) -> dict[Any, Any]:
    """Where the two disagree: key → (true, ours). A key that is missing on one side is a difference too."""
    return {k: (true.get(k), ours.get(k)) for k in sorted({*true, *ours}) if true.get(k) != ours.get(k)}


def test_every_row_is_accounted_for_as_the_truth_says(published_home: Home, truth: dict[str, Any]) -> None:
    measures = ("received", "loaded", "refused", "duplicate")
    with Ledger(published_home.ledger) as ledger:
        ours = _by([dict(r) for r in ledger.balance()], ("feed",), measures)
    assert _differences(_by(truth["ledger"], ("feed",), measures), ours) == {}


def test_every_file_came_out_as_the_truth_says(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    query = "select file as path, status, reason_code as reason, received, loaded, refused, duplicate from quality.fct_batch"
    measures = ("status", "reason", "received", "loaded", "refused", "duplicate")
    assert (
        _differences(_by(truth["files"], ("path",), measures), _by(_rows(warehouse, query), ("path",), measures)) == {}
    )


def test_every_refusal_has_the_planted_reason(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    query = "select feed, reason_codes, count(*) as n from quality.fct_quarantine_row group by feed, reason_codes"
    ours: dict[tuple[str, str], int] = {}
    for row in _rows(warehouse, query):
        for code in row["reason_codes"].split(","):
            ours[row["feed"], code.strip()] = ours.get((row["feed"], code.strip()), 0) + row["n"]
    told = {
        (row["feed"], code): count
        for row in truth["ledger"]
        for code, count in row["refused_by_reason"].items()
        if not code.startswith("FILE_")  # a file refused whole has no rows in quarantine
    }
    assert _differences(told, ours) == {}


def test_every_repair_is_recorded(published_home: Home, truth: dict[str, Any]) -> None:
    kinds = tuple(truth["repairs"])
    change = duckdb.read_parquet(str(published_home.lake / "ledger" / "change.parquet"))  # noqa: F841  (named in the query)
    found = duckdb.sql("select change_kind, sum(rows)::bigint from change group by 1").fetchall()
    assert {kind: count for kind, count in found if kind in kinds} == truth["repairs"]


def test_accidents_by_month_area_and_domain(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    keys = ("month_start", "area_code", "accident_domain")
    measures = ("accidents", "deaths", "serious_injuries", "relatively_serious_or_above")
    first = min(row["month_start"] for row in truth["marts"]["accident_month"])
    ours = _rows(warehouse, f"select * from accident.agg_accident_month where month_start >= '{first}'")
    told = _by(truth["marts"]["accident_month"], keys, measures)
    assert sum(v[0] for v in told.values()) > 0
    assert _differences(told, _by(ours, keys, measures)) == {}


def test_accidents_that_do_not_count_are_kept_and_marked(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    [ours] = _rows(
        warehouse,
        "select count(*) filter (where is_written_off) as written_off,"
        " count(*) filter (where vehicle_kind = 'non_operating') as not_operating_vehicle,"
        " count(*) filter (where exclusion_code = 'below_threshold') as below_threshold,"
        " count(*) filter (where not is_statistical) as not_statistical from accident.fct_accident",
    )
    told = truth["marts"]["accidents_excluded"]
    assert ours == {name: told[name] for name in ours}


def test_inspections_hazards_and_penalties_by_month(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    keys = ("month_start", "area_code", "department_code")
    measures = (
        "inspections",
        "hazards_found",
        "hazards_due",
        "hazards_rectified",
        "hazards_rectified_on_time",
        "penalties_decided",
        "fine_yuan",
    )
    told = _by(truth["marts"]["inspection_month"], keys, measures)
    first = min(key[0] for key in told)
    ours = _rows(warehouse, f"select * from inspection.agg_inspection_month where month_start >= '{first}'")
    # the fire brigade sends neither hazards nor penalties one by one: mart and truth say null there
    assert {row[m] for row in ours if row["department_code"] == "xfjy" for m in measures[1:]} == {None}
    assert _differences(told, _by(ours, keys, measures)) == {}


def test_rectification_ratio_of_the_city_is_the_true_one(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    city = [
        r for r in truth["marts"]["inspection_month"] if r["area_code"] == "320100" and r["hazards_due"] is not None
    ]
    true_ratio = sum(r["hazards_rectified"] for r in city) / sum(r["hazards_due"] for r in city)
    [ours] = _rows(
        warehouse,
        "select cast(sum(hazards_rectified) as double) / sum(hazards_due) as ratio"
        " from inspection.agg_inspection_month where area_code = '320100'",
    )
    assert ours["ratio"] == pytest.approx(true_ratio, abs=1e-12)


def test_who_must_be_insured_and_who_is(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    keys, measures = (
        ("month_start", "area_code"),
        (
            *("in_scope_enterprises", "insured_enterprises", "lapsed_enterprises", "premium_signed_yuan"),
            *("policies_in_force", "incurred_yuan", "claims_settled", "days_to_settle_total"),
        ),
    )
    told = _by(truth["marts"]["insurance_month"], keys, measures)
    first = min(key[0] for key in told)
    ours = _rows(warehouse, f"select * from insurance.agg_insurance_month where month_start >= '{first}'")
    assert _differences(told, _by(ours, keys, measures)) == {}


def test_premium_of_the_co_insurers_is_theirs_by_share_and_earned_by_the_day(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    told = {row["insurer"]: row for row in truth["marts"]["insurance_insurer"]}
    ours = _rows(
        warehouse,
        "select insurer, sum(premium_signed_yuan) as premium, count(*) as policies"
        " from insurance.fct_policy_share where entity_id is not null group by insurer",
    )
    assert {row["insurer"]: row["policies"] for row in ours} == {k: row["shared_policies"] for k, row in told.items()}
    for row in ours:  # a cent a policy may be the next company's
        assert row["premium"] == pytest.approx(told[row["insurer"]]["premium_signed_yuan"], abs=0.01 * row["policies"])
    [earned] = truth["marts"]["insurance_earned"]
    first = min(row["month_start"] for row in truth["marts"]["insurance_month"])
    [our] = _rows(
        warehouse,
        "select sum(earned_premium_yuan) as yuan from insurance.agg_insurance_month"
        f" where area_code = '320100' and month_start >= '{first}'",
    )
    policies = truth["marts"]["row_counts"]["insurance.fct_policy"]
    assert our["yuan"] == pytest.approx(earned["earned_premium_yuan"], abs=0.02 * policies)


def test_what_each_disaster_cost(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    keys, measures = ("event_no",), ("batches", "households", "approved_yuan", "paid_yuan")
    told = _by(truth["marts"]["disaster_event"], keys, measures)
    ours = _rows(warehouse, "select * from insurance.rpt_disaster_event where area_code = '320100'")
    assert told
    assert _differences(told, _by(ours, keys, measures)) == {}


def test_credit_colours_of_the_last_month(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    keys, measures = ("area_code", "colour"), ("enterprises",)
    told = _by(truth["marts"]["credit_last_month"], keys, measures)
    query = (
        "select * from credit.agg_credit_month"
        " where month_start = (select max(month_start) from credit.agg_credit_month)"
    )
    assert _differences(told, _by(_rows(warehouse, query), keys, measures)) == {}


def test_events_that_count_in_the_last_month_and_the_sum_of_all_scores(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    query = """
        with latest as (select max(month_start) as month_start from credit.fct_credit_score)
        select e.event_kind, count(*) as events, cast(sum(p.points) as bigint) as points
        from credit.fct_credit_score_part as p join latest using (month_start)
            join credit.fct_credit_event as e using (event_id)
        where p.part_kind = 'event'
        group by e.event_kind
        union all
        select 'score', count(*), cast(sum(score) as bigint)
        from credit.fct_credit_score join latest using (month_start)
    """
    told = _by(truth["marts"]["credit_events_counting"], ("event_kind",), ("events", "points"))
    assert len(told) > 5
    assert _differences(told, _by(_rows(warehouse, query), ("event_kind",), ("events", "points"))) == {}


def test_who_must_be_off_a_credit_list_and_is(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    query = """
        select
            list_kind,
            subject_kind,
            count(*) as entries,
            count(removed_on) as removed,
            count(*) filter (removal_due_on <= as_of) as removal_due,
            count(*) filter (list_state = 'removal_overdue') as removal_overdue
        from credit.fct_credit_list
        group by list_kind, subject_kind
    """
    measures = ("entries", "removed", "removal_due", "removal_overdue")
    keys = ("list_kind", "subject_kind")
    told = _by(truth["marts"]["credit_lists"], keys, measures)
    assert {kind for _, kind in told} == {"enterprise", "agency", "person"}
    assert _differences(told, _by(_rows(warehouse, query), keys, measures)) == {}


def test_facts_hold_as_many_rows_as_there_are(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    # places that no register knows stand in the dimension too, and are counted by their own test
    own = {"core.dim_enterprise": "where is_registered"}
    ours = {
        table: _rows(warehouse, f"select count(*) as n from {table} {own.get(table, '')}")[0]["n"]
        for table in truth["marts"]["row_counts"]
    }
    assert ours == truth["marts"]["row_counts"]


def test_tips_and_work_orders_come_to_the_last_word_on_each(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    [told] = _rows(
        warehouse,
        "select * from (select count(*) as tips, count(*) filter (is_closed) as tips_closed,"
        " count(*) filter (is_verified) as tips_verified, count(*) filter (is_overdue) as tips_overdue,"
        " coalesce(sum(reward_yuan), 0)::double as reward_yuan from inspection.fct_tip),"
        " (select count(*) as orders, count(*) filter (is_closed) as orders_closed,"
        " count(*) filter (is_overdue) as orders_overdue from inspection.fct_work_order)",
    )
    assert told == truth["marts"]["signals"]
    assert told["tips_overdue"] and told["orders_overdue"]


def test_the_file_of_an_enterprise_has_a_chapter_from_every_feed_that_names_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    from ingest.feeds.loading import load_feeds
    from ingest.matching.mentions import identity_columns

    # an expert's appointment is a person's matter, not the employer's
    naming = {f.id for f in load_feeds().values() if identity_columns(f)} - {"yjgl.expert"}
    told = {row["source_feed"] for row in _rows(warehouse, "select distinct source_feed from core.rpt_enterprise_file")}
    assert naming - told == set()


def test_at_least_eight_indicators_are_scored_for_every_district_and_month(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    [scored] = _rows(
        warehouse,
        "select min(n) as fewest, max(n) as most, count(*) as cells from ("
        "  select month_start, area_code, count(distinct indicator_code) as n"
        "  from assessment.fct_assessment_score group by month_start, area_code)",
    )
    assert scored["fewest"] >= 8
    assert scored["fewest"] == scored["most"]
    assert scored["cells"] % 12 == 0  # eleven districts and 江北新区


def test_no_personal_data_is_published(warehouse: duckdb.DuckDBPyConnection, published_home: Home) -> None:
    from ingest.feeds.loading import load_feeds

    personal = {c.name for feed in load_feeds().values() for c in feed.columns if c.is_personal}
    assert personal
    columns = _rows(warehouse, "select table_schema, table_name, column_name from information_schema.columns")
    assert [c for c in columns if c["column_name"] in personal] == []


def test_the_status_is_machine_readable(
    published_home: Home, jgt: Callable[..., subprocess.CompletedProcess[str]], truth: dict[str, Any]
) -> None:
    shown = jgt(published_home, "status", "--json")
    assert shown.returncode == 0, shown.stderr
    state = json.loads(shown.stdout)
    assert state["published"]["as_of"] == truth["as_of"]
    assert state["published"]["is_synthetic"] is True
    assert state["balanced"] is True
    assert sum(r["rows"] for r in state["unknown_codes"]) == sum(r["rows"] for r in truth["kept_unknown"]) > 0
    assert {row["feed"] for row in state["ledger"]} >= {row["feed"] for row in truth["ledger"]}
    assert [row["file"] for row in state["refused_files"]] == [
        row["path"] for row in truth["files"] if row["status"] == "refused"
    ]
    in_refused_files = sum(row["refused"] for row in truth["files"] if row["status"] == "refused")
    waiting = sum(row["waiting"] for row in state["ledger"])
    assert waiting == sum(row["refused_by_reason"].get("REFERENCE_MISSING", 0) for row in truth["ledger"]) > 0
    assert state["quarantine_open"] + waiting == sum(row["refused"] for row in truth["ledger"]) - in_refused_files
    assert {row["state"] for row in state["freshness"]} <= {"fresh", "late", "never"}


def test_a_second_run_with_nothing_new_changes_nothing(
    published_home: Home, jgt: Callable[..., subprocess.CompletedProcess[str]], truth: dict[str, Any]
) -> None:
    before = (published_home.serving / "current").resolve()
    ran = jgt(published_home, "run", "--date", truth["as_of"])
    assert ran.returncode == 0
    assert (published_home.serving / "current").resolve() == before
