"""The way back: refused rows go to their department as a workbook, come back corrected, and nothing is lost or counted twice."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ingest.base.home import Home
from ingest.correcting.corrected_workbook import Workbook, take_in_corrections
from ingest.correcting.redrive import redrive
from ingest.correcting.return_workbook import FIXED, ID, export_returns
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import BatchResult, prepare, take_in
from ingest.storage.ledger import Ledger
from orchestration.state.new_files import new_files
from tests.support.strict_codes import refusing

Jgt = Callable[..., subprocess.CompletedProcess[str]]
FEEDS = refusing(load_feeds(), "yjgl.inspection", "inspection_kind")
TODAY = date(2026, 11, 20)
HEADER = "检查编号,统一社会信用代码,企业名称,区划代码,检查日期,检查类型,发现隐患数,重大隐患数,更新时间"
GOOD = "91320115MA1WXYK12T"


def row(number: str, **other: str) -> str:
    """A good inspection as a CSV line; other values by their header."""
    plain = [number, GOOD, "甲公司", "320115", "2026-11-01", "日常检查", "1", "0", "2026-11-02"]
    return ",".join({**dict(zip(HEADER.split(","), plain, strict=True)), **other}.values())


def land(home: Home, name: str, *rows: str) -> None:
    path = home.landing / "yjgl" / "inspection" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *rows]) + "\n", "gb18030")


def export(home: Home, day: date = TODAY) -> Path:
    with Ledger(home.ledger) as ledger:
        [(path, _)] = export_returns(home, ledger, FEEDS, {"yjgl": "应急局"}, day, home.exports / "退回")
    return path


def correct(workbook: Path, into: Path, changes: Mapping[str, Mapping[str, Any]]) -> Path:
    """What a clerk does: open the workbook, change cells of rows (by 检查编号, else line) by header, save it elsewhere."""
    book = CalamineWorkbook.from_path(str(workbook))
    into.parent.mkdir(parents=True, exist_ok=True)
    saved = xlsxwriter.Workbook(str(into), {"default_date_format": "yyyy-mm-dd"})
    # a book saved anew within the same second would have the same bytes, which is no new file
    saved.set_properties({"title": into.name})
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        sheet = saved.add_worksheet(name)
        headers = [str(cell) for cell in rows[0]]
        for number, cells in enumerate(rows):
            if number and ID in headers:
                key = str(cells[headers.index("检查编号")] or cells[headers.index("原行号")])
                for header, value in changes.get(key, {}).items():
                    cells[headers.index(header)] = value
            sheet.write_row(number, 0, cells)
    saved.close()
    return into


def returned(home: Home, name: str = "更正.xlsx") -> Path:
    return home.landing / "yjgl" / "退回更正" / name


def take_back(home: Home, day: date = TODAY) -> list[BatchResult]:
    return take_in_corrections(home, FEEDS, day, "r", "李四")


def refused(home: Home) -> dict[int, dict[str, Any]]:
    """Refused rows by their line."""
    with Ledger(home.ledger) as ledger:
        assert all(b["received"] == b["loaded"] + b["refused"] + b["duplicate"] for b in ledger.batches())
        return {r["row_number"]: r for r in ledger.quarantined()}


def loaded(home: Home, columns: str = "inspection_id, inspected_on, _file, _row") -> list[tuple[Any, ...]]:
    files = home.lake / "raw" / "yjgl" / "inspection" / "*.parquet"
    return duckdb.sql(f"select {columns} from '{files}' order by _batch_seq, _row").fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = Home(tmp_path / "home")
    prepare(opened, FEEDS)
    land(
        opened,
        "执法检查_20261101.csv",
        row("A"),
        row("B", 检查日期="2026-30-10"),
        row("C", 检查日期="2026-02-30", 检查类型="日常检察"),
        row("D", 统一社会信用代码=GOOD.replace("0", "O"), 企业名称=""),
        row("E") + ",多出一个字段",
    )
    take_in(opened, FEEDS, TODAY, "r")
    return opened


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_of(path: Path, number: int) -> list[list[tuple[str, str, bool]]]:
    """The cells of a worksheet as Excel shows them: text, colour, whether locked."""
    with zipfile.ZipFile(path) as archive:
        strings = [
            "".join(t.text or "" for t in si.iter(f"{MAIN}t"))
            for si in ET.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        styles = ET.fromstring(archive.read("xl/styles.xml"))
        sheet = ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
    fills = [fill.find(f".//{MAIN}fgColor") for fill in styles.find(f"{MAIN}fills") or []]
    looks = []
    for xf in styles.find(f"{MAIN}cellXfs") or []:
        colour, protection = fills[int(xf.get("fillId", 0))], xf.find(f"{MAIN}protection")
        looks.append(((colour.get("rgb") or "") if colour is not None else "", protection is None))
    return [
        [
            (
                strings[int(v.text or 0)] if (v := cell.find(f"{MAIN}v")) is not None else "",
                *looks[int(cell.get("s", 0))],
            )
            for cell in row
        ]
        for row in sheet.iter(f"{MAIN}row")
    ]


def test_the_workbook_holds_every_row_as_sent_with_reason_advice_and_bad_cells_coloured(home: Home) -> None:
    path = export(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    head, *rest = sheet_of(path, 2)
    headers = [text for text, _, _ in head]
    assert headers[: len(FIXED)] == list(FIXED)
    assert set(HEADER.split(",")) <= set(headers)
    rows = {cells[headers.index("检查编号")][0]: dict(zip(headers, cells, strict=False)) for cells in rest}
    assert (rows["C"]["检查日期"][0], rows["C"]["检查类型"][0]) == ("2026-02-30", "日常检察")
    assert {header for header, (_, colour, _) in rows["C"].items() if colour == "FFFFC7CE"} == {"检查日期", "检查类型"}
    assert "2 月只有 28 天" in rows["C"]["建议更正"][0]
    assert "疑为 日常检查" in rows["C"]["建议更正"][0]
    assert "疑为 2026-10-30（月日颠倒）" in rows["B"]["建议更正"][0]
    assert f"疑为 {GOOD}" in rows["D"]["建议更正"][0]
    assert "必填" in rows["D"]["建议更正"][0]
    assert (rows["C"][ID][2], rows["C"]["检查日期"][2]) == (True, False)
    assert rows[""]["原始行"][0] == row("E") + ",多出一个字段"
    with zipfile.ZipFile(path) as archive:
        assert b"<sheetProtection" in archive.read("xl/worksheets/sheet2.xml")
    assert "个人信息" in "".join(text for cells in sheet_of(path, 1) for text, _, _ in cells)


def test_the_same_rows_on_the_same_day_give_the_same_bytes(home: Home) -> None:
    first = export(home).read_bytes()
    assert export(home).read_bytes() == first


def test_a_corrected_row_comes_in_and_points_to_the_workbook_and_a_bad_one_stays(home: Home) -> None:
    correct(
        export(home),
        returned(home),
        {
            "B": {"检查日期": "2026-10-30"},
            "C": {"检查日期": "2026-02-31"},
            "6": dict(zip(HEADER.split(","), row("E").split(","), strict=True)),
        },
    )
    assert new_files(home) == [returned(home)]
    [result] = take_back(home)
    # D was left as it is: no attempt, no row of the redrive
    assert (result.received, result.loaded, result.refused, result.furniture) == (3, 2, 1, 1)
    [b, e] = [r for r in loaded(home) if r[0] in "BE"]
    assert (b[1], b[2]) == (date(2026, 10, 30), "yjgl/退回更正/更正.xlsx")
    found = refused(home)
    assert (found[3]["state"], found[3]["attempts"], found[3]["corrected_by"]) == ("corrected", 2, result.batch_id)
    assert (found[4]["state"], found[4]["attempts"], found[4]["reason_codes"]) == (
        "open",
        2,
        "DATE_INVALID,CODE_UNKNOWN",
    )
    assert (found[5]["state"], found[5]["attempts"]) == ("open", 1)
    assert found[6]["state"] == "corrected"
    with Ledger(home.ledger) as ledger:
        [balance] = ledger.balance()
        assert (balance["received"], balance["loaded"], balance["refused"]) == (5, 1, 4)
        assert ledger.returned()["yjgl.inspection"] == {"open": 2, "waiting": 0, "corrected": 2, "waived": 0}
        [event] = ledger.events(found[3]["quarantine_id"])
    assert (event["action"], event["who"]) == ("corrected", "李四")
    assert e[0] == "E"


def state_of(home: Home) -> tuple[dict[str, str], list[dict[str, Any]], list[dict[str, Any]]]:
    files = [p for f in (home.lake, home.quarantine) for p in f.rglob("*.parquet") if "ledger" not in p.parts]
    with Ledger(home.ledger) as ledger:
        return (
            {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files},
            ledger.batches(),
            ledger.quarantined(),
        )


def test_the_same_workbook_twice_changes_nothing_also_saved_anew(home: Home) -> None:
    path = export(home)
    correct(path, returned(home), {"B": {"检查日期": "2026-10-30"}, "C": {"检查日期": "2026-02-31"}})
    take_back(home)
    before = state_of(home)
    assert take_back(home, TODAY + timedelta(days=1)) == []
    assert new_files(home) == []
    correct(returned(home), returned(home, "再存一次.xlsx"), {"Z": {"检查日期": "x"}})
    [again] = take_back(home, TODAY + timedelta(days=1))
    assert (again.received, again.furniture) == (0, 4)
    files, _, rows = state_of(home)
    assert (files, rows) == (before[0], before[2])
    assert new_files(home) == []


def test_a_second_correction_starts_from_the_first(home: Home) -> None:
    correct(export(home), returned(home), {"C": {"检查日期": "2026-02-28"}})
    take_back(home)
    assert refused(home)[4]["reason_codes"] == "CODE_UNKNOWN"
    second = export(home, TODAY + timedelta(days=1))
    correct(second, returned(home, "第二次.xlsx"), {"C": {"检查类型": "日常检查"}})
    take_back(home)
    assert [r[1] for r in loaded(home) if r[0] == "C"] == [date(2026, 2, 28)]
    assert (refused(home)[4]["state"], refused(home)[4]["attempts"]) == ("corrected", 3)


def test_a_date_typed_as_a_date_and_a_number_as_a_number_are_read_as_meant(home: Home) -> None:
    correct(export(home), returned(home), {"B": {"检查日期": date(2026, 10, 30), "发现隐患数": 7}})
    take_back(home)
    assert [r[1:] for r in loaded(home, "inspection_id, inspected_on, hazards_found") if r[0] == "B"] == [
        (date(2026, 10, 30), 7)
    ]


def test_a_changed_or_unknown_id_or_one_given_twice_is_refused_with_what_to_do(home: Home) -> None:
    ids = {line: r["quarantine_id"] for line, r in refused(home).items()}
    correct(
        export(home),
        returned(home),
        {
            "B": {ID: ids[4], "检查日期": "2026-10-30"},  # the id of row C on the row of B: the keys differ
            "D": {ID: "yjgl_inspection_20261101_000000000000_9", "统一社会信用代码": GOOD, "企业名称": "乙"},
        },
    )
    [result] = take_back(home)
    assert (result.received, result.loaded, result.refused) == (3, 0, 3)
    assert loaded(home, "inspection_id") == [("A",)]
    with Ledger(home.ledger) as ledger:
        own = [r for r in ledger.quarantined() if r["reason_codes"] == "REDRIVE_ID"]
        assert [r["state"] for r in ledger.quarantined() if r["batch_id"] != result.batch_id] == ["open"] * 4
    assert len(own) == 3
    # each is sent out again under an id of its own, and comes in when its department says that it is meant
    second = export(home, TODAY + timedelta(days=1))
    correct(second, returned(home, "确认.xlsx"), {})
    [confirmed] = take_back(home)
    assert confirmed.loaded == 2
    assert {r[0] for r in loaded(home)} == {"A", "B", "D"}


def test_a_workbook_of_another_department_or_none_is_refused_whole(home: Home, tmp_path: Path) -> None:
    path = export(home)
    foreign = home.landing / "scjg" / "退回更正" / "误投.xlsx"
    correct(path, foreign, {"B": {"检查日期": "2026-10-30"}})
    [result] = take_back(home)
    assert (result.status, result.reason_code, result.received) == ("refused", "RETURN_UNKNOWN", 4)
    assert len(loaded(home)) == 1
    assert new_files(home) == []
    broken = returned(home, "坏.xlsx")
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_bytes(b"PK\x03\x04 nothing")
    [result] = take_back(home)
    assert result.reason_code == "FILE_UNREADABLE"


def test_a_new_code_in_the_contract_brings_refused_rows_in(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    land(home, "执法检查_20261102.csv", row("F", 检查类型="夜间突击"))
    take_in(home, FEEDS, TODAY, "r")
    again = lambda feeds: redrive(home, feeds, TODAY, "r", "王五", only="yjgl.inspection")  # noqa: E731
    assert sum(r.loaded for r in again(FEEDS)) == 0
    assert again(FEEDS) == []  # under the very same contract there is nothing to look at twice
    feed = FEEDS["yjgl.inspection"]
    columns = tuple(
        replace(c, codes=(*c.codes, ("夜间突击", "night"))) if c.label == "检查类型" else c for c in feed.columns
    )
    changed = {**FEEDS, feed.id: replace(feed, columns=columns)}
    assert sum(r.loaded for r in again(changed)) == 1
    assert [r for r in loaded(home) if r[0] == "F"] == [
        ("F", date(2026, 11, 1), "yjgl/inspection/执法检查_20261102.csv", 2)
    ]
    assert again(changed) == []


def test_a_file_refused_whole_comes_in_when_the_contract_learns_its_header(home: Home) -> None:
    from dataclasses import replace

    path = home.landing / "yjgl" / "inspection" / "执法检查_20261103.csv"
    path.write_text("\n".join([HEADER.replace("检查编号", "记录号"), row("G")]) + "\n", "gb18030")
    [batch] = take_in(home, FEEDS, TODAY, "r")
    assert batch.reason_code == "COLUMN_LOST"
    feed = FEEDS["yjgl.inspection"]
    columns = tuple(replace(c, synonyms=("记录号",)) if c.name == "inspection_id" else c for c in feed.columns)
    results = redrive(
        home, {**FEEDS, feed.id: replace(feed, columns=columns)}, TODAY, "r", "王五", batch_id=batch.batch_id
    )
    assert [(r.received, r.loaded) for r in results] == [(1, 1)]
    with Ledger(home.ledger) as ledger:
        assert ledger.refused_files() == []
        [file] = ledger.refused_files(None)
        assert (file["state"], [e["action"] for e in ledger.events(batch.batch_id)]) == ("corrected", ["corrected"])


KEYS = ["B", "C", "D"]
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "检查日期": st.sampled_from(["2026-11-03", "2026-13-13", "", "三月"]),
        "检查类型": st.sampled_from(["日常检查", "没有的"]),
        "统一社会信用代码": st.sampled_from([GOOD, "123"]),
        "企业名称": st.sampled_from(["乙公司", ""]),
        "发现隐患数": st.sampled_from(["3", "-1", "若干"]),
    },
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES), min_size=1, max_size=3))
def test_whatever_is_corrected_in_whatever_order_the_ledger_balances_and_no_row_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[dict[str, dict[str, str]]]
) -> None:
    home = Home(tmp_path_factory.mktemp("rounds"))
    prepare(home, FEEDS)
    bad = {"B": {"检查日期": "2026-30-10"}, "C": {"检查日期": "2026-02-30"}, "D": {"统一社会信用代码": "9"}}
    land(home, "执法检查_20261101.csv", row("A"), *(row(key, **value) for key, value in bad.items()))
    take_in(home, FEEDS, TODAY, "r")
    for number, changes in enumerate(rounds):
        states = [r["state"] for r in refused(home).values()]
        if "open" not in states:
            break
        path = returned(home, f"{number}.xlsx")
        correct(export(home, TODAY + timedelta(days=number)), path, changes)
        take_back(home)
        before = state_of(home)
        assert take_back(home) == []
        assert state_of(home) == before
        rows = refused(home)  # asserts the balance of every batch
        in_lake = {r[0] for r in loaded(home)}
        corrected = {key for key, line in zip(KEYS, (3, 4, 5), strict=True) if rows[line]["state"] == "corrected"}
        # every row sent is in the lake or still refused, never both, never neither
        assert in_lake == {"A"} | corrected
        assert {r["state"] for r in rows.values()} <= {"open", "corrected"}
        with Ledger(home.ledger) as ledger:
            told = ledger.returned()["yjgl.inspection"]
            assert told["open"] + told["corrected"] == 3
            assert len(ledger.lake_files()) == len({f for f, _, _ in ledger.lake_files()})
            for path_in_lake, sha256, count in ledger.lake_files():
                file = home.lake / path_in_lake
                assert hashlib.sha256(file.read_bytes()).hexdigest() == sha256
                assert duckdb.sql(f"select count(*) from '{file}'").fetchall() == [(count,)]


def test_the_commands_from_list_to_waiver(home: Home, jgt: Jgt, tmp_path: Path) -> None:
    listed = json.loads(jgt(home, "quarantine", "list", "--department", "应急局", "--json").stdout)
    assert sum(c["rows"] for c in listed["counts"]) == 4
    identity = next(r["quarantine_id"] for r in listed["rows"] if "USCC_CHECK" in r["reason_codes"])
    shown = jgt(home, "quarantine", "show", identity)
    assert "✘ 统一社会信用代码" in shown.stdout
    assert f"疑为 {GOOD}" in shown.stdout
    exported = jgt(home, "quarantine", "export", "--department", "yjgl", "--out", str(tmp_path))
    assert exported.returncode == 0
    assert "0600" in exported.stdout
    [path] = tmp_path.glob("*.xlsx")
    sent = correct(path, tmp_path / "back" / "改好.xlsx", {"B": {"检查日期": "2026-10-30"}})
    again = jgt(home, "quarantine", "redrive", str(sent), "--by", "张三")
    assert (again.returncode, "入库 1" in again.stdout) == (0, True), again.stderr
    assert "没有新的" in jgt(home, "quarantine", "redrive", str(sent)).stdout
    assert jgt(home, "quarantine", "waive", identity, "--by", "张三").returncode == 2
    assert jgt(home, "quarantine", "waive", identity, "--by", "张三", "--reason", " ").returncode == 2
    assert jgt(home, "quarantine", "waive", identity, "--by", "张三", "--reason", "企业已注销").returncode == 0
    assert jgt(home, "quarantine", "waive", identity, "--by", "张三", "--reason", "企业已注销").returncode == 1
    assert "张三：企业已注销" in jgt(home, "quarantine", "show", identity).stdout
    assert jgt(home, "quarantine", "show", "nothing").returncode == 1
    assert jgt(home, "quarantine", "list", "--reason", "NOPE").returncode == 1


def test_a_workbook_given_by_hand_tells_its_department_by_its_rows(home: Home, tmp_path: Path) -> None:
    sent = correct(export(home), tmp_path / "x.xlsx", {"B": {"检查日期": "2026-10-30"}})
    results = take_in_corrections(home, FEEDS, TODAY, "r", given=[Workbook(sent, "退回更正/x.xlsx", None)])
    assert [r.loaded for r in results] == [1]
