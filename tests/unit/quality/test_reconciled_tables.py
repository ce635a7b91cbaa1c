"""No fact and no aggregate is left out of reconciliation without a reason, and no declaration names what is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ingest.feeds.loading import load_feeds
from quality.reconciled_tables import AGGREGATES, FACTS, NOT_RECONCILED, RESTS, Aggregate, Rest

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project" / "models"


def _marts() -> dict[str, set[str]]:
    """Table → its columns, of every mart as its YAML declares them."""
    found = {}
    for path in (PROJECT / "marts").rglob("_*.yml"):
        for model in yaml.safe_load(path.read_text("utf-8")).get("models") or []:
            columns = {c["name"] for c in model.get("columns") or []}
            found.setdefault(f"{path.parent.name}.{model['name']}", set()).update(columns)
    return found


MARTS = _marts()


def test_every_fact_and_aggregate_is_reconciled_or_says_why_not() -> None:
    wanted = {table for table in MARTS if table.split(".")[1].startswith(("fct_", "agg_"))}
    reconciled = {f.table for f in FACTS} | {r.table for r in RESTS} | {a.table for a in AGGREGATES}
    reconciled |= {a.fact for a in AGGREGATES if a.fact not in NOT_RECONCILED}
    assert wanted - reconciled - set(NOT_RECONCILED) == set()
    assert set(NOT_RECONCILED) - wanted == set()
    assert set(NOT_RECONCILED) & ({f.table for f in FACTS} | {r.table for r in RESTS}) == set()
    assert len(reconciled) > len(NOT_RECONCILED)


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda a: f"{a.table}-{a.measures[0][0]}")
def test_an_aggregate_and_its_fact_have_the_columns_named(aggregate: Aggregate) -> None:
    a = aggregate
    assert {m for m, _ in a.measures} | set(a.same) <= MARTS[a.table]
    words = {w for text in (a.month, a.where, *(e for _, e in a.measures)) for w in re.findall(r"[a-z_]{4,}", text)}
    known = {"count", "filter", "where", "null", "cast", "date_trunc", "month", "date", "true"}
    assert words - known - MARTS[a.fact] == set()


@pytest.mark.parametrize("table", sorted({f.table for f in FACTS} | {r.table for r in RESTS}))
def test_a_reconciled_table_is_a_mart(table: str) -> None:
    assert table in MARTS


@pytest.mark.parametrize("rest", RESTS, ids=lambda r: r.table)
def test_what_a_table_rests_on_is_a_model(rest: Rest) -> None:
    for name in re.findall(r"intermediate\.(\w+)", rest.rests_on):
        assert list(PROJECT.rglob(f"{name}.sql")), name


def test_a_facts_source_is_a_feed_or_a_subject() -> None:
    feeds = load_feeds()
    assert {f.source for f in FACTS} <= {f.id for f in feeds.values()} | {f.subject for f in feeds.values()}
