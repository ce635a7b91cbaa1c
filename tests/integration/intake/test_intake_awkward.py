"""Files as departments really send them: nothing is lost, nothing is silently wrong, one bad file stops no other."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from ingest.base.files import sha256_of
from ingest.base.home import Home
from ingest.feeds.check_digits import USCC_ALPHABET, USCC_WEIGHTS
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column
from ingest.intake.take_in import ZERO_REPORT_BYTES, BatchResult, prepare, take_in
from ingest.storage import archive
from ingest.storage.ledger import Ledger

FEEDS = load_feeds()
TODAY = date(2026, 11, 20)
INSPECTION = {
    "检查编号": "A",
    "统一社会信用代码": "",
    "企业名称": "甲公司",
    "区划代码": "320115",
    "检查日期": "2026-11-01",
    "检查类型": "日常检查",
    "发现隐患数": "1",
    "重大隐患数": "0",
    "更新时间": "2026-11-02",
}
FIRE = {
    "检查编号": "A",
    "单位名称": "甲公司",
    "统一社会信用代码": "",
    "所在区": "江宁区",
    "检查日期": "2026-11-01",
    "检查形式": "专项检查",
    "发现火灾隐患（处）": 1,
    "重大火灾隐患（处）": 0,
    "更新时间": "2026-11-02",
}


def _uscc(first_17: str) -> str:
    total = sum(w * USCC_ALPHABET.index(c) for w, c in zip(USCC_WEIGHTS, first_17, strict=True))
    return first_17 + USCC_ALPHABET[(31 - total % 31) % 31]


CREDIT = {
    "名单编号": "A",
    "统一社会信用代码": _uscc("91320115MA1MKT1L0"),
    "主体名称": "甲公司",
    "名单类型": "守信红名单",
    "列入日期": "2026-01-01",
    "更新时间": "2026-01-02",
}


def csv_of(*rows: dict[str, str]) -> str:
    """An inspection file; each row says what differs from a good one."""
    return "\n".join([",".join(INSPECTION), *(",".join({**INSPECTION, **row}.values()) for row in rows)]) + "\n"


def land(home: Home, content: str | bytes, name: str = "执法检查_20261101.csv", feed: str = "yjgl.inspection") -> Path:
    path = home.landing.joinpath(*feed.split("."), name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("gb18030"))
    return path


def land_workbook(home: Home, rows: list[list[object]]) -> Path:
    path = home.landing / "xfjy" / "fire_inspection" / "消防监督检查_20261101.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表")
        for number, row in enumerate([list(FIRE), *rows]):
            sheet.write_row(number, 0, row)
    return path


def land_json(home: Home, document: str | list[Any], name: str = "红黑名单_20261101.json") -> Path:
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return land(home, text.encode("utf-8"), name, "fgw.credit_list")


def run(home: Home) -> list[BatchResult]:
    return take_in(home, FEEDS, TODAY, "run")


def lake(home: Home, columns: str, feed: str = "yjgl.inspection") -> list[tuple[Any, ...]]:
    files = (home.lake / "raw").joinpath(*feed.split("."), "*.parquet")
    return duckdb.sql(f"select {columns} from '{files}' order by _batch_seq, _row").fetchall()


def refusals(home: Home) -> list[tuple[int, str]]:
    with Ledger(home.ledger) as ledger:
        return [(row["row_number"], row["reason_codes"]) for row in ledger.quarantined()]


def counts(batch: BatchResult) -> tuple[int, int, int, int]:
    return batch.received, batch.loaded, batch.refused, batch.duplicate


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = Home(tmp_path / "home")
    prepare(opened, FEEDS)
    return opened


def test_utf_8_under_a_gb18030_contract_is_never_read_as_gibberish(home: Home) -> None:
    # English headers and codes are the same in both encodings, the company's name is not, yet it decodes
    header = "inspection_id,enterprise_name,district_code,inspected_on,inspection_kind,hazards_found,"
    header += "major_hazards_found,updated_at\n"
    land(home, (header + "A,甲公司名,320115,2026-11-01,routine,1,0,2026-11-02\n").encode())
    [batch] = run(home)
    assert batch.reason_code == "FILE_ENCODING"
    assert "UTF-8" in (batch.reason_message or "")


def test_a_short_gb18030_file_stays_gb18030(home: Home) -> None:
    land(home, csv_of({"企业名称": "联通"}))
    run(home)
    assert lake(home, "enterprise_name") == [("联通",)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_a_wrong_encoding_is_named(home: Home, encoding: str) -> None:
    land(home, csv_of({}).encode("utf-8-sig" if encoding == "utf-8" else encoding))
    [batch] = run(home)
    assert batch.reason_code == "FILE_ENCODING"
    assert encoding.upper() in (batch.reason_message or "")


def test_what_a_bad_byte_stands_beside_is_told_to_nobody(home: Home) -> None:
    content = csv_of({"企业名称": "张三丰"}).encode("gb18030")
    land(home, content.replace("公司".encode("gb18030"), b"\xff\xff").replace("丰".encode("gb18030"), b"\xff\xff"))
    [batch] = run(home)
    note = next((home.quarantine / "files").glob("*.json")).read_text("utf-8")
    assert batch.reason_code == "FILE_ENCODING"
    for text in (batch.reason_message or "", note):
        assert "张三".encode("gb18030").hex(" ") not in text


@pytest.mark.parametrize("end", ["", "\r"])
def test_lines_that_end_in_a_carriage_return_alone_are_lines(home: Home, end: str) -> None:
    land(home, csv_of({}, {"检查编号": "B"}).rstrip().replace("\n", "\r") + end)
    [batch] = run(home)
    assert counts(batch) == (2, 2, 0, 0)
    assert lake(home, "inspection_id, _row") == [("A", 2), ("B", 3)]


def test_another_delimiter_is_named(home: Home) -> None:
    land(home, csv_of({}).replace(",", "\t"))
    [batch] = run(home)
    assert batch.reason_code == "HEADER_MISSING"
    assert "制表符" in (batch.reason_message or "")


def test_a_cell_of_five_megabytes_costs_its_own_row(home: Home) -> None:
    land(home, csv_of({}, {"检查编号": "B", "企业名称": "甲" * 2_600_000}, {"检查编号": "C"}))
    land_json(home, [{**CREDIT, "主体名称": "甲" * 2_000_000}, {**CREDIT, "名单编号": "B"}])
    assert {b.feed: counts(b) for b in run(home)} == {"yjgl.inspection": (3, 2, 1, 0), "fgw.credit_list": (2, 1, 1, 0)}
    assert sorted(refusals(home)) == [(1, "TEXT_TOO_LONG"), (3, "TEXT_TOO_LONG")]
    assert lake(home, "inspection_id") == [("A",), ("C",)]


def test_a_file_name_in_gbk_is_read_as_its_sender_meant_it(home: Home) -> None:
    land(home, csv_of({}), os.fsdecode("执法检查_20261101.csv".encode("gb18030")))
    [batch] = run(home)
    assert (batch.file, batch.loaded) == ("yjgl/inspection/执法检查_20261101.csv", 1)


def test_an_ending_of_any_length_is_archived(home: Home) -> None:
    land(home, b"x", "说明." + "long" * 50)
    [batch] = run(home)
    assert batch.reason_code == "FILE_UNKNOWN"


def test_a_link_out_of_the_landing_is_not_followed_and_the_rest_goes_on(home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(csv_of({"检查编号": "S"}).encode("gb18030"))
    (home.landing / "yjgl" / "inspection" / "执法检查_20261031.csv").symlink_to(secret)
    land(home, csv_of({}))
    link, good = run(home)
    assert (link.reason_code, good.loaded) == ("FILE_UNREADABLE", 1)
    assert run(home) == []
    copies = [p for folder in (home.archive, home.quarantine) for p in folder.rglob("*.csv")]
    assert all(b"S," not in p.read_bytes() for p in copies)


def test_a_file_without_permission_is_refused_once_and_taken_in_when_it_can_be_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(home, csv_of({}))
    with monkeypatch.context() as closed:
        closed.setattr("ingest.intake.take_in.unreadable", lambda *_: "没有读取权限")
        [refused] = run(home)
        assert run(home) == []
    assert (refused.reason_code, refused.received) == ("FILE_UNREADABLE", 0)
    assert "没有读取权限" in (refused.reason_message or "")
    [taken] = run(home)
    assert taken.loaded == 1


@pytest.mark.parametrize("change", [lambda p: p.write_bytes(b"another"), lambda p: p.unlink()], ids=["changed", "gone"])
def test_a_file_that_changes_while_it_is_read_waits_and_the_rest_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    growing = land(home, csv_of({"检查编号": "G"}), "执法检查_20261031.csv")
    land(home, csv_of({}))
    copy = archive.hashed_copy

    def copy_later(source: Path, target: Path) -> str:
        if source == growing:
            change(growing)
        return copy(source, target)

    monkeypatch.setattr(archive, "hashed_copy", copy_later)
    told: list[str] = []
    [good] = take_in(home, FEEDS, TODAY, "run", progress=told.append)
    assert (good.file, good.loaded) == ("yjgl/inspection/执法检查_20261101.csv", 1)
    assert any("留待下次" in line for line in told)


def test_a_large_file_that_grows_while_it_is_copied_waits(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    growing = land(home, csv_of(*({"检查编号": f"G{i}"} for i in range(1500))), "执法检查_20261031.csv")
    assert growing.stat().st_size > ZERO_REPORT_BYTES  # below it a file is read twice
    copy = archive.hashed_copy

    def copy_then_grow(source: Path, target: Path) -> str:
        sha256 = copy(source, target)
        with growing.open("ab") as file:
            file.write(b"more\n")
        return sha256

    with monkeypatch.context() as patch:
        patch.setattr(archive, "hashed_copy", copy_then_grow)
        assert run(home) == []
    assert [path for path in home.archive.rglob("*") if path.is_file()] == []
    [batch] = run(home)
    assert batch.received == 1501


def test_a_copy_that_a_killed_run_left_read_only_is_made_anew(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = sha256_of(land(home, csv_of({})))
    left = home.archive / sha256[:2] / f".{sha256}.csv.tmp"
    left.parent.mkdir()
    left.write_bytes(b"half")
    left.chmod(0o444)
    copy = archive.hashed_copy

    def copy_as_anybody(source: Path, target: Path) -> str:
        # root, as whom tests may run, is let through where others are not
        if Path(target).exists() and not Path(target).stat().st_mode & stat.S_IWUSR:
            raise PermissionError(target)
        return copy(source, target)

    monkeypatch.setattr(archive, "hashed_copy", copy_as_anybody)
    [batch] = run(home)
    assert (batch.loaded, left.exists()) == (1, False)


def test_what_holds_personal_data_is_closed_to_other_users(home: Home) -> None:
    land(home, b"")
    run(home)
    for folder in (home.archive, home.lake, home.quarantine, home.build):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = list((home.quarantine / "files").iterdir())
    assert len(kept) == 2
    assert {stat.S_IMODE(p.stat().st_mode) for p in kept} == {0o600}


def test_numbers_that_excel_rounded_are_refused_and_not_taken_for_codes(home: Home) -> None:
    long_id = {**FIRE, "检查编号": 20261101000000012345}
    rounded = {**FIRE, "检查编号": "B", "统一社会信用代码": 913201000000000000}
    land_workbook(home, [list(long_id.values()), list(rounded.values()), list(FIRE.values())])
    [batch] = run(home)
    assert counts(batch) == (3, 1, 2, 0)
    assert refusals(home) == [(2, "DIGITS_LOST"), (3, "USCC_CHECK")]


def test_a_firm_whose_name_begins_like_a_total_is_a_record(home: Home) -> None:
    firm = {**FIRE, "检查编号": "", "单位名称": "小计量器具厂"}
    land_workbook(home, [list(firm.values()), ["合计（2家）"], ["总 计"], ["合计数"]])
    [batch] = run(home)
    assert (counts(batch), batch.furniture) == ((1, 0, 1, 0), 3)


def test_a_workbook_with_a_broken_directory_stops_no_other_file(home: Home) -> None:
    path = land_workbook(home, [list(FIRE.values())])
    content = path.read_bytes()
    at = content.rfind(b"PK\x01\x02")
    path.write_bytes(content[:at] + b"XXXX" + content[at + 4 :])
    land(home, csv_of({}))
    assert {r.reason_code for r in run(home)} == {"FILE_UNREADABLE", None}


def test_no_records_in_json_is_a_zero_report(home: Home) -> None:
    land_json(home, [])
    land_json(home, '{"data": []}', "红黑名单_20261102.json")
    assert [(r.status, counts(r)) for r in run(home)] == [("loaded", (0, 0, 0, 0))] * 2


def test_json_records_that_are_no_rows_are_refused_by_themselves(home: Home) -> None:
    twice = json.dumps(CREDIT, ensure_ascii=False).replace('"主体名称"', '"主体名称": "乙公司", "主体名称"')
    nested = json.dumps({**CREDIT, "主体名称": {"全称": "甲"}}, ensure_ascii=False)
    half = json.dumps({**CREDIT, "主体名称": "\ud83d"})
    good = json.dumps({**CREDIT, "附注": {"不在合同": 1}}, ensure_ascii=False)
    land_json(home, f"[{twice}, {nested}, {half}, 5, {good}]")
    [batch] = run(home)
    assert counts(batch) == (5, 1, 4, 0)
    assert refusals(home) == [(n, "RECORD_SHAPE") for n in (1, 2, 3, 4)]
    kept = duckdb.sql(f"select content from '{home.quarantine}/rows/fgw/credit_list/*.parquet'").fetchall()
    assert "甲公司" in kept[0][0] and "乙公司" in kept[0][0]


def test_a_moment_with_its_zone_is_told_in_the_citys_time(home: Home) -> None:
    moments = [
        "2026-01-02T20:00:00Z",
        "2026-01-02T20:00:00+08:00",
        "2026-01-02 20:00:00.5 UTC",
        "2026-01-02T20:00-0330",
    ]
    dated = {**CREDIT, "名单编号": "D", "列入日期": "2025-12-31T16:00:00Z"}
    land_json(home, [*({**CREDIT, "名单编号": str(n), "更新时间": m} for n, m in enumerate(moments)), dated])
    run(home)
    assert lake(home, "listed_on, updated_at", "fgw.credit_list") == [
        (date(2026, 1, 1), datetime(2026, 1, 3, 4, 0)),
        (date(2026, 1, 1), datetime(2026, 1, 2, 20, 0)),
        (date(2026, 1, 1), datetime(2026, 1, 3, 4, 0, 0, 500_000)),
        (date(2026, 1, 1), datetime(2026, 1, 3, 7, 30)),
        (date(2026, 1, 1), datetime(2026, 1, 2)),
    ]
    with Ledger(home.ledger) as ledger:
        respelled = {c["column_name"]: c["rows"] for c in ledger.changes() if c["change_kind"] == "DATE_RESPELLED"}
    assert respelled == {"updated_at": 4, "listed_on": 1}


def test_a_currency_the_contract_does_not_know_is_not_taken_for_yuan(home: Home) -> None:
    header = "主体编号,名称,主体类型,区划代码,成立日期,登记状态,更新时间,注册资本（万美元）\n"
    land(home, header + "A,甲,企业,320115,2020-01-01,存续,2026-01-01,100\n", "企业登记_20261101.csv", "scjg.enterprise")
    run(home)
    assert lake(home, "registered_capital_yuan", "scjg.enterprise") == [(None,)]
    with Ledger(home.ledger) as ledger:
        assert ("注册资本（万美元）", "EXTRA_COLUMN") in {
            (c["column_name"], c["change_kind"]) for c in ledger.changes()
        }


def test_a_column_that_the_contract_gains_makes_no_new_version_of_what_did_not_change(home: Home) -> None:
    land(home, csv_of({}, {"检查编号": "B"}))
    run(home)
    feed = FEEDS["yjgl.inspection"]
    gained = (
        *feed.columns,
        Column("note", "备注", "string", "VARCHAR"),
        Column("edition", "修订", "integer", "BIGINT"),
    )
    wider = {**FEEDS, feed.id: dataclasses.replace(feed, columns=gained, version_column="edition")}
    header, first, second = csv_of({}, {"检查编号": "B"}).splitlines()
    land(home, f"{header},备注,修订\n{first},新的,2\n{second},,\n", "执法检查_20261102.csv")
    [batch] = take_in(home, wider, TODAY, "run")
    assert counts(batch) == (2, 1, 0, 1)


def test_a_line_of_delimiters_alone_is_blank_whatever_their_number(home: Home) -> None:
    land(home, csv_of({}) + ",,,,,,,,\n" + "," * 30 + "\n,,\n")
    [batch] = run(home)
    assert (counts(batch), batch.furniture) == ((1, 1, 0, 0), 3)
