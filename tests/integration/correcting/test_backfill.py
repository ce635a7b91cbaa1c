"""Days judged again from the archive: the same bytes when nothing changed, what was refused comes in when the contract did."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.correcting.backfill import BackfillRefused, backfill
from ingest.correcting.redrive import redrive
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Feed
from ingest.intake.take_in import prepare, take_in
from ingest.storage.ledger import Ledger
from tests.support.strict_codes import refusing

Jgt = Callable[..., subprocess.CompletedProcess[str]]
FEEDS = refusing(load_feeds(), "yjgl.inspection", "inspection_kind")
TODAY = date(2026, 11, 20)
FEED = "yjgl.inspection"
HEADER = "检查编号,企业名称,统一社会信用代码,区划代码,检查日期,检查类型,发现隐患数,重大隐患数,更新时间"


def row(number: str, kind: str = "日常检查", updated: str = "2026-11-10", found: str = "1") -> str:
    return f"{number},甲公司,,320115,2026-11-01,{kind},{found},0,{updated}"


def land(home: Home, day: str, *rows: str) -> None:
    path = home.landing / "yjgl" / "inspection" / f"执法检查_{day}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *rows]) + "\n", "gb18030")


def with_code(label: str = "夜间突击") -> Mapping[str, Feed]:
    """The contracts, with one more kind of inspection."""
    feed = FEEDS[FEED]
    columns = tuple(
        replace(c, codes=(*c.codes, (label, "night"))) if c.label == "检查类型" else c for c in feed.columns
    )
    return {**FEEDS, FEED: replace(feed, columns=columns, version="9.9.9")}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = Home(tmp_path / "home")
    prepare(opened, FEEDS)
    land(opened, "20261101", row("A"), row("B", "夜间突击"), row("C", "没有的"))
    land(opened, "20261102", row("A"), row("D"))  # A says nothing new
    land(opened, "20261103", row("B", "夜间突击"), row("E"))
    take_in(opened, FEEDS, TODAY, "r")
    return opened


def again(home: Home, feeds: Mapping[str, Feed] = FEEDS, first: int = 1, last: int = 30) -> Any:
    return backfill(home, feeds, FEED, date(2026, 11, first), date(2026, 11, last), TODAY, "b", "赵六")


def state_of(home: Home) -> tuple[dict[str, str], list[Any], list[Any]]:
    files = [p for f in (home.lake / "raw", home.quarantine) for p in f.rglob("*") if p.is_file()]
    shas = {p.relative_to(home.root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    with Ledger(home.ledger) as ledger:
        assert all(b["received"] == b["loaded"] + b["refused"] + b["duplicate"] for b in ledger.batches())
        return shas, ledger.batches(), ledger.quarantined()


def loaded(home: Home) -> list[tuple[str, int, int]]:
    with Ledger(home.ledger) as ledger:
        files = [str(home.lake / path) for path, _, _ in ledger.lake_files(FEED)]
    on_disk = {
        str(p) for p in (home.lake / "raw" / "yjgl" / "inspection").glob("*.parquet") if p.name != "_schema.parquet"
    }
    assert set(files) == on_disk  # neither lost nor left over
    if not files:
        return []
    return duckdb.sql(
        f"select inspection_id, _batch_seq, _row from read_parquet({files}) order by _batch_seq, _row"
    ).fetchall()


def test_days_judged_again_under_the_same_contract_are_the_same_to_the_byte(home: Home) -> None:
    before = state_of(home)
    done = again(home)
    assert (done.judged, done.rewritten) == (3, ())
    assert state_of(home) == before
    assert again(home, first=25).judged == 0


def test_a_new_code_brings_in_what_was_refused_in_its_own_place(home: Home) -> None:
    assert loaded(home) == [("A", 1, 2), ("D", 2, 3), ("E", 3, 3)]
    done = again(home, with_code(), last=1)
    # B comes in on its own line of the first file; on the third day it now says nothing new
    assert loaded(home) == [("A", 1, 2), ("B", 1, 3), ("D", 2, 3), ("E", 3, 3)]
    assert [(r.loaded_before, r.loaded, r.refused_before, r.refused) for r in done.rewritten] == [
        (1, 2, 2, 1),
        (1, 1, 1, 0),
    ]
    _, batches, rows = state_of(home)
    assert [(b["loaded"], b["refused"], b["duplicate"]) for b in batches] == [(2, 1, 0), (1, 0, 1), (1, 0, 1)]
    assert {(r["batch_id"][16:24], r["row_number"]): r["state"] for r in rows} == {
        ("20261101", 3): "corrected",
        ("20261101", 4): "open",
        ("20261103", 2): "corrected",
    }
    with Ledger(home.ledger) as ledger:
        [event] = ledger.events(next(r["quarantine_id"] for r in rows if r["state"] == "corrected"))
    assert event["who"] == "赵六"
    before = state_of(home)
    assert again(home, with_code()).rewritten == ()
    assert state_of(home) == before
    prepare(home, FEEDS)  # finds no orphan
    assert state_of(home) == before


def test_a_backfill_gives_what_taking_in_under_the_new_contract_would_have_given(home: Home, tmp_path: Path) -> None:
    again(home, with_code())
    fresh = Home(tmp_path / "fresh")
    prepare(fresh, FEEDS)
    for path in sorted((home.landing / "yjgl" / "inspection").iterdir()):
        target = fresh.landing / "yjgl" / "inspection" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    take_in(fresh, with_code(), TODAY, "r")
    with Ledger(home.ledger) as one, Ledger(fresh.ledger) as other:
        assert [sha for _, sha, _ in one.lake_files()] == [sha for _, sha, _ in other.lake_files()]


def test_a_stricter_contract_refuses_what_was_loaded_and_a_looser_one_takes_it_back(home: Home) -> None:
    feed = FEEDS[FEED]
    columns = tuple(replace(c, minimum=2) if c.name == "hazards_found" else c for c in feed.columns)
    again(home, {**FEEDS, FEED: replace(feed, columns=columns)})
    assert loaded(home) == []
    assert len([r for r in state_of(home)[2] if "RANGE" in r["reason_codes"]]) == 7  # all that was sent
    again(home)
    assert loaded(home) == [("A", 1, 2), ("D", 2, 3), ("E", 3, 3)]
    # every row that was ever refused is still there, whole
    kept = duckdb.sql(f"select count(distinct quarantine_id) from '{home.quarantine}/rows/**/*.parquet'").fetchall()
    assert kept == [(7,)]


def test_rows_that_came_in_by_a_redrive_say_nothing_new_once_their_file_brings_them(home: Home) -> None:
    redrive(home, with_code(), TODAY, "r", "王五", only=FEED)
    assert ("B", 4, 3) in loaded(home)
    again(home, with_code())
    assert [r for r in loaded(home) if r[0] == "B"] == [("B", 1, 3)]
    state_of(home)  # asserts that every batch balances
    before = state_of(home)
    assert again(home, with_code()).rewritten == ()
    assert state_of(home) == before


def test_a_contract_that_would_refuse_the_file_whole_changes_nothing(home: Home) -> None:
    feed = FEEDS[FEED]
    lost = tuple(
        replace(c, label="不再有", synonyms=(), name="gone") if c.name == "inspected_on" else c for c in feed.columns
    )
    before = state_of(home)
    with pytest.raises(BackfillRefused, match="未改动"):
        again(home, {**FEEDS, FEED: replace(feed, columns=lost, date_orders=())})
    prepare(home, FEEDS)
    assert state_of(home) == before


ROOT = Path(__file__).resolve().parents[3]
KILLED = """
import os, sys
from pathlib import Path
import tests.integration.correcting.test_backfill as t
from ingest.storage.ledger import Ledger
Ledger.rewrite = lambda self, entries, verdicts: os._exit(9)
t.again(t.Home(Path(sys.argv[1])), t.with_code())
"""


def test_a_kill_before_the_ledger_leaves_the_old_state(home: Home) -> None:
    before = state_of(home)
    arguments = [sys.executable, "-c", KILLED, str(home.root)]
    assert subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False).returncode == 9
    assert state_of(home) != before  # its new files lie there
    prepare(home, FEEDS)
    assert state_of(home) == before
    again(home, with_code())
    assert ("B", 1, 3) in loaded(home)


def test_the_command(home: Home, jgt: Jgt) -> None:
    again(home, load_feeds())  # under the contracts that ship, as the command has them
    same = jgt(home, "backfill", FEED, "--from", "2026-11-01", "--to", "2026-11-30")
    assert (same.returncode, "一个字节未动" in same.stdout) == (0, True), same.stderr
    assert "没有收到过" in jgt(home, "backfill", FEED, "--from", "2025-01-01", "--to", "2025-01-02").stdout
    assert jgt(home, "backfill", FEED, "--from", "2026-11-02", "--to", "2026-11-01").returncode == 2
    assert jgt(home, "backfill", "no.feed", "--from", "2026-11-01", "--to", "2026-11-01").returncode == 2
    assert jgt(home, "backfill", FEED, "--from", "2026-11-01", "--to", "2026-11-01", "--source").returncode == 2
