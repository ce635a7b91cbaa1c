"""Files from the landing to lake, quarantine and ledger: nothing is lost, nothing is counted twice, a crash costs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.base.reasons import FILE_REASONS
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import BatchResult, prepare, take_in, take_in_unknown
from ingest.storage import landing
from ingest.storage.freshness import freshness
from ingest.storage.ledger import Ledger
from ingest.synthetic.city import generate, truth_folder

FEEDS = load_feeds()
TODAY = date(2026, 11, 20)
AN_HOUR_AGO = time.time() - 3600
HEADER = "检查编号,统一社会信用代码,企业名称,区划代码,检查日期,检查类型,发现隐患数,重大隐患数,更新时间"


def inspection(number: str, **other: str) -> str:
    """A good inspection as a CSV line; other values by their Chinese header."""
    cells = dict(
        zip(
            HEADER.split(","),
            [number, "", "甲公司", "320115", "2026-11-01", "日常检查", "1", "0", "2026-11-02"],
            strict=True,
        )
    )
    return ",".join({**cells, **other}.values())


def land(home: Home, name: str, content: str | bytes, feed: str = "yjgl.inspection", encoding: str = "gb18030") -> Path:
    """Put a file before the intake."""
    path = home.landing.joinpath(*feed.split("."), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    os.utime(path, (AN_HOUR_AGO, AN_HOUR_AGO))
    return path


def lines(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def run(home: Home, day: date = TODAY) -> list[BatchResult]:
    return take_in(home, FEEDS, day, f"run-{day:%Y%m%d}")


def lake_rows(home: Home, columns: str, feed: str = "yjgl.inspection") -> list[tuple[Any, ...]]:
    files = (home.lake / "raw").joinpath(*feed.split("."), "*.parquet")
    return duckdb.sql(f"select {columns} from '{files}' order by _batch_seq, _row").fetchall()


def state_of(home: Home) -> dict[str, str]:
    """sha256 of every file of lake and quarantine, but for the ledger's own file, whose rows are compared apart."""
    files = [p for folder in (home.lake, home.quarantine) for p in folder.rglob("*") if p.is_file()]
    kept = [p for p in files if "ledger" not in p.name and not p.name.startswith(".intake")]
    return {p.relative_to(home.root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(kept)}


def entries_of(home: Home) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The ledger's rows, but for the moment and run they were taken in."""
    with Ledger(home.ledger) as ledger:
        batches = [{k: v for k, v in b.items() if k not in ("taken_at", "run_id")} for b in ledger.batches()]
        return batches, ledger.quarantined(), ledger.changes()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = Home(tmp_path / "home")
    prepare(opened, FEEDS)
    return opened


def test_every_feed_can_be_read_before_anything_arrives(home: Home) -> None:
    for feed in FEEDS.values():
        relation = duckdb.sql(f"select * from '{home.lake}/raw/{feed.department}/{feed.name}/*.parquet'")
        assert relation.columns[: len(feed.columns)] == [c.name for c in feed.columns]
        assert [str(t).replace(" ", "") for t in relation.types[: len(feed.columns)]] == [
            c.duckdb_type for c in feed.columns
        ]
        assert relation.fetchall() == []


BAD = {
    "执法检查_20261101.csv": (b"", "FILE_EMPTY", 0),
    "执法检查_20261102.csv": (lines(inspection("A")).encode(), "FILE_ENCODING", 0),
    "执法检查_20261103.csv": (b"\xff\xff" + lines(inspection("A")).encode("gb18030"), "FILE_ENCODING", 0),
    "执法检查_20261104.csv": (lines(inspection("A"), "B,,乙公").rstrip().encode("gb18030"), "FILE_TRUNCATED", 2),
    "执法检查_20261105.csv": (lines(inspection("A"), 'B,,"乙公').rstrip().encode("gb18030"), "FILE_TRUNCATED", 2),
    "执法检查_20261106.csv": (
        lines(inspection("A"), inspection("江")).rstrip().encode("gb18030")[:-50],
        "FILE_TRUNCATED",
        2,
    ),
    "执法检查_20261107.csv": ("编号,单位\n1,甲\n".encode("gb18030"), "HEADER_MISSING", 1),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_whole_with_reason_and_remedy_and_the_rest_goes_on(home: Home, name: str) -> None:
    content, code, records = BAD[name]
    land(home, name, content)
    land(home, "执法检查_20261108.csv", lines(inspection("Z")))
    bad, good = run(home)
    assert (bad.status, bad.reason_code) == ("refused", code)
    assert (bad.received, bad.loaded, bad.refused, bad.duplicate) == (records, 0, records, 0)
    assert (good.status, good.loaded) == ("loaded", 1)
    kept = home.quarantine / "files" / f"{bad.batch_id}.csv"
    assert kept.read_bytes() == content
    note = json.loads(kept.with_name(f"{kept.name}.json").read_text("utf-8"))
    assert note["file"] == f"yjgl/inspection/{name}"
    assert (note["reason_code"], note["remedy"]) == (code, FILE_REASONS[code].remedy)
    with Ledger(home.ledger) as ledger:
        assert [f["file"] for f in ledger.refused_files()] == [f"yjgl/inspection/{name}"]


def test_a_file_that_is_still_being_copied_waits_and_is_then_taken_in_whole(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "LOOK_APART_SECONDS", 0.25)
    path = land(home, "执法检查_20261101.csv", lines(inspection("JC0")))
    stop, written = threading.Event(), [1]

    def copy() -> None:
        with path.open("a", encoding="gb18030") as file:
            while not stop.is_set():
                file.write(inspection(f"JC{written[0]}") + "\n")
                file.flush()
                written[0] += 1
                time.sleep(0.005)

    writer = threading.Thread(target=copy)
    writer.start()
    try:
        while written[0] < 3:
            time.sleep(0.01)
        assert run(home) == []
    finally:
        stop.set()
        writer.join()
    [batch] = run(home)
    assert (batch.received, batch.loaded) == (written[0], written[0])


def test_a_young_archive_without_its_end_waits_and_an_old_one_is_refused(home: Home) -> None:
    path = land(home, "执法检查_20261101.csv", b"PK\x03\x04 the rest is on its way")
    os.utime(path)
    assert run(home) == []
    os.utime(path, (AN_HOUR_AGO, AN_HOUR_AGO))
    assert [r.reason_code for r in run(home)] == ["FILE_UNREADABLE"]


def test_broken_workbooks_and_json_are_refused_and_unknown_files_too(home: Home) -> None:
    land(home, "消防监督检查_20261101.xlsx", b"PK\x03\x04 broken", "xfjy.fire_inspection")
    land(home, "红黑名单_20261101.json", '{"data": [{"名单编号": "1"', "fgw.credit_list", "utf-8")
    land(home, "说明_20261101.docx", b"anything")
    land(home, "名册_20261101.csv", b"a,b\n1,2\n", "qxj.weather")
    results = {r.file: r for r in run(home)}
    assert {file: r.reason_code for file, r in results.items()} == {
        "xfjy/fire_inspection/消防监督检查_20261101.xlsx": "FILE_UNREADABLE",
        "fgw/credit_list/红黑名单_20261101.json": "FILE_TRUNCATED",
        "yjgl/inspection/说明_20261101.docx": "FILE_UNKNOWN",
        "qxj/weather/名册_20261101.csv": "FILE_UNKNOWN",
    }
    assert all((r.received, r.refused) == (0, 0) for r in results.values())


def test_unknown_files_are_taken_apart_from_a_single_feed(home: Home) -> None:
    land(home, "执法检查_20261101.csv", lines(inspection("A")))
    land(home, "说明.txt", b"x")
    assert [r.feed for r in take_in(home, FEEDS, TODAY, "r", only="yjgl.inspection")] == ["yjgl.inspection"]
    assert [r.reason_code for r in take_in_unknown(home, FEEDS, TODAY, "r")] == ["FILE_UNKNOWN"]
    assert run(home) == []


def test_a_refused_row_is_kept_whole_with_every_reason_and_its_line(home: Home) -> None:
    land(home, "执法检查_20261101.csv", lines(inspection("A"), inspection("B", 检查日期="2026-02-30", 区划代码="上海")))
    [batch] = run(home)
    assert (batch.received, batch.loaded, batch.refused) == (2, 1, 1)
    with Ledger(home.ledger) as ledger:
        [row] = ledger.quarantined()
    assert (row["row_number"], row["reason_codes"]) == (3, "DATE_INVALID,CODE_UNKNOWN")
    assert set(row["columns"].split(",")) == {"inspected_on", "district_code"}
    kept = duckdb.sql(f"select content from '{home.quarantine}/rows/yjgl/inspection/*.parquet'").fetchall()
    sent = dict(zip(HEADER.split(","), inspection("B", 检查日期="2026-02-30", 区划代码="上海").split(","), strict=True))
    assert {k: v or "" for k, v in json.loads(kept[0][0]).items()} == sent


def test_a_loaded_row_names_its_file_and_line(home: Home) -> None:
    land(home, "执法检查_20261101.csv", lines(inspection("A", 企业名称='"甲\n公司"'), inspection("B")))
    [batch] = run(home)
    assert lake_rows(home, "inspection_id, _file, _row, _batch_id, _received_on") == [
        ("A", "yjgl/inspection/执法检查_20261101.csv", 2, batch.batch_id, TODAY),
        ("B", "yjgl/inspection/执法检查_20261101.csv", 4, batch.batch_id, TODAY),
    ]


def test_the_same_file_twice_changes_nothing_under_any_name(home: Home) -> None:
    content = lines(inspection("A"), inspection("B", 更新时间=""))
    path = land(home, "执法检查_20261101.csv", content)
    run(home)
    before = state_of(home), entries_of(home)
    assert run(home, date(2026, 11, 21)) == []
    path.rename(path.with_name("执法检查_20261103.csv"))
    land(home, "执法检查_20261104.csv", content)
    assert run(home, date(2026, 11, 22)) == []
    assert (state_of(home), entries_of(home)) == before


def test_a_corrected_row_is_a_new_version_and_an_unchanged_one_a_duplicate(home: Home) -> None:
    land(home, "执法检查_20261101.csv", lines(inspection("A"), inspection("B"), inspection("B")))
    land(home, "执法检查_20261102.csv", lines(inspection("A", 发现隐患数="3", 更新时间="2026-11-05"), inspection("B")))
    land(home, "执法检查_20261103.csv", lines(inspection("A"), inspection("C")))
    first, second, third = run(home)
    assert (first.loaded, first.duplicate) == (2, 1)
    assert (second.loaded, second.duplicate) == (1, 1)
    # the first version of A again is not what was last known of it
    assert (third.loaded, third.duplicate) == (2, 0)
    latest = "arg_max(hazards_found, (updated_at, _batch_seq, _row))"
    files = home.lake / "raw" / "yjgl" / "inspection" / "*.parquet"
    assert duckdb.sql(f"select {latest} from '{files}' where inspection_id = 'A'").fetchall() == [(3,)]


def test_the_archive_keeps_what_was_sent_read_only(home: Home) -> None:
    path = land(home, "执法检查_20261101.csv", lines(inspection("A")))
    run(home)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = home.archive / digest[:2] / f"{digest}.csv"
    assert kept.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o444


def test_columns_outside_the_contract_are_noted_and_not_loaded(home: Home) -> None:
    land(home, "执法检查_20261101.csv", f"{HEADER},内部批注\n{inspection('A')},x\n")
    run(home)
    with Ledger(home.ledger) as ledger:
        noted = {(c["column_name"], c["change_kind"]) for c in ledger.changes()}
    assert ("内部批注", "EXTRA_COLUMN") in noted
    assert ("street_code", "COLUMN_MISSING") in noted
    assert lake_rows(home, "inspection_id, street_code") == [("A", None)]


KILLED = """
import os, sys
from datetime import date
from pathlib import Path
from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import take_in
from ingest.storage.ledger import Ledger
Ledger.record_all = lambda *_: os._exit(9)
take_in(Home(Path(sys.argv[1])), load_feeds(), date(2026, 11, 20), "killed")
"""


def test_a_kill_between_the_files_and_the_ledger_costs_nothing(tmp_path: Path) -> None:
    homes = [Home(tmp_path / name) for name in ("killed", "whole")]
    for home in homes:
        prepare(home, FEEDS)
        land(home, "执法检查_20261101.csv", lines(inspection("A"), inspection("B", 检查日期="x")))
        land(home, "执法检查_20261102.csv", b"")
        land(home, "执法检查_20261103.csv", f"{HEADER},内部批注\n{inspection('C')},甲\n")
    killed, whole = homes
    died = subprocess.run([sys.executable, "-c", KILLED, str(killed.root)], capture_output=True, check=False)
    assert died.returncode == 9, died.stderr.decode()
    with Ledger(killed.ledger) as ledger:
        assert ledger.batches() == []
    orphans = prepare(killed, FEEDS)
    assert {p.suffix for p in orphans} == {".parquet", ".csv", ".json"}
    assert [p.parent.name for p in orphans if "extra" in p.parts] == ["inspection"]
    assert not [p for p in (killed.lake / "extra").rglob("*") if p.is_file()]
    assert not list(killed.build.glob("intake-*"))
    run(killed)
    run(whole)
    assert state_of(killed) == state_of(whole)
    assert entries_of(killed) == entries_of(whole)
    assert prepare(killed, FEEDS) == []


def test_the_export_is_typed_and_the_same_each_time_also_when_empty(home: Home) -> None:
    folder = home.lake / "ledger"
    with Ledger(home.ledger) as ledger:
        ledger.export(folder)
        assert duckdb.sql(f"select * from '{folder}/batch.parquet'").fetchall() == []
        land(home, "执法检查_20261101.csv", lines(inspection("A"), inspection("B", 检查日期="x")))
        run(home)
        ledger.export(folder)
        first = {p.name: p.read_bytes() for p in folder.iterdir()}
        ledger.export(folder)
        assert {p.name: p.read_bytes() for p in folder.iterdir()} == first
    found = duckdb.sql(f"select received_on, loaded, is_synthetic, data_until from '{folder}/batch.parquet'").fetchall()
    assert found == [(TODAY, 1, False, date(2026, 11, 1))]
    assert duckdb.sql(f"select reason_codes, state from '{folder}/quarantine_row.parquet'").fetchall() == [
        ("DATE_INVALID", "open")
    ]


def test_a_feed_is_fresh_until_its_period_and_latency_have_passed(home: Home) -> None:
    land(home, "执法检查_20261118.csv", lines(inspection("A")))
    run(home)
    with Ledger(home.ledger) as ledger:

        def state(moment: datetime) -> str:
            return str(next(f for f in freshness(FEEDS, ledger, moment) if f["feed"] == "yjgl.inspection")["state"])

        # daily, 26 hours: data of the 18th are followed by those of the 19th by 2 o'clock on the 20th
        assert state(datetime(2026, 11, 20, 1, 59)) == "fresh"
        assert state(datetime(2026, 11, 20, 2, 1)) == "late"
        never = [f["feed"] for f in freshness(FEEDS, ledger, datetime(2026, 11, 20)) if f["state"] == "never"]
        assert len(never) == len(FEEDS) - 1


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small demo city, taken in at once."""
    home = Home(tmp_path_factory.mktemp("city"))
    generate(home.landing, 0.002, 11, TODAY)
    run(home)
    return home


def test_the_demo_citys_ledger_is_what_its_truth_says(city: Home) -> None:
    truth = json.loads((truth_folder(city.landing) / "truth.json").read_text("utf-8"))
    with Ledger(city.ledger) as ledger:
        balance, quarantined, batches = ledger.balance(), ledger.quarantined(), ledger.batches()
    sent = {file["feed"] for file in truth["files"]}  # so small a city has none of some records
    expected = [{k: v for k, v in e.items() if k != "refused_by_reason"} for e in truth["ledger"] if e["feed"] in sent]
    assert balance == expected
    for entry in truth["ledger"]:
        reasons = Counter(r["reason_codes"] for r in quarantined if r["feed"] == entry["feed"])
        for batch in batches:
            if batch["feed"] == entry["feed"] and batch["status"] == "refused":
                reasons[batch["reason_code"]] += batch["refused"]
        assert reasons == Counter(entry["refused_by_reason"]), entry["feed"]
    assert all(b["is_synthetic"] for b in batches)


def test_every_batch_balances_and_its_lake_file_has_its_rows(city: Home) -> None:
    with Ledger(city.ledger) as ledger:
        assert all(b["received"] == b["loaded"] + b["refused"] + b["duplicate"] for b in ledger.batches())
        for path, sha256, rows in ledger.lake_files():
            file = city.lake / path
            assert hashlib.sha256(file.read_bytes()).hexdigest() == sha256
            assert duckdb.sql(f"select count(*) from '{file}'").fetchall() == [(rows,)]


def test_day_by_day_gives_the_same_lake_as_all_at_once(city: Home, tmp_path: Path) -> None:
    home = Home(tmp_path / "daily")
    prepare(home, FEEDS)
    for feed in ("yjgl.hazard", "yjgl.inspection", "fgw.credit_list", "fgw.credit_repair"):
        for source in sorted(city.landing.joinpath(*feed.split(".")).iterdir()):
            land(home, source.name, source.read_bytes(), feed)
            run(home)
    feeds = ("yjgl.hazard", "yjgl.inspection", "fgw.credit_list", "fgw.credit_repair")
    same = [e for e in entries_of(city)[0] if e["feed"] in feeds]
    assert [{**e, "is_synthetic": True} for e in entries_of(home)[0]] == same


def test_a_report_of_nothing_counts_for_each_day_and_once_a_day(tmp_path: Path) -> None:
    """The same header alone on three days, at once or day by day, and a day again under another name."""
    homes = [Home(tmp_path / name) for name in ("once", "daily")]
    for home in homes:
        prepare(home, FEEDS)
        for day in ("20261101", "20261102", "20261103"):
            land(home, f"执法检查_{day}.csv", HEADER + "\n")
            if home is homes[1]:
                run(home)
        land(home, "执法检查_重报_2026-11-02.csv", HEADER + "\n")
        run(home)
        assert run(home, date(2026, 11, 21)) == []
    batches = [entries_of(home)[0] for home in homes]
    assert batches[0] == batches[1]
    assert [(b["data_until"].day, b["received"]) for b in batches[0]] == [(1, 0), (2, 0), (3, 0)]
    with Ledger(homes[0].ledger) as ledger:
        [state] = [f for f in freshness(FEEDS, ledger, datetime(2026, 11, 4, 1)) if f["feed"] == "yjgl.inspection"]
    assert (state["last_batch"], state["state"]) == (date(2026, 11, 3), "fresh")


def test_records_of_one_day_are_not_counted_again_on_another(tmp_path: Path) -> None:
    home = Home(tmp_path)
    prepare(home, FEEDS)
    for day in ("20261101", "20261102"):
        land(home, f"执法检查_{day}.csv", lines(inspection("A")))
    assert [(b.received, b.loaded) for b in run(home)] == [(1, 1)]
