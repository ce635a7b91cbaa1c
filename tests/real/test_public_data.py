"""Data that others wrote goes through the same intake as the demo city: nobody shaped it for us.

The expected counts come from the files themselves through Python's own csv, json and calamine, never from our readers.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from ingest.base.home import Home
from ingest.feeds.headers import match
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import BatchResult, take_in
from ingest.readers import delimited
from ingest.readers.encoding import detect
from ingest.storage.ledger import Ledger

pytestmark = pytest.mark.real
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FEEDS = load_feeds(Path(__file__).parent / "contracts")


def landed(home: Home, feed: str, files: dict[str, str]) -> list[BatchResult]:
    """Put public files (name in the landing → path under the data folder) before the intake and take them in."""
    folder = home.landing.joinpath(*feed.split("."))
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in files.items():
        if not (DATA / source).exists():
            pytest.skip(f"公开数据不在此处：{source}")
        shutil.copyfile(DATA / source, folder / name)
    return take_in(home, FEEDS, date(2026, 11, 20), "real", only=feed)


def loaded_rows(home: Home, feed: str) -> list[tuple[object, ...]]:
    """The contract's columns of every loaded row, in order of file and row."""
    columns = ", ".join(f'"{c.name}"' for c in FEEDS[feed].columns)
    files = (home.lake / "raw").joinpath(*feed.split("."), "*.parquet")
    return duckdb.sql(f"select {columns} from '{files}' order by _batch_seq, _row").fetchall()


def records_of(source: str) -> list[list[str]]:
    """A public CSV's records by Python's csv module, header first."""
    with (DATA / source).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_ningbo_registry_loads_whole_and_every_code_passes_gb_32100(home: Home) -> None:
    [batch] = landed(home, "ningbo.market_entity", {"市场主体_20231231.csv": "cn/ningbo_market_entities_1000.csv"})
    assert (batch.received, batch.loaded, batch.refused, batch.duplicate) == (999, 999, 0, 0)
    sent = {row[4]: row for row in records_of("cn/ningbo_market_entities_1000.csv")[1:]}
    rows = [
        dict(zip([c.name for c in FEEDS["ningbo.market_entity"].columns], r, strict=True))
        for r in loaded_rows(home, "ningbo.market_entity")
    ]
    assert {r["uscc"] for r in rows} == set(sent)
    # floats as codes: 5245.0 is class 5245; the sentinel 未知行业 stays as it was sent
    for row in rows:
        assert row["industry_code"] == sent[str(row["uscc"])][21].removesuffix(".0")
        assert float(str(row["registered_capital_yuan"])) == float(sent[str(row["uscc"])][8])
    assert {r["operates_until"] for r in rows} == {date(2099, 12, 31)}


def test_ningbo_registry_gives_the_same_rows_from_both_encodings(tmp_path: Path) -> None:
    homes = {name: Home(tmp_path / name) for name in ("utf8", "gb18030")}
    landed(homes["utf8"], "ningbo.market_entity", {"市场主体_20231231.csv": "cn/ningbo_market_entities_1000.csv"})
    source = "cn/ningbo_market_entities_1000.gb18030.csv"
    landed(homes["gb18030"], "ningbo.market_entity", {"市场主体_20231231.csv": source})
    assert loaded_rows(homes["utf8"], "ningbo.market_entity") == loaded_rows(homes["gb18030"], "ningbo.market_entity")


def test_ningbo_registry_sent_again_in_another_encoding_says_nothing_new(home: Home) -> None:
    files = {
        "市场主体_20231231.csv": "cn/ningbo_market_entities_1000.csv",
        "市场主体_20240131.csv": "cn/ningbo_market_entities_1000.gb18030.csv",
    }
    first, second = landed(home, "ningbo.market_entity", files)
    assert (first.loaded, second.received, second.loaded, second.duplicate) == (999, 999, 0, 999)


def test_taiwan_accidents_of_four_years_load_whole(home: Home) -> None:
    source = "tw/major_occupational_accidents_2018_2021.csv"
    [batch] = landed(home, "taiwan.accident", {"重大職災_20211231.csv": source})
    assert (batch.received, batch.loaded, batch.refused, batch.duplicate) == (1227, 1227, 0, 0)
    header, *records = records_of(source)
    casualties = header.index("罹災人數（數量）")
    expected = Counter(int(r[header.index("年度")]) for r in records)
    names = [c.name for c in FEEDS["taiwan.accident"].columns]
    rows = loaded_rows(home, "taiwan.accident")
    assert Counter(r[names.index("year")] for r in rows) == expected
    assert sum(int(str(r[names.index("casualties")])) for r in rows) == sum(int(r[casualties]) for r in records)


def test_taiwan_accidents_in_the_apis_raw_form_load_whole(home: Home) -> None:
    [batch] = landed(home, "taiwan.accident_raw", {"重大職災_20240630.json": "tw/disasters_raw_2024h1.json"})
    sent = json.loads((DATA / "tw/disasters_raw_2024h1.json").read_text("utf-8"))
    assert (batch.received, batch.loaded, batch.refused, batch.duplicate) == (len(sent), len(sent), 0, 0)
    names = [c.name for c in FEEDS["taiwan.accident_raw"].columns]
    days = [r[names.index("occurred_on")] for r in loaded_rows(home, "taiwan.accident_raw")]
    assert [f"{d:%Y%m%d}" for d in days if isinstance(d, date)] == [r["發生日期"] for r in sent]


