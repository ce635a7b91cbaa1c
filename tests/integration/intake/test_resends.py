"""A department sends a refused record again, right this time: it is settled by that delivery, and by nothing less."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.base.home import Home
from ingest.correcting import backfill as backfill_module
from ingest.correcting.backfill import backfill
from ingest.correcting.redrive import redrive
from ingest.correcting.return_workbook import export_returns
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Feed
from ingest.intake.take_in import prepare, take_in
from ingest.storage.ledger import Ledger
from tests.support.strict_codes import refusing

Jgt = Callable[..., subprocess.CompletedProcess[str]]
FEED = "yjgl.inspection"
FEEDS = {FEED: refusing(load_feeds(), FEED, "inspection_kind")[FEED]}
TODAY = date(2026, 11, 20)
HEADER = "检查编号,企业名称,统一社会信用代码,区划代码,检查日期,检查类型,发现隐患数,重大隐患数,更新时间"
BAD = "没有的"


def row(number: str, kind: str = "日常检查", updated: str = "2026-11-10", found: str = "1") -> str:
    return f"{number},甲公司,,320115,2026-11-01,{kind},{found},0,{updated}"


def land(home: Home, day: int, *rows: str, header: str = HEADER) -> None:
    path = home.landing / "yjgl" / "inspection" / f"执法检查_202611{day:02d}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", "gb18030")


def deliver(home: Home, day: int, *rows: str, feeds: Mapping[str, Feed] = FEEDS, header: str = HEADER) -> None:
    land(home, day, *rows, header=header)
    take_in(home, feeds, TODAY, "r")


def refused(home: Home) -> list[tuple[int, int, str, int]]:
    """Every refused row: number of its batch, its line, its state, attempts; and every batch balances."""
    with Ledger(home.ledger) as ledger:
        assert all(b["received"] == b["loaded"] + b["refused"] + b["duplicate"] for b in ledger.batches())
        place = {b["batch_id"]: b["batch_seq"] for b in ledger.batches()}
        rows = [(place[r["batch_id"]], r["row_number"], r["state"], r["attempts"]) for r in ledger.quarantined()]
    return sorted(rows)


def settled_by(home: Home) -> dict[tuple[int, int], int]:
    """Number of the batch and line of each settled row → number of the batch that settled it."""
    with Ledger(home.ledger) as ledger:
        place = {b["batch_id"]: b["batch_seq"] for b in ledger.batches()}
        rows = [r for r in ledger.quarantined() if r["state"] == "corrected"]
        return {(place[r["batch_id"]], r["row_number"]): place[r["corrected_by"]] for r in rows}


def events(home: Home) -> list[tuple[str, str]]:
    with Ledger(home.ledger) as ledger:
        rows = ledger.quarantined()
        return [(e["action"], e["who"]) for r in rows for e in ledger.events(r["quarantine_id"])]


def exported(home: Home) -> int:
    with Ledger(home.ledger) as ledger:
        return sum(n for _, n in export_returns(home, ledger, FEEDS, {"yjgl": "应急局"}, TODAY, home.exports))


def with_code(label: str = BAD) -> Mapping[str, Feed]:
    """The contract, with one more kind of inspection."""
    feed = FEEDS[FEED]
    columns = tuple(
        replace(c, codes=(*c.codes, (label, "night"))) if c.label == "检查类型" else c for c in feed.columns
    )
    return {FEED: replace(feed, columns=columns, version="9.9.9")}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = Home(tmp_path / "home")
    prepare(opened, FEEDS)
    return opened


def test_a_record_sent_again_and_right_is_settled_by_that_delivery(home: Home) -> None:
    deliver(home, 1, row("A"), row("B", BAD), row("C", BAD))
    assert exported(home) == 2
    deliver(home, 2, row("B", updated="2026-11-12"))
    assert refused(home) == [(1, 3, "corrected", 1), (1, 4, "open", 1)]
    assert settled_by(home) == {(1, 3): 2}
    assert events(home) == [("resent", "系统")]
    assert exported(home) == 1
    with Ledger(home.ledger) as ledger:
        assert [(b["received"], b["loaded"], b["refused"]) for b in ledger.balance()] == [(4, 2, 2)]
        assert ledger.returned()[FEED] == {"open": 1, "waiting": 0, "corrected": 1, "waived": 0}


def test_a_key_is_read_as_the_judge_reads_it_and_in_whatever_layout(home: Home) -> None:
    wide, spaced = row("Ｂ1", BAD), row(" C1　", BAD)
    deliver(home, 1, row("A"), wide, spaced)
    other = "更新时间,检 查 编 号,企业名称,统一社会信用代码,区划代码,检查日期,检查类型,发现隐患数,重大隐患数"
    deliver(home, 2, "2026-11-10,D1,甲公司,,320115,2026-11-01,没有的,1,0", header=other)
    deliver(home, 3, row("B1"), row("C1"), row("D1"))
    assert settled_by(home) == {(1, 3): 3, (1, 4): 3, (2, 2): 3}


def test_a_record_sent_again_and_bad_stays_open_beside_the_new_refusal_and_both_are_settled_together(
    home: Home,
) -> None:
    deliver(home, 1, row("B", BAD))
    deliver(home, 2, row("B", BAD, updated="2026-11-11"))
    assert refused(home) == [(1, 2, "open", 1), (2, 2, "open", 1)]
    deliver(home, 3, row("B", updated="2026-11-12"))
    assert settled_by(home) == {(1, 2): 3, (2, 2): 3}


def test_other_keys_lost_keys_and_lines_that_have_none_stay_open(home: Home) -> None:
    deliver(home, 1, row("B", BAD), row("", BAD), row("1.2E+15", BAD), row("E") + ",多出一个字段")
    deliver(home, 2, row("B2"), row("E"), row("F"))
    assert [state for *_, state, _ in refused(home)] == ["open"] * 4
    assert events(home) == []


def test_what_is_right_in_the_same_file_is_no_later_delivery(home: Home) -> None:
    deliver(home, 1, row("B", BAD, updated="2026-11-10"), row("B", updated="2026-11-11"))
    assert refused(home) == [(1, 2, "open", 1)]
    # but once the next delivery repeats it, the department's last word on that record is in
    deliver(home, 2, row("B", updated="2026-11-11"), row("C"))
    assert settled_by(home) == {(1, 2): 2}


@pytest.mark.parametrize(
    ("refused_version", "sent_again", "state"),
    [
        ("2026-11-12", "2026-11-10", "open"),  # what was known before says nothing about the newer version
        ("2026-11-10", "2026-11-10", "corrected"),  # the same version, whole
        ("2026-11-08", "2026-11-10", "corrected"),
        ("不详", "2026-11-10", "open"),  # cannot be told to be newer
    ],
)
def test_a_repetition_settles_only_what_is_not_newer_than_it(
    home: Home, refused_version: str, sent_again: str, state: str
) -> None:
    deliver(home, 1, row("B", updated="2026-11-10"))
    deliver(home, 2, row("B", BAD, updated=refused_version))
    deliver(home, 3, row("B", updated=sent_again), row("Z"))
    with Ledger(home.ledger) as ledger:
        assert ledger.batches()[2]["duplicate"] == 1
    assert [s for *_, s, _ in refused(home)] == [state]


def test_a_late_older_version_settles_nothing_and_any_new_content_what_tells_no_version(home: Home) -> None:
    deliver(home, 1, row("B", BAD, updated="2026-11-12"), row("C", BAD, updated="不详"))
    deliver(home, 2, row("B", updated="2026-11-05"), row("C", updated="2026-11-05"))
    assert refused(home) == [(1, 2, "open", 1), (1, 3, "corrected", 1)]


def test_the_same_delivery_twice_and_a_settled_row_judged_again_change_nothing(home: Home) -> None:
    deliver(home, 1, row("B", BAD))
    deliver(home, 2, row("B"))
    with Ledger(home.ledger) as ledger:
        before = (ledger.batches(), ledger.quarantined(), events(home))
    take_in(home, FEEDS, TODAY, "r")
    deliver(home, 2, row("B"))
    assert redrive(home, with_code(), TODAY, "r", "王五", only=FEED) == []
    with Ledger(home.ledger) as ledger:
        assert (ledger.batches(), ledger.quarantined(), events(home)) == before


def test_a_waived_row_stays_as_its_steward_left_it(home: Home) -> None:
    from ingest.storage.ledger import Verdict

    deliver(home, 1, row("B", BAD))
    with Ledger(home.ledger) as ledger:
        [waived] = ledger.quarantined()
        ledger.judge_again([Verdict(waived["quarantine_id"], "waived", "waived", "张三", "不再追")])
    deliver(home, 2, row("B"))
    assert refused(home) == [(1, 2, "waived", 1)]


ROOT = Path(__file__).resolve().parents[3]
KILLED = """
import os, sys
from pathlib import Path
import tests.integration.intake.test_resends as t
from ingest.storage.ledger import Ledger
Ledger._judge = lambda *_: os._exit(9)
t.deliver(t.Home(Path(sys.argv[1])), 2, t.row("B"))
"""


def test_a_crash_before_the_ledger_leaves_it_open_and_the_next_run_settles_it(home: Home) -> None:
    deliver(home, 1, row("B", BAD))
    arguments = [sys.executable, "-c", KILLED, str(home.root)]
    assert subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False).returncode == 9
    assert refused(home) == [(1, 2, "open", 1)]
    with Ledger(home.ledger) as ledger:
        assert len(ledger.batches()) == 1  # the row and the batch that settles it come together or not at all
    prepare(home, FEEDS)
    take_in(home, FEEDS, TODAY, "r")
    assert settled_by(home) == {(1, 2): 2}


def again(home: Home, feeds: Mapping[str, Feed], first: int = 1, last: int = 30) -> Any:
    return backfill(home, feeds, FEED, date(2026, 11, first), date(2026, 11, last), TODAY, "b", "赵六")


def test_a_backfill_under_the_same_contract_leaves_what_is_settled(home: Home) -> None:
    deliver(home, 1, row("B", BAD), row("C", BAD))
    deliver(home, 2, row("B"), row("C", BAD))
    deliver(home, 3, row("B", updated="2026-11-13"), row("C"))
    with Ledger(home.ledger) as ledger:
        before = (ledger.batches(), ledger.quarantined(), events(home))
    for first, last in ((1, 30), (2, 2), (3, 3)):
        assert again(home, FEEDS, first, last).rewritten == ()
        with Ledger(home.ledger) as ledger:
            assert (ledger.batches(), ledger.quarantined(), events(home)) == before


def test_a_backfill_that_refuses_the_record_sent_again_opens_the_row_until_it_comes_in(home: Home) -> None:
    feed = FEEDS[FEED]
    stricter = tuple(replace(c, minimum=5) if c.name == "hazards_found" else c for c in feed.columns)
    deliver(home, 1, row("B", BAD), row("C", BAD))
    deliver(home, 2, row("B"), row("C", found="7"))
    strict = {FEED: replace(feed, columns=stricter)}
    again(home, strict, first=2)
    assert refused(home) == [(1, 2, "open", 1), (1, 3, "corrected", 1), (2, 2, "open", 1)]
    assert again(home, strict, first=2).rewritten == ()
    assert refused(home) == [(1, 2, "open", 1), (1, 3, "corrected", 1), (2, 2, "open", 1)]
    again(home, FEEDS, first=2)
    assert settled_by(home) == {(1, 2): 2, (1, 3): 2, (2, 2): 2}


def test_a_backfill_finds_what_a_record_sent_again_settles_only_now(home: Home) -> None:
    deliver(home, 1, row("A"), row("B", "不清楚"))
    deliver(home, 2, row("B", BAD))
    deliver(home, 3, row("B", updated="2026-11-13"))
    assert settled_by(home) == {(1, 3): 3, (2, 2): 3}
    again(home, with_code())  # the second delivery is right now
    assert settled_by(home)[1, 3] == 2
    assert {state for *_, state, _ in refused(home)} == {"corrected"}
    before = refused(home), settled_by(home), events(home)
    assert again(home, with_code()).rewritten == ()
    assert (refused(home), settled_by(home), events(home)) == before


DAYS = st.lists(
    st.lists(
        st.tuples(st.sampled_from("BCD"), st.booleans(), st.sampled_from(["2026-11-10", "2026-11-11", "不详"])),
        min_size=1,
        max_size=3,
    ),
    min_size=2,
    max_size=4,
)


def told(days: Sequence[Sequence[tuple[str, bool, str]]]) -> dict[tuple[int, int], int]:
    """By plain words what each delivery settles: the first that brings the key good and, where it is told, no older."""
    latest: dict[str, tuple[str, int, int]] = {}
    found = {}
    pending: dict[tuple[int, int], tuple[str, str]] = {}
    for day, rows in enumerate(days, 1):
        known = dict(latest)
        for key, is_good, version in rows:
            if not is_good or version == "不详":
                continue
            is_repeated = known.get(key, ("",))[0] == version or (version, key) in [
                (v, k) for k, g, v in rows[: rows.index((key, is_good, version))] if g
            ]
            for place, (its_key, its_version) in list(pending.items()):
                is_newer = version >= its_version if its_version != "不详" else not is_repeated
                if its_key == key and is_newer:
                    found[place] = day
                    del pending[place]
            latest[key] = max(latest.get(key, ("", 0, 0)), (version, day, 0))
        for line, (key, is_good, version) in enumerate(rows, 2):
            if not is_good or version == "不详":
                pending[day, line] = (key, version)
    return found


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DAYS)
def test_whatever_comes_in_whatever_order_the_right_rows_are_settled_one_a_day_or_at_once(
    tmp_path_factory: pytest.TempPathFactory, days: list[list[tuple[str, bool, str]]]
) -> None:
    one_by_one, at_once = (Home(tmp_path_factory.mktemp("days")) for _ in range(2))
    for home in (one_by_one, at_once):
        prepare(home, FEEDS)
        for day, rows in enumerate(days, 1):
            # a row of the day's own keeps two deliveries from being the very same file
            land(home, day, *(row(k, "日常检查" if good else BAD, v) for k, good, v in rows), row(f"Z{day}"))
            if home is one_by_one or day == len(days):
                take_in(home, FEEDS, TODAY, "r")
    assert settled_by(one_by_one) == told(days)
    assert (settled_by(at_once), refused(at_once)) == (settled_by(one_by_one), refused(one_by_one))
    before = refused(at_once), settled_by(at_once), events(at_once)
    for size in (backfill_module.GROUP_BYTES, 1):  # all deliveries judged together, and each apart
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(backfill_module, "GROUP_BYTES", size)
            assert again(at_once, FEEDS).rewritten == ()
        assert (refused(at_once), settled_by(at_once), events(at_once)) == before


def test_list_and_status_tell_it_in_words(home: Home, jgt: Jgt) -> None:
    deliver(home, 1, row("B", BAD), row("C", BAD))
    deliver(home, 2, row("B"))
    listed = jgt(home, "quarantine", "list", "--state", "all").stdout
    assert "部门后来重报：yjgl/inspection/执法检查_20261102.csv" in listed
    assert "1 条由部门在后来的报送中重报更正" in listed
    with Ledger(home.ledger) as ledger:
        identity = next(r["quarantine_id"] for r in ledger.quarantined() if r["state"] == "corrected")
    shown = jgt(home, "quarantine", "show", identity).stdout
    assert "重报更正" in shown
    assert "系统" in shown
    status = jgt(home, "status").stdout
    assert "隔离待处理 1 条" in status
    assert "部门重报更正 1 条" in status


def test_a_duckdb_of_the_intake_reads_a_header_of_any_spelling(home: Home) -> None:
    odd = HEADER + ",备'注\",$x"
    deliver(home, 1, row("B", BAD) + ",甲,乙", header=odd)
    deliver(home, 2, row("B"))
    assert settled_by(home) == {(1, 2): 2}
    assert duckdb.sql(f"select count(*) from '{home.lake}/extra/**/*.parquet'").fetchall() == [(1,)]
