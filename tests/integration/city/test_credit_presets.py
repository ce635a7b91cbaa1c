"""Credit under each preset, through dbt itself: the same events, another line of configuration, another history.

What reaches the credit models is written here by hand, so that every score can be worked out from the rules' text. The
judging of colours (lift) is worked out once more in Python, by other means than the SQL's.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.feeds.loading import load_feeds
from orchestration.dbt.project import assembled, write

NANJING, LIANYUNGANG, TIANJIN = "nanjing_four_colour_v2", "lianyungang_100_v1", "tianjin_12_v1"
PRESETS = (NANJING, LIANYUNGANG, TIANJIN)
Z95 = 1.959964  # two-sided normal quantile of 95 %

# What the credit models read, with the columns that they read; empty unless filled below.
LINEAGE = (
    "_is_withdrawn boolean, _version_at timestamp, _batch_seq bigint, _row bigint, _batch_id varchar, _sheet varchar"
)
GIVEN = """
create schema staging; create schema intermediate; create schema core; create schema accident;
create table intermediate.int_inspection__penalty_latest (department_code varchar, case_no varchar, decision_no varchar, uscc varchar,
    enterprise_name varchar, decided_on date, penalty_kind varchar, fine_yuan decimal(18, 2), paid_on date);
create table intermediate.int_inspection__hazard_latest (department_code varchar, hazard_id varchar, uscc varchar, level varchar,
    found_on date, deadline_on date, rectified_on date, rechecked_on date,
    recheck_result varchar);
create table accident.fct_accident (accident_id varchar, accident_domain varchar, uscc varchar, occurred_on date,
    deaths bigint, is_statistical boolean, is_concealed boolean, is_relatively_serious_or_above boolean);
create table intermediate.int_accident__latest (accident_id varchar, accident_domain varchar, department_code varchar);
create table staging.stg_credit_listing (department_code varchar, entry_id varchar, uscc varchar, enterprise_name varchar,
    list_kind varchar, basis varchar, decided_by varchar, listed_on date, valid_until date, removed_on date,
    subject_kind varchar, person_name varchar, post varchar, employer_uscc varchar, employer_name varchar,
    district_code varchar, source_feed varchar, LINEAGE);
create table staging.stg_fgw__credit_repair (department_code varchar, repair_id varchar, case_no varchar, entry_id varchar,
    uscc varchar, applied_on date, accepted_on date, decided_on date, decision varchar, LINEAGE);
create table staging.stg_fgw__credit_repair_person (department_code varchar, repair_id varchar, entry_id varchar,
    applied_on date, accepted_on date, decided_on date, decision varchar, LINEAGE);
create table staging.stg_fgw__publicity_display (display_no varchar, record_kind varchar, record_no varchar, uscc varchar,
    displayed_on date, display_state varchar, withdrawn_on date, LINEAGE);
create table staging.stg_fgw__credit_commitment (department_code varchar, commitment_id varchar, uscc varchar,
    fulfilment varchar, verified_on date, LINEAGE);
create table staging.stg_yjgl__standardization (department_code varchar, certificate_no varchar, uscc varchar,
    level varchar, granted_on date, valid_until date, revoked_on date, LINEAGE);
create table staging.stg_yjgl__risk_report (department_code varchar, report_id varchar, uscc varchar, due_on date,
    submitted_on date, review_status varchar, reviewed_on date, LINEAGE);
create table intermediate.int_inspection__tip_last_sent (department_code varchar, tip_id varchar, category varchar, received_at timestamp,
    closed_on date, is_verified boolean, _mention_key varchar, LINEAGE);
create table staging.stg_enterprise (entity_id varchar, status varchar, _version_at timestamp);
create table intermediate.int_inspection__self_check_latest (uscc varchar, checked_on date, hazards_found bigint);
create table intermediate.int_core__key_supervision_latest (uscc varchar, listed_on date, delisted_on date);
create table intermediate.int_core__mention_entity (mention_key varchar, method varchar, decided_by varchar, uscc varchar);
create table intermediate.int_core__enterprise (entity_id varchar, uscc varchar, kind varchar, district_code varchar,
    functional_zone_code varchar, is_active boolean, established_on date, name varchar, district_name varchar);
create view intermediate.int_core__uscc_entity as
    select *, cast(null as varchar) as enterprise_name from intermediate.int_core__enterprise;
