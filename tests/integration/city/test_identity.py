"""Matching of records to enterprises in the demo city, measured against what its world knows (truth_identity.parquet)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.feeds.loading import CONTRACTS, load_feeds
from ingest.matching.mentions import IDENTITY, key_expression
from ingest.synthetic.city import truth_folder

# links made without a steward must be right (0.987 at 0.90: ingest/matching/README.md); what is not linked waits in the queue
PRECISION, RECALL = 0.98, 0.90


@pytest.fixture(scope="module")
def judged(published_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """`judged`: every mention whose meaning the world knows, with what became of it."""
    truth = truth_folder(published_home.landing) / "truth_identity.parquet"
    link = published_home.lake / "entities" / "entity_link.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table judged as
            select t.feed, t.enterprise_name, t.uscc, t.true_entity_id, l.mention_key, l.outcome, l.method, l.entity_id
            from (select *, {key_expression({n: n for n in IDENTITY})} as mention_key from '{truth}') as t
            left join '{link}' as l using (mention_key)
            where t.mention_key is not null
        """)
        yield connection


def _figures(connection: duckdb.DuckDBPyConnection, where: str) -> dict[str, Any]:
    found = connection.execute(f"""
        select
            count(*) as mentions,
            count(*) filter (where outcome = 'linked' and method <> 'place') as linked,
            count(*) filter (where entity_id = true_entity_id) as correct
        from judged where true_entity_id is not null and {where}
    """)
    names = [d[0] for d in found.description]
    return dict(zip(names, found.fetchall()[0], strict=True))


@pytest.mark.parametrize("method", ["name", "organization_code", "registration_no"])
def test_links_without_a_unified_code_are_right(judged: duckdb.DuckDBPyConnection, method: str) -> None:
    found = _figures(judged, f"method = '{method}'")
    assert found["linked"] >= 20
    assert found["correct"] / found["linked"] >= PRECISION, found


def test_most_of_what_carries_no_code_is_linked(judged: duckdb.DuckDBPyConnection) -> None:
    found = _figures(judged, "uscc is null")
    assert found["mentions"] >= 1000
    assert found["correct"] / found["mentions"] >= RECALL, found


def test_nearly_every_mention_of_the_truth_is_in_the_lake(judged: duckdb.DuckDBPyConnection) -> None:
    # a file that was cut off is refused whole; nothing else may be missing
    query = "select count(*), count(mention_key) from judged"
    [(told, there)] = judged.execute(query).fetchall()
    assert there >= 0.99 * told


def test_what_no_register_knows_is_nobody_in_it(judged: duckdb.DuckDBPyConnection) -> None:
    query = "select outcome, method, count(*) from judged where true_entity_id is null group by all"
    found = {(outcome, method): n for outcome, method, n in judged.execute(query).fetchall()}
    in_register = sum(n for (outcome, method), n in found.items() if outcome == "linked" and method != "place")
    assert found.get(("linked", "place"), 0) > 0
    assert in_register <= (1 - PRECISION) * sum(found.values()), found


def test_every_record_finds_its_mention(published_home: Home) -> None:
    """dbt's keys are the matcher's: no record that names somebody is without a row in entity_link."""
    build = max(published_home.build.glob("*/*.duckdb"), key=lambda p: p.stat().st_mtime)
    with duckdb.connect(str(build), read_only=True) as connection:
        for table in ("stg_inspection", "stg_hazard", "stg_penalty", "stg_tip"):
            query = f"""
                select count(*), count(l.mention_key)
                from staging.{table} as s
                left join '{published_home.lake}/entities/entity_link.parquet' as l on l.mention_key = s._mention_key
                where s._mention_key is not null
            """
            [(rows, found)] = connection.execute(query).fetchall()
            assert rows == found > 0, table


def test_every_feed_that_names_enterprises_is_told_of(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "select feed, mentions, linked_by_code + linked_by_name + linked_by_decision + linked_to_place + in_queue + unlinked "
        "from quality.rpt_identity"
    ).fetchall()
    assert {feed for feed, _, _ in rows} <= set(load_feeds(CONTRACTS))
    assert len(rows) > 10
    assert [row for row in rows if row[1] != row[2]] == []


def test_places_stand_in_the_dimension_and_in_no_count_of_the_register(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "select is_registered, entity_kind, count(*), count(distinct entity_id), count(uscc) from core.dim_enterprise "
        "where not is_registered group by all"
    ).fetchall()
    assert [(kind, codes) for _, kind, _, _, codes in rows] == [("small_place", 0)]
    assert rows[0][2] == rows[0][3] > 0