def test_taiwan_penalties_keep_every_party_of_a_shared_decision_number(home: Home) -> None:
    years = (2014, 2015, 2016, 2017)
    batches = landed(home, "taiwan.penalty", {f"處分_{y + 1}0331.csv": f"tw/osh_penalties_{y}.csv" for y in years})
    for year, batch in zip(years, batches, strict=True):
        records = records_of(f"tw/osh_penalties_{year}.csv")[1:]
        assert (batch.received, batch.refused) == (len(records), 0)
        assert batch.duplicate == sum(n - 1 for n in Counter(map(tuple, records)).values())
    assert sum(b.loaded + b.duplicate for b in batches) == 34 + 1933 + 4172 + 5940


def test_stop_work_workbook_accounts_for_every_row(home: Home) -> None:
    source = "ca/alberta_stop_work_orders.xlsx"
    [batch] = landed(home, "alberta.stop_work_order", {"停工令_20151231.xlsx": source})
    rows = CalamineWorkbook.from_path(str(DATA / source)).get_sheet_by_index(0).to_python()
    assert len(rows) == 5292  # the manifest's figure counts the header
    records = [tuple(r) for r in rows[1:]]
    assert batch.received == len(records)
    assert batch.duplicate == sum(n - 1 for n in Counter(records).values())
    with Ledger(home.ledger) as ledger:
        refused = ledger.quarantined()
    assert batch.refused == len(refused)
    assert {r["reason_codes"] for r in refused} <= {"REQUIRED_MISSING"}


def test_78_real_spellings_of_the_penalty_form_each_find_their_column() -> None:
    source = "ref/shuanggongshi_penalty_header_aliases.csv"
    if not (DATA / source).exists():
        pytest.skip(f"公开数据不在此处：{source}")
    feed = FEEDS["credit.penalty_notice"]
    spellings = [(label, spelling) for label, spelling in records_of(source)[1:]]
    assert (len(spellings), len({label for label, _ in spellings}), len(feed.columns)) == (78, 22, 22)
    found = [(label, spelling, list(match(feed, [spelling]).positions)) for label, spelling in spellings]
    names = {column.label: column.name for column in feed.columns}
    assert [(spelling, hit) for label, spelling, hit in found if hit != [names[label]]] == []
    # and all at once, as a form has them: one spelling a column, each in turn
    for turn in range(max(Counter(label for label, _ in spellings).values())):
        form = [(label, ([s for other, s in spellings if other == label] * 9)[turn]) for label in names]
        assert match(feed, [s for _, s in form]).positions == {names[label]: i for i, (label, _) in enumerate(form)}


@pytest.mark.parametrize(
    ("source", "encoding", "found"),
    [
        ("tw/osh_penalties_2016.csv", "big5", "big5hkscs"),
        ("tw/major_occupational_accidents_2018_2021.csv", "big5", "big5hkscs"),
        ("tw/osh_penalties_2016.csv", "gb18030", "gb18030"),
        ("cn/ningbo_market_entities_1000.csv", "gb18030", "gb18030"),
        ("cn/ningbo_dept_table_catalog.csv", "gb18030", "gb18030"),
        ("cn/ningbo_market_entities_1000.csv", "utf-16-le", "utf-16-le"),
        ("tw/osh_penalties_2016.csv", "utf-16-be", "utf-16-be"),
    ],
)
def test_a_file_of_one_real_row_tells_its_encoding(tmp_path: Path, source: str, encoding: str, found: str) -> None:
    if not (DATA / source).exists():
        pytest.skip(f"公开数据不在此处：{source}")
    rows = [",".join(row) + "\n" for row in records_of(source)[1:]]
    path, wrong, tried = tmp_path / "one.csv", [], 0
    for row in rows[:: max(1, len(rows) // 200)]:
        try:
            content = row.encode(encoding)
        except UnicodeEncodeError:
            continue  # a character that Big5 does not have
        if content.isascii() and encoding[:5] != "utf-1":
            continue
        path.write_bytes(content)
        tried += 1
        wrong += [row] if detect(path) != found else []
    assert (wrong, tried > 100) == ([], True)


@pytest.mark.parametrize(
    ("source", "feed", "encoding"),
    [
        ("tw/osh_penalties_2016.csv", "taiwan.penalty", "big5"),
        ("tw/osh_penalties_2016.csv", "taiwan.penalty", "utf-16"),
        ("cn/ningbo_market_entities_1000.csv", "ningbo.market_entity", "utf-16-le"),
        ("cn/ningbo_market_entities_1000.csv", "ningbo.market_entity", "gb18030"),
    ],
)
def test_a_whole_real_file_reads_the_same_in_every_encoding(
    tmp_path: Path, source: str, feed: str, encoding: str
) -> None:
    if not (DATA / source).exists():
        pytest.skip(f"公开数据不在此处：{source}")
    rows = []
    for row in records_of(source):
        try:
            ",".join(row).encode(encoding)
        except UnicodeEncodeError:
            continue
        rows.append(row)
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path, scratch = tmp_path / "sent.csv", tmp_path / "scratch"
    scratch.mkdir()
    path.write_bytes(text.getvalue().encode(encoding))
    table = delimited.read(path, replace(FEEDS[feed], encoding=None), scratch, carefully=True)
    with table.parts[0].path.open(encoding="utf-8", newline="") as file:
        read = [row[1:] for row in csv.reader(file)]
    assert (table.flaws, read) == ((), rows[1:])
    assert len(rows) > 900