create table core.dim_date as
    select d::date as date_day, isodow(d) < 6 as is_workday, date_trunc('month', d)::date as month_start
    from generate_series(date '2022-01-01', date '2027-12-31', interval 1 day) as t(d);
create view intermediate.int_core__measuring_month as
    select distinct month_start, least(last_day(month_start), date '2026-11-20') as measured_on
    from core.dim_date where month_start between '2023-11-01' and '2026-11-01';
create table core.dim_district as
    select * from (values ('320100', '南京市', 'city', 0::bigint), ('320102', '玄武区', 'district', 1::bigint))
        as t(area_code, area_name, area_level, area_order);
create table core.dim_department as select 'yjgl' as department_code, '应急管理局' as department_name;
"""
FACTS = """
insert into intermediate.int_core__enterprise
    select e, e, 'enterprise', '320102', null, true, date '2020-01-01', e, '玄武区'
    from (values ('clean'), ('fined'), ('fatal'), ('careless'), ('listed'), ('star')) as t(e);
insert into intermediate.int_inspection__penalty_latest values
    ('yjgl', 'fine', null, 'fined', null, '2025-12-20', 'fine', 60000, '2026-01-05');
insert into accident.fct_accident values ('death', 'work', 'fatal', '2026-03-05', 1, true, false, false);
insert into intermediate.int_inspection__hazard_latest
    select 'yjgl', 'late' || n, 'careless', 'general', date '2026-02-01', date '2026-03-01', null, null, null from range(13) as t(n);
insert into staging.stg_credit_listing (department_code, entry_id, uscc, list_kind, listed_on, valid_until) values
    ('fgw', 'b', 'listed', 'black', '2025-06-01', '2028-05-31');
-- a listed person is not his employer: the clean stay clean
insert into staging.stg_credit_listing
    (source_feed, department_code, entry_id, list_kind, subject_kind, person_name, employer_uscc, listed_on, valid_until)
    values ('fgw.credit_list_person', 'fgw', 'b', 'black', 'person', '张三', 'clean', '2025-06-01', '2028-05-31');
insert into staging.stg_yjgl__standardization (department_code, certificate_no, uscc, level, granted_on, valid_until)
    values ('yjgl', 'c', 'star', '1', '2025-01-01', '2027-12-31');
insert into staging.stg_yjgl__risk_report (department_code, report_id, uscc, due_on, submitted_on, review_status)
    values ('yjgl', 'r', 'star', '2026-03-31', '2026-04-01', 'accepted');
-- a crowd for the judging of colours: 60 suspended twice in May, of whom 12 have an accident in the summer; 8 of 440 else
insert into intermediate.int_core__enterprise
    select 'crowd' || n, 'crowd' || n, 'enterprise', '320102', null, true, date '2020-01-01', null, null
    from range(500) as t(n);
insert into intermediate.int_inspection__penalty_latest
    select 'yjgl', 'stop' || n || '/' || k, null, 'crowd' || n, null, date '2026-05-10', 'suspension', null, null
    from range(60) as t(n), range(2) as s(k);
insert into accident.fct_accident
    select 'summer' || n, 'work', 'crowd' || n, date '2026-08-01', 0, true, false, false
    from range(500) as t(n) where n < 12 or n between 100 and 107;
