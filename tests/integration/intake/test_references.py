"""A row that names a record of another feed waits for it, comes in when it has come, and is refused when it never does."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.correcting.redrive import judge_waiting
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import prepare, take_in
from ingest.storage.ledger import Ledger

FEEDS = load_feeds()
TODAY = date(2026, 11, 20)
CLAIM = "赔案号,保单号,出险日期,报案日期,赔案状态,已付赔款（元）,更新时间"
POLICY_HEADERS = {
    c.label: {
        "string": "甲",
        "date": "2026-01-01",
        "timestamp": "2026-01-02 08:00:00",
        "integer": "5",
        "number": "1",
        "boolean": "是",
    }[c.logical_type]
    for c in FEEDS["jrjg.policy"].columns
}


def policy(number: str) -> str:
    """A policy that fits its contract, whatever columns that has."""
    feed = FEEDS["jrjg.policy"]
    cells = dict(POLICY_HEADERS)
    for column in feed.columns:
        if column.codes:
            cells[column.label] = column.codes[0][0]
        elif column.code_list or column.rules:
            cells[column.label] = {"district": "320115", "industry": "C26"}.get(column.code_list or "", "")
    cells[feed.column("policy_no").label] = number
    if "uscc" in {c.name for c in feed.columns}:
        cells[feed.column("uscc").label] = "91320115MA1WXYK12T"
    return ",".join(cells.values())


def land(home: Home, feed: str, name: str, header: str, *rows: str) -> None:
    path = home.landing.joinpath(*feed.split("."), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", FEEDS[feed].encoding or "utf-8")


def land_claims(home: Home, day: str, *rows: str) -> None:
    land(home, "jrjg.claim", f"安责险理赔_{day}.csv", CLAIM, *rows)


def land_policies(home: Home, day: str, *numbers: str) -> None:
    name = FEEDS["jrjg.policy"].file_pattern.replace("*", day)
    land(home, "jrjg.policy", name, ",".join(POLICY_HEADERS), *(policy(n) for n in numbers))


def claim(number: str, policy_no: str, **other: str) -> str:
    return ",".join(
        {
            **{
                "n": number,
                "p": policy_no,
                "o": "2026-11-01",
                "r": "2026-11-02",
                "s": "未决",
                "y": "0",
                "u": "2026-11-03",
            },
            **other,
        }.values()
    )


def states(home: Home) -> list[tuple[str, str, int]]:
    with Ledger(home.ledger) as ledger:
        assert all(b["received"] == b["loaded"] + b["refused"] + b["duplicate"] for b in ledger.batches())
        return [(r["reason_codes"], r["state"], r["attempts"]) for r in ledger.quarantined()]


def loaded(home: Home) -> list[Any]:
    files = home.lake / "raw" / "jrjg" / "claim" / "*.parquet"
    return duckdb.sql(f"select claim_no, _file, _row from '{files}' order by _batch_seq, _row").fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = Home(tmp_path)
    prepare(opened, FEEDS)
    return opened


def test_what_is_sent_together_is_found_whatever_the_order_of_names(home: Home) -> None:
    land_claims(home, "20261101", claim("C1", "P1"))
    land_policies(home, "20261119", "P1")
    take_in(home, FEEDS, TODAY, "r")
    assert [row[0] for row in loaded(home)] == ["C1"]
    assert states(home) == []


def test_a_row_waits_and_comes_in_with_its_own_line_when_the_other_feed_has_news(home: Home) -> None:
    land_claims(home, "20261118", claim("C1", "P1"), claim("C2", "P2"), claim("C3", ""))
    take_in(home, FEEDS, TODAY, "r1")
    assert sorted(states(home)) == [
        ("REFERENCE_MISSING", "waiting", 1),
        ("REFERENCE_MISSING", "waiting", 1),
        ("REQUIRED_MISSING", "open", 1),
    ]
    assert judge_waiting(home, FEEDS, TODAY, "r1") == []  # nothing came: no batch, no attempt
    land_policies(home, "20261119", "P2")
    take_in(home, FEEDS, TODAY + timedelta(days=1), "r2")
    [result] = judge_waiting(home, FEEDS, TODAY + timedelta(days=1), "r2", only="jrjg.claim")
    assert (result.received, result.loaded, result.refused) == (1, 1, 0)
    assert loaded(home) == [("C2", "jrjg/claim/安责险理赔_20261118.csv", 3)]
    assert sorted(states(home)) == [
        ("REFERENCE_MISSING", "corrected", 2),
        ("REFERENCE_MISSING", "waiting", 1),
        ("REQUIRED_MISSING", "open", 1),
    ]
    assert judge_waiting(home, FEEDS, TODAY + timedelta(days=2), "r3") == []


def test_a_wait_ends_after_the_days_the_contract_grants(home: Home) -> None:
    land_claims(home, "20261118", claim("C1", "P1"))
    take_in(home, FEEDS, TODAY, "r1")
    days = FEEDS["jrjg.claim"].references[0].wait_days
    judge_waiting(home, FEEDS, TODAY + timedelta(days=days), "r2")
    assert states(home) == [("REFERENCE_MISSING", "waiting", 1)]
    judge_waiting(home, FEEDS, TODAY + timedelta(days=days + 1), "r3")
    assert states(home) == [("REFERENCE_MISSING", "open", 1)]
    with Ledger(home.ledger) as ledger:
        [row] = ledger.quarantined()
        assert [e["action"] for e in ledger.events(row["quarantine_id"])] == ["expired"]


def test_a_row_with_another_fault_too_does_not_wait_but_tells_both(home: Home) -> None:
    land_claims(home, "20261118", claim("C1", "P1", o="2026-02-30"))
    take_in(home, FEEDS, TODAY, "r1")
    assert states(home) == [("DATE_INVALID,REFERENCE_MISSING", "open", 1)]
