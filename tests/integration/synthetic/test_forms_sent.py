"""The forms that the demo city's files come in: every form that departments use, damaged ones, forms to fill in."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.feeds.loading import load_feeds
from ingest.readers.encoding import detect
from ingest.readers.forms import form_of
from ingest.synthetic.city import generate
from ingest.synthetic.forms import text
from tests.support.landing_files import named_tables, records

FEEDS = load_feeds()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("forms") / "landing"
    return out, generate(out, 0.001, 3, date(2026, 11, 20))


def test_every_form_is_sent_by_some_department(city: tuple[Path, dict[str, Any]]) -> None:
    _, truth = city
    formats = {FEEDS[f["feed"]].format for f in truth["files"]}
    assert formats >= {"csv", "tsv", "json", "jsonl", "xml", "xlsx", "ods", "html", "xml2003"}
    assert {feed.delimiter for feed in FEEDS.values()} >= {",", ";", "|", "\t"}
    assert {feed.encoding for feed in FEEDS.values()} >= {"gb18030", "gbk", "utf-8", "utf-8-sig", "utf-16", "big5"}
    assert {Path(f["path"]).suffix for f in truth["files"]} >= {".zip", ".gz"}


def test_a_damaged_file_has_its_whole_counterpart(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    paths = {f["path"]: f for f in truth["files"]}
    damaged = [f for f in truth["files"] if not f["received"]]
    assert {f["reason"] for f in damaged} == {"FILE_UNREADABLE", "FILE_TRUNCATED"}
    for file in damaged:
        whole = file["path"].replace("未传完_", "")
        assert paths[whole]["status"] == "loaded"
        assert (out / whole).read_bytes().startswith((out / file["path"]).read_bytes())


def test_a_unit_files_its_indicators_in_a_protected_form_of_its_own(city: tuple[Path, dict[str, Any]]) -> None:
    """Only the cells to be filled in can be typed in; what may be chosen comes from a hidden sheet."""
    out, truth = city
    feed = FEEDS["khb.manual_indicator"]
    filed = [f for f in truth["files"] if f["feed"] == feed.id]
    units = [{r["填报单位"].split("-F")[0] for r in records(out / f["path"], feed)} for f in filed]
    assert all(len(own) == 1 for own in units)
    assert len(set.union(*units)) == 15
    for file in filed:
        with zipfile.ZipFile(out / file["path"]) as book:
            form, shown, looks = (
                book.read(f"xl/{name}.xml").decode("utf-8") for name in ("worksheets/sheet1", "workbook", "styles")
            )
        assert "<sheetProtection " in form
        assert '<protection locked="0"/>' in looks
        assert re.search(r'<sheet name="字典" [^>]*state="hidden"', shown)
        assert len(re.findall(r'<dataValidation type="list".*?<formula1>字典!', form)) == 2


def test_drills_come_a_year_a_workbook_and_a_month_a_sheet(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    feed = FEEDS["yjgl.drill"]
    for file in (f for f in truth["files"] if f["feed"] == feed.id):
        sheets = dict(named_tables(out / file["path"], feed))
        months = {f"{d[:4]}年{int(d[5:7])}月" for rows in sheets.values() for r in rows if (d := str(r["演练日期"]))}
        assert set(sheets) == months
        assert sum(map(len, sheets.values())) == file["received"]


def test_a_big5_file_is_in_traditional_characters_and_told_from_gb18030(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    feed = FEEDS["swt.commercial_complex"]
    paths = [out / f["path"] for f in truth["files"] if f["feed"] == feed.id]
    assert {detect(path) for path in paths} == {"big5hkscs"}  # its superset
    assert all("綜合體編號" in path.read_bytes().decode("big5") for path in paths)


def test_pages_and_xml_workbooks_are_named_xls(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    sent = {(FEEDS[f["feed"]].format, Path(f["path"]).suffix, form_of(out / f["path"])) for f in truth["files"]}
    assert {("html", ".xls", "html"), ("xml2003", ".xls", "xml2003")} <= sent


def test_a_phrase_that_the_converter_keeps_still_goes_into_big5() -> None:
    assert text._Encoder("big5").encode("恒生商业广场").decode("big5") == "恆生商業廣場"
