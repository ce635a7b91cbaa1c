"""From a file that nobody here has seen to rows in the lake with no Python: `jgt feed new` on everything public there is.

Expected counts come from Python's own csv and json and from calamine, never from our readers.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from ingest.authoring.drafting import draft_feed
from ingest.base.home import Home
from ingest.feeds.loading import load_feed, load_feeds
from ingest.feeds.model import Feed
from ingest.intake.take_in import BatchResult, take_in
from ingest.storage.ledger import Ledger

pytestmark = pytest.mark.real
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FEEDS = load_feeds()
TABLES = (
    "ca/alberta_stop_work_orders.xlsx",
    "cn/gbt4754_2011_hyfl.xlsx",
    "cn/ningbo_dept_table_catalog.csv",
    "cn/ningbo_industry_subclass_codes.xlsx",
    "cn/ningbo_market_entities_1000.csv",
    "cn/ningbo_market_entities_1000.gb18030.csv",
    "cn/standardization_scoring_gongmao.xls",
    "cn/standardization_scoring_weihua.xls",
    "tw/disasters_raw_2024h1.json",
    "tw/major_occupational_accidents_2018_2021.csv",
    "tw/osh_penalties_2014.csv",
    "tw/osh_penalties_2015.csv",
    "tw/osh_penalties_2016.csv",
    "tw/osh_penalties_2017.csv",
)


def public(source: str) -> Path:
    path = DATA / source
    if not path.exists():
        pytest.skip(f"公开数据不在此处：{source}")
    return path


def records_of(path: Path) -> int:
    """Records of a public file, by readers that are not ours."""
    if path.suffix == ".json":
        return len(json.loads(path.read_text("utf-8")))
    if path.suffix == ".csv":
        encoding = "gb18030" if "gb18030" in path.name else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as file:
            return sum(1 for record in csv.reader(file) if any(cell.strip() for cell in record)) - 1
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return sum(1 for row in rows if any(str(cell).strip() for cell in row)) - 1


def drafted(path: Path, folder: Path) -> Feed:
    """The feed as a contract drafted from the file says, read back from its text."""
    draft = draft_feed(path, "public", "sample", FEEDS, today=date(2026, 11, 20))
    contract = folder / "public" / "sample.yaml"
    contract.parent.mkdir(parents=True, exist_ok=True)
    contract.write_text(draft.text, "utf-8")
    return load_feed(contract)


def landed(home: Home, feed: Feed, path: Path, name: str | None = None) -> BatchResult:
    folder = home.landing / feed.department / feed.name
    folder.mkdir(parents=True)
    shutil.copyfile(path, folder / (name or path.name))
    [batch] = take_in(home, {feed.id: feed}, date(2026, 11, 20), "real")
    return batch


def rows(home: Home, feed: Feed) -> list[tuple[object, ...]]:
    columns = ", ".join(f'"{c.name}"' for c in feed.columns)
    files = home.lake / "raw" / feed.department / feed.name / "*.parquet"
    return duckdb.sql(f"select {columns} from '{files}' order by _row").fetchall()


@pytest.mark.parametrize("source", TABLES)
def test_a_file_nobody_has_seen_gets_into_the_lake_by_its_draft_alone(source: str, tmp_path: Path) -> None:
    path, home = public(source), Home(tmp_path / "home")
    feed = drafted(path, tmp_path)
    batch = landed(home, feed, path)
    assert (batch.status, batch.received, batch.refused) == ("loaded", records_of(path), 0)
    assert len(rows(home, feed)) == batch.loaded
    with Ledger(home.ledger) as ledger:
        [total] = ledger.balance()
    assert total["received"] == total["loaded"] + total["refused"] + total["duplicate"]
    assert batch.loaded > 0


def test_the_command_does_it_in_one_step(tmp_path: Path) -> None:
    path = public("tw/osh_penalties_2014.csv")
    command = [str(Path(sys.executable).with_name("jgt")), "feed", "new", str(path)]
    command += ["--department", "lao", "--department-name", "劳动局", "--into", str(tmp_path)]
    environment = {**os.environ, "JGT_HOME": str(tmp_path / "home"), "JGT_LANG": "zh"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "入库 34，退回 0" in done.stdout
    assert f"JGT_CONTRACTS={tmp_path}" in done.stdout
    assert (tmp_path / "lao" / "osh_penalties.yaml").exists()


def test_both_encodings_of_the_registry_give_the_same_draft_and_the_same_rows(tmp_path: Path) -> None:
    found = {}
    for name, source in {"utf-8": TABLES[4], "gb18030": TABLES[5]}.items():
        path, home = public(source), Home(tmp_path / name / "home")
        feed = drafted(path, tmp_path / name)
        assert feed.encoding == name
        landed(home, feed, path)
        found[name] = (feed.columns, feed.key, rows(home, feed))
    assert found["utf-8"] == found["gb18030"]


def test_the_two_taiwan_files_are_of_different_years_and_share_no_accident() -> None:
    path = public("tw/major_occupational_accidents_2018_2021.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        listed = {(r["發生日期"].replace("-", ""), r["事業單位"]) for r in csv.DictReader(file)}
    raw = json.loads(public("tw/disasters_raw_2024h1.json").read_text("utf-8"))
    assert listed & {(r["發生日期"], r["事業單位"]) for r in raw} == set()


@pytest.mark.parametrize("source", ["tw/disasters_raw_2024h1.json", "tw/major_occupational_accidents_2018_2021.csv"])
def test_csv_and_json_of_the_same_rows_agree(source: str, tmp_path: Path) -> None:
    path = public(source)
    if path.suffix == ".json":
        records = json.loads(path.read_text("utf-8"))
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            records = list(csv.DictReader(file))
    as_json, as_csv = tmp_path / "职灾.json", tmp_path / "职灾.csv"
    as_json.write_text(json.dumps(records, ensure_ascii=False), "utf-8")
    with as_csv.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    drafts = {p.suffix: drafted(p, tmp_path / p.suffix[1:]) for p in (as_json, as_csv)}
    assert drafts[".json"].columns == drafts[".csv"].columns
    assert drafts[".json"].key == drafts[".csv"].key
    homes = {p.suffix: Home(tmp_path / f"home{p.suffix}") for p in (as_json, as_csv)}
    batches = {p.suffix: landed(homes[p.suffix], drafts[p.suffix], p) for p in (as_json, as_csv)}
    assert batches[".json"].loaded == batches[".csv"].loaded == len(records)
    assert rows(homes[".json"], drafts[".json"]) == rows(homes[".csv"], drafts[".csv"])


def test_one_contract_takes_both_forms(tmp_path: Path) -> None:
    path = public("tw/disasters_raw_2024h1.json")
    feed = replace(drafted(path, tmp_path), file_pattern="*", format=None, encoding=None)
    records = json.loads(path.read_text("utf-8"))
    as_csv = tmp_path / "a.csv"
    with as_csv.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    homes = (Home(tmp_path / "one"), Home(tmp_path / "two"))
    for home, form in zip(homes, (path, as_csv), strict=True):
        assert landed(home, feed, form).refused == 0
    assert rows(homes[0], feed) == rows(homes[1], feed)


def test_what_is_no_table_is_said_so() -> None:
    from ingest.base.reasons import RefusedFile

    with pytest.raises(RefusedFile) as refusal:
        draft_feed(public("cn/ningbo_industry_codes.txt"), "public", "sample", FEEDS)
    assert refusal.value.code == "HEADER_MISSING"
