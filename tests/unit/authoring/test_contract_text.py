"""Contracts as text: drafts read back as they were meant, edits leave every other line alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from ingest.authoring.contract_text import Edited, contract_text, file_pattern, next_version, property_line
from ingest.feeds.loading import CONTRACTS, contract_paths, load_feed, load_feeds
from ingest.feeds.model import Column, Feed

FEEDS = load_feeds()
INSPECTION = (CONTRACTS / "yjgl" / "inspection.yaml").read_text("utf-8")
BLOCK = """schema:
- name: visit
  properties:
  # the key comes first
  - name: visit_id
    businessName: 走访编号
    primaryKey: true
    required: true
  - name: visited_on
    businessName: 走访日期   # as the office writes it
    logicalType: date
version: 1.0.0
"""


def reread(text: str, folder: Path) -> Feed:
    path = folder / "yjgl" / "inspection.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return load_feed(path)


@pytest.mark.parametrize("feed_id", sorted(contract_paths()))
def test_a_written_contract_reads_back_as_the_same_feed(feed_id: str, tmp_path: Path) -> None:
    feed = FEEDS[feed_id]
    text = contract_text(feed, {}, [{"server": "landing", "type": "local", "path": "landing/"}])
    again = reread(text, tmp_path)
    assert (again.id, again.label, again.columns, again.version) == (feed.id, feed.label, feed.columns, feed.version)
    assert (again.subject, again.version_column, again.file_pattern) == (
        feed.subject,
        feed.version_column,
        feed.file_pattern,
    )


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_a_synonym_changes_its_line_alone(tmp_path: Path) -> None:
    edited = Edited(INSPECTION)
    edited.add_synonym("inspected_on", "巡查日期")
    edited.add_synonym("uscc", "纳税人识别号")
    assert len(changed_lines(INSPECTION, edited.text)) == 2
    feed = reread(edited.text, tmp_path)
    assert feed.column("inspected_on").synonyms == ("巡查日期",)
    assert feed.column("uscc").synonyms[-1] == "纳税人识别号"
    assert len(feed.column("uscc").synonyms) == 4


def test_a_new_column_goes_after_the_last_and_the_version_is_the_next(tmp_path: Path) -> None:
    edited = Edited(INSPECTION)
    edited.add_column(Column("is_night", "是否夜间", "boolean", "BOOLEAN"))
    before = reread(INSPECTION, tmp_path).version
    edited.set_version(next_version(before, is_breaking=False))
    feed = reread(edited.text, tmp_path)
    assert feed.columns[-1] == Column("is_night", "是否夜间", "boolean", "BOOLEAN")
    major, minor, _ = (int(part) for part in before.split("."))
    assert feed.version == f"{major}.{minor + 1}.0"
    assert len(changed_lines(INSPECTION, edited.text)) == 2


def test_a_lost_column_is_required_no_longer(tmp_path: Path) -> None:
    edited = Edited(INSPECTION)
    edited.set_on_column("hazards_found", "required", None)
    feed = reread(edited.text, tmp_path)
    assert not feed.column("hazards_found").required
    assert feed.column("hazards_found").minimum == 0


def test_comments_and_layout_of_block_style_stay() -> None:
    edited = Edited(BLOCK)
    edited.set_on_column("visit_id", "required", None)
    edited.set_on_column("visited_on", "logicalType", "timestamp")
    edited.add_synonym("visited_on", "到访时间")
    edited.add_column(Column("note", "备注", "string", "VARCHAR"))
    edited.set_version("2.0.0")
    assert "# the key comes first" in edited.text
    assert "走访日期   # as the office writes it" in edited.text
    properties = yaml.safe_load(edited.text)["schema"][0]["properties"]
    assert [p["name"] for p in properties] == ["visit_id", "visited_on", "note"]
    assert "required" not in properties[0]
    assert properties[1]["logicalType"] == "timestamp"
    assert properties[1]["synonyms"] == [{"synonym": "到访时间"}]
    assert yaml.safe_load(edited.text)["version"] == "2.0.0"


def test_a_column_that_holds_dates_no_longer_leaves_the_order_of_dates(tmp_path: Path) -> None:
    edited = Edited(INSPECTION)
    edited.drop_orders("hazards_found")
    assert edited.text == INSPECTION
    edited.drop_orders("inspected_on")
    assert FEEDS["yjgl.inspection"].date_orders != ()
    assert reread(edited.text, tmp_path).date_orders == ()
    assert changed_lines(INSPECTION, edited.text) == []


def test_more_values_join_the_ones_there(tmp_path: Path) -> None:
    edited = Edited(INSPECTION)
    edited.add_codes("inspection_kind", [("夜查", "night")])
    assert dict(reread(edited.text, tmp_path).column("inspection_kind").codes)["夜查"] == "night"


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("执法检查_20261120.csv", "执法检查_*.csv"),
        ("场馆检查(2026-11-20).xlsx", "场馆检查(*).xlsx"),
        ("2026年11月场馆检查.xlsx", "*场馆检查.xlsx"),
        ("osh_penalties_2014.csv", "osh_penalties_*.csv"),
        ("stop_work_orders.xlsx", "stop_work_orders*.xlsx"),
    ],
)
def test_dates_in_file_names_become_the_pattern(file: str, pattern: str) -> None:
    import fnmatch

    assert file_pattern(file) == pattern
    assert fnmatch.fnmatch(file, pattern)


def test_notes_go_into_the_description_for_a_person_to_settle() -> None:
    column = Column("column_3", "栏目", "string", "VARCHAR", description="口径")
    line = property_line(replace(column, is_personal=True), ["英文列名"])
    told = yaml.safe_load(line)[0]
    assert told["description"] == "口径；待确认：英文列名"
    assert told["classification"] == "personal"


def test_a_lost_column_or_another_type_is_a_major_version() -> None:
    assert next_version("1.4.2", is_breaking=True) == "2.0.0"
    assert next_version("1.4.2", is_breaking=False) == "1.5.0"