"""

# (enterprise, month): score and colour under each preset, worked out from the rules by hand
SCORES: Mapping[str, Mapping[tuple[str, str], tuple[float, str]]] = {
    NANJING: {
        ("clean", "2026-11-01"): (100, "green"),
        ("fined", "2025-12-01"): (90, "green"),  # 罚款 6 万元扣 10
        ("fined", "2026-11-01"): (90, "green"),  # twelve months are not over
        ("fatal", "2026-11-01"): (80, "yellow"),
        ("careless", "2026-11-01"): (85, "yellow"),  # 13 × 3, capped at 15
        ("listed", "2026-11-01"): (100, "red"),
        ("star", "2026-11-01"): (100, "green"),  # −1 + 5, at the ceiling
    },
    LIANYUNGANG: {
        ("clean", "2026-11-01"): (100, "green"),
        ("fined", "2025-12-01"): (95, "green"),
        ("fined", "2026-01-01"): (100, "green"),  # a new year
        ("fatal", "2026-11-01"): (59, "red"),
        ("careless", "2026-11-01"): (80, "yellow"),  # 13 × 2, capped at 20
        ("listed", "2026-11-01"): (100, "red"),
        ("star", "2026-11-01"): (100, "green"),
    },
    TIANJIN: {
        ("clean", "2026-11-01"): (12, "green"),
        ("fined", "2025-12-01"): (11, "yellow"),
        ("fined", "2026-01-01"): (12, "green"),  # cleared on 31 December
        ("fatal", "2026-11-01"): (9, "yellow"),
        ("careless", "2026-11-01"): (0, "red"),  # 13 points, no lower than 0
        ("listed", "2026-11-01"): (12, "red"),
        ("star", "2026-11-01"): (12, "green"),
    },
}
# the parts that are not events, of the latest month
ADJUSTMENTS = {
    NANJING: {("careless", "cap", 24.0), ("star", "ceiling", -4.0), ("listed", "override", 0.0)},
    LIANYUNGANG: {("careless", "cap", 6.0), ("star", "ceiling", -3.0), ("listed", "override", 0.0)},
    TIANJIN: {("careless", "floor", 1.0), ("listed", "override", 0.0)},
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], duckdb.DuckDBPyConnection]:
    """The credit models built with the variable set to a preset, once each."""
    root = tmp_path_factory.mktemp("presets")
    project = root / "dbt_project"
    write(assembled(load_feeds()), project)
    given = root / "given.duckdb"
    with duckdb.connect(str(given)) as connection:
        connection.execute(GIVEN.replace("LINEAGE", LINEAGE))
        connection.execute(FACTS)
    connections: dict[str, duckdb.DuckDBPyConnection] = {}

    def build(preset: str) -> duckdb.DuckDBPyConnection:
        if preset not in connections:
            folder = root / preset
            folder.mkdir()
            build_file = folder / "jgt.duckdb"
            shutil.copy(given, build_file)
            command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build", "--quiet"]
            command += ["--project-dir", str(project), "--profiles-dir", str(project)]
            command += ["--target-path", str(folder), "--log-path", str(folder)]
            command += ["--vars", f"{{credit_rule_version: {preset}}}", "--exclude-resource-type", "unit_test"]
            command += ["--select", "path:seeds/credit", "path:models/intermediate/credit", "path:models/marts/credit"]
            command += ["path:tests/credit", "--indirect-selection", "cautious"]
            environment = {**os.environ, "JGT_LAKE": str(root), "JGT_BUILD_FILE": str(build_file)}
            done = subprocess.run(
                command, cwd=project, env=environment | {"JGT_AS_OF": "2026-11-20"}, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout + done.stderr
            connections[preset] = duckdb.connect(str(build_file), read_only=True)
        return connections[preset]

    return build


Built = Callable[[str], duckdb.DuckDBPyConnection]


@pytest.mark.parametrize("preset", PRESETS)
def test_scores_under_each_preset_are_those_of_its_rules(built: Built, preset: str) -> None:
    rows = built(preset).execute("select entity_id, month_start, score, colour from credit.fct_credit_score").fetchall()
    ours = {(entity, month.isoformat()): (float(score), colour) for entity, month, score, colour in rows}
    assert {key: ours[key] for key in SCORES[preset]} == SCORES[preset]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_score_of_every_month_is_the_sum_of_its_parts(built: Built, preset: str) -> None:
    connection = built(preset)
    base = 12 if preset == TIANJIN else 100
    unexplained = connection.execute(
        "select count(*) from credit.fct_credit_score as s left join"
        " (select entity_id, month_start, sum(points) as points from credit.fct_credit_score_part group by all)"
        f" using (entity_id, month_start) where s.score <> coalesce(points, {base})"
    ).fetchone()
    assert unexplained == (0,)
    versions = connection.execute(
        "select distinct rule_version from credit.fct_credit_score union select rule_version from credit.fct_credit_event"
        " union select rule_version from credit.fct_credit_score_part"
    ).fetchall()
    assert versions == [(preset,)]
    adjustments = connection.execute(
        "select entity_id, part_kind, points from credit.fct_credit_score_part"
        " where month_start = date '2026-11-01' and part_kind not in ('base', 'event') and entity_id not like 'crowd%'"
    ).fetchall()
    assert {(entity, kind, float(points)) for entity, kind, points in adjustments} == ADJUSTMENTS[preset]


def test_a_preset_brings_its_own_consequences(built: Built) -> None:
    query = (
        "select c.measures from credit.fct_credit_score as s join credit.dim_credit_colour as c"
        " on c.rule_version = s.rule_version and c.colour = s.colour"
        " where s.entity_id = 'careless' and s.month_start = date '2026-11-01'"
    )
    assert built(TIANJIN).execute(query).fetchall() == [("列为重点监管",)]
    assert built(LIANYUNGANG).execute(query).fetchall() == [("常规检查",)]


# -- how well a colour told what came ---------------------------------------------------------------------------------


def _wilson(x: int, n: int) -> tuple[float, float]:
    """Both rates from which x of n lies z standard errors away, by halving: no closed form."""

    def edge(inside: float, outside: float) -> float:
        for _ in range(200):
            middle = (inside + outside) / 2
            if abs(x / n - middle) <= Z95 * math.sqrt(middle * (1 - middle) / n):
                inside = middle
            else:
                outside = middle
        return inside

    return edge(x / n, 0.0), edge(x / n, 1.0)


def _lift(x: int, n: int, x_all: int, n_all: int) -> tuple[float, float, float]:
    """Lift and its interval: the error of its logarithm by differences, not by the formula in the SQL."""
    rest = n_all - n

    def log_lift(p: float, r: float) -> float:
        return math.log(p) - math.log((n * p + rest * r) / n_all)

    p, r, step = x / n, (x_all - x) / rest, 1e-7
    by_p = (log_lift(p + step, r) - log_lift(p - step, r)) / (2 * step)
    by_r = (log_lift(p, r + step) - log_lift(p, r - step)) / (2 * step)
    error = math.sqrt(by_p**2 * p * (1 - p) / n + by_r**2 * r * (1 - r) / rest)
    middle = log_lift(p, r)
    return math.exp(middle), math.exp(middle - Z95 * error), math.exp(middle + Z95 * error)


def _judged(connection: duckdb.DuckDBPyConnection, rule_version: str) -> dict[str, dict[str, Any]]:
    cursor = connection.execute(
        "select * from credit.rpt_credit_lift where window_key = '2026-07-01' and outcome = 'accident'"
        " and rule_version = ?",
        [rule_version],
    )
    names = [column[0] for column in cursor.description or []]
    return {row["colour_group"]: row for row in (dict(zip(names, r, strict=True)) for r in cursor.fetchall())}


@pytest.mark.parametrize("preset", PRESETS)
def test_lift_of_a_colour_is_that_of_another_computation(built: Built, preset: str) -> None:
    connection = built(preset)
    colours = connection.execute(
        "select entity_id, colour from credit.fct_credit_score where month_start = date '2026-06-01'"
    ).fetchall()
    struck = {
        row[0]
        for row in connection.execute(
            "select uscc from accident.fct_accident where occurred_on between '2026-07-01' and '2026-09-30'"
        ).fetchall()
    }
    judged = _judged(connection, preset)
    told: set[str] = set()
    for group, members in {
        **{colour: {e for e, c in colours if c == colour} for colour in ("green", "yellow", "orange", "red")},
        "orange_red": {e for e, c in colours if c in ("orange", "red")},
    }.items():
        if not members:
            assert group not in judged
            continue
        x, n = len(members & struck), len(members)
        row = judged[group]
        assert (row["with_event"], row["enterprise_quarters"]) == (x, n)
        assert (row["all_with_event"], row["all_enterprise_quarters"]) == (20, 506)
        if n < 30:
            assert (row["event_rate"], row["lift"]) == (None, None)
            continue
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(_wilson(x, n), abs=1e-9)
        if x < 5:
            assert (row["lift"], row["lift_low"], row["lift_high"]) == (None, None, None)
            continue
        told.add(group)
        assert (row["lift"], row["lift_low"], row["lift_high"]) == pytest.approx(_lift(x, n, 20, 506), rel=1e-6)
    assert "green" in told and len(told) > 1


def test_a_preset_is_judged_alike_whether_it_is_in_use_or_not(built: Built) -> None:
    for preset in PRESETS:
        own = _judged(built(preset), preset)
        for other in PRESETS:
            seen = _judged(built(other), preset)
            assert {g: r["lift"] for g, r in seen.items()} == {g: r["lift"] for g, r in own.items()}
            assert {r["is_in_use"] for r in seen.values()} == {other == preset}
