"""What the departments of the demo city know and do not know of each other, asked of the world before it is written out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from ingest.feeds.loading import load_feeds
from ingest.synthetic.declaring import date_order
from ingest.synthetic.volumes import ROWS
from ingest.synthetic.world import build

AS_OF = date(2026, 11, 20)
FEEDS = load_feeds()


@pytest.fixture(scope="module")
def city() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        build.build(connection, 0.01, 7, AS_OF)
        yield connection


def ask(city: duckdb.DuckDBPyConnection, query: str) -> Any:
    [row] = city.execute(query).fetchall()
    return row


@pytest.mark.parametrize("feed_id", sorted(ROWS))
def test_the_world_of_a_feed_has_its_contracts_columns(city: duckdb.DuckDBPyConnection, feed_id: str) -> None:
    feed = FEEDS[feed_id]
    made = [row[0] for row in city.execute(f"describe v_{feed.department}__{feed.name}").fetchall()]
    assert {*made} - {"true_entity_id"} == {c.name for c in feed.columns}


@pytest.mark.parametrize("feed_id", sorted(FEEDS))
def test_no_record_changes_twice_at_one_moment(city: duckdb.DuckDBPyConnection, feed_id: str) -> None:
    # which of two is the later one would be chance, and the same city would not have the same bytes
    feed = FEEDS[feed_id]
    moment = ", ".join([*feed.key, feed.version_column] if feed.version_column else feed.key)
    twice = city.execute(
        f"select {moment} from v_{feed.department}__{feed.name} group by {moment} having count(*) > 1 limit 3"
    ).fetchall()
    assert twice == []


@pytest.mark.parametrize("feed_id", ["cgj.gas_pipe_inspection", "wlj.venue_inspection", "szrx.safety_tip"])
def test_who_knows_names_alone_writes_a_third_of_them_otherwise(city: duckdb.DuckDBPyConnection, feed_id: str) -> None:
    feed = FEEDS[feed_id]
    assert "uscc" not in {c.name for c in feed.columns}
    same, known = ask(
        city,
        f"select count(*) filter (where m.enterprise_name = e.name), count(*) from v_{feed.department}__{feed.name} as m "
        "join entity as e on e.entity_id = m.true_entity_id",
    )
    assert 0.4 < same / known < 0.75


def test_the_labour_office_has_the_organisation_code_within_the_credit_code(city: duckdb.DuckDBPyConnection) -> None:
    cases, right, hyphens = ask(
        city,
        "select count(*), count(*) filter (where replace(w.organization_code, '-', '') = substr(e.uscc, 9, 9)), "
        "count(*) filter (where contains(w.organization_code, '-')) "
        "from v_rsj__work_injury as w join entity as e on e.entity_id = w.true_entity_id where w.organization_code is not null",
    )
    assert right == cases > 0
    assert 0 < hyphens < cases


def test_some_serious_injuries_were_never_reported_as_accidents(city: duckdb.DuckDBPyConnection) -> None:
    serious, unreported = ask(
        city,
        """
        select count(*), count(*) filter (where not exists (
            select 1 from v_yjgl__accident as a join entity as e on e.uscc = a.uscc
            where e.entity_id = w.true_entity_id and a.occurred_at::date = w.injured_on))
        from v_rsj__work_injury as w where w.outcome in ('death', 'serious')
        """,
    )
    assert 0 < unreported < 0.3 * serious


def test_departments_call_on_the_same_unit_within_days(city: duckdb.DuckDBPyConnection) -> None:
    calls, repeated = ask(
        city,
        """
        select count(*), count(*) filter (where exists (
            select 1 from visit as v where v.i = c.i and abs(v.day - c.day) <= 10))
        from call as c
        """,
    )
    assert 0.1 < repeated / calls < 0.5


def test_an_order_is_signed_before_it_is_done_and_mostly_in_time(city: duckdb.DuckDBPyConnection) -> None:
    done, wrong, late = ask(
        city,
        "select count(*), count(*) filter (where not issued_at <= acknowledged_at or not acknowledged_at <= closed_at), "
        "count(*) filter (where closed_at > due_at) from v_qxj__response_order where closed_at is not null",
    )
    assert wrong == 0
    assert 0.03 < late / done < 0.2


def test_only_a_tip_that_holds_is_rewarded(city: duckdb.DuckDBPyConnection) -> None:
    holds, told, rewarded, wrongly = ask(
        city,
        "select count(*) filter (where is_verified), count(is_verified), count(reward_yuan), "
        "count(*) filter (where reward_yuan > 0 and is_verified is not true) from v_szrx__safety_tip",
    )
    assert 0.25 < holds / told < 0.5
    assert wrongly == 0 < rewarded


def test_waste_that_arrives_is_what_left_but_for_a_few(city: duckdb.DuckDBPyConnection) -> None:
    arrived, off = ask(
        city,
        "select count(*), count(*) filter (where abs(received_kg - shipped_kg) > 0.05 * shipped_kg) "
        "from v_sthj__waste_manifest where manifest_status = 'disposed'",
    )
    assert 0 < off < 0.03 * arrived


def test_the_rains_bring_the_patrols(city: duckdb.DuckDBPyConnection) -> None:
    wet, dry = ask(
        city,
        "select count(*) filter (where month(patrolled_at) in (6, 7)), count(*) filter (where month(patrolled_at) in (12, 1)) "
        "from v_zrzy__geohazard_patrol",
    )
    assert wet > 5 * dry


def test_a_district_files_its_denominators_and_the_hall_of_a_department_does_not(
    city: duckdb.DuckDBPyConnection,
) -> None:
    rows = city.execute(
        "select count(distinct district_code), count(*) filter (where district_code is null) "
        "from v_khb__manual_indicator where indicator in ('gdp', 'employed', 'vehicles')"
    ).fetchall()
    assert rows == [(11, 0)]


@pytest.mark.parametrize("sent", ["2024-02-29", "2024/2/29", "2024年2月29日", "2024-02-29 17:58"])
def test_a_date_out_of_order_is_still_a_day(sent: str) -> None:
    early = duckdb.sql(f"select {date_order('x').value.format(c='x')} from (select '{sent}' as x)").fetchone()
    assert early == (sent.replace("2024", "2012"),)
    assert date(2012, 2, 29) < date(2024, 2, 29)
