"""Incremental builds of a city: the same answer as a full refresh, to the last column of every published table, also after
corrections, withdrawals, redrives, days that come late and a run that was killed; and only the keys that were touched.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.correcting.backfill import backfill
from ingest.correcting.redrive import redrive
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Feed
from ingest.intake.take_in import take_in
from ingest.matching.linking import link
from ingest.storage.ledger import Ledger
from orchestration.dbt import carry_over
from orchestration.dbt.call import build_arguments, prepare, run_dbt
from orchestration.dbt.carry_over import Increment
from orchestration.dbt.changes import Changes, in_order
from orchestration.publish.serving_file import read_back
from orchestration.state.run_folder import RunFolder, writing_file
from tests.support.strict_codes import refusing

FEEDS = load_feeds()
# what lands here is judged so that an unlisted level is refused, and can be redriven
STRICT = refusing(FEEDS, "yjgl.hazard", "level")
AS_OF = date(2026, 11, 20)  # the day of the fixture `published_home`
MARKS = {"szrx.safety_tip": ";"}
MODELS = ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
CARRIED_MODELS = ["run", "--select", "+config.materialized:incremental"]
HAZARD, TIP = "intermediate.int_inspection__hazard_last_sent", "intermediate.int_inspection__tip_last_sent"
KEYS = {HAZARD, TIP, "intermediate.int_inspection__self_check_last_sent"}
Row = dict[str, str]


class City:
    """A copy of the published city that goes on: files land, are taken in, and the warehouse is built on them."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.manifest: dict[str, Any] = json.loads(prepare(home, FEEDS).read_text("utf-8"))

    def sent(self, feed: str, pattern: str) -> list[Row]:
        """The sound rows of delivered files, oldest file first: neither torn nor planted with a fault ("-F" in their key)."""
        folder = self.home.landing / feed.replace(".", "/")
        rows: list[Row] = []
        for path in sorted(folder.glob(pattern)):
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows += [r for r in csv.DictReader(file, delimiter=MARKS.get(feed, ",")) if None not in r]
        return [r for r in rows if None not in r.values() and "-F" not in next(iter(r.values()))]

    def land(self, feed: str, name: str, rows: Sequence[Row]) -> None:
        """Land a file and take it in."""
        path = self.home.landing / feed.replace(".", "/") / name
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=MARKS.get(feed, ","))
            writer.writeheader()
            writer.writerows(rows)
        [taken] = take_in(self.home, STRICT, AS_OF, "test", only=feed)
        assert taken.loaded, taken  # a scenario that loads nothing shows nothing

    def batches(self) -> dict[str, str]:
        """Batch → feed, of all that brought rows."""
        with Ledger(self.home.ledger) as ledger:
            return {b["batch_id"]: b["feed"] for b in ledger.batches() if b["lake_file"]}

    def plan(self) -> Increment:
        return carry_over.plan(self.home, self.manifest)

    def build(
        self, run_id: str, full_refresh: bool = False, arguments: list[str] = MODELS
    ) -> tuple[RunFolder, Increment]:
        """What a run does between intake and gate; the models alone, since their tests are another's matter."""
        with Ledger(self.home.ledger) as ledger:
            ledger.export(self.home.lake / "ledger")
        link(self.home, FEEDS)
        folder = RunFolder(self.home, run_id)
        folder.begin()
        everything = carry_over.plan_changes(self.home, self.manifest, AS_OF, full_refresh=True)
        # only a build of all models may be kept from: one of some has no signatures
        signatures = everything.signatures if arguments is MODELS else None
        carry_over.note_state(self.home, folder, self.manifest, signatures)
        planned = carry_over.plan(self.home, self.manifest, full_refresh)
        done, _ = carry_over.carry(self.home, folder.build_file, planned)
        run_dbt(self.home, arguments, writing_file(self.home), as_of=AS_OF, is_carried=True)
        return folder, done

    def build_changes(self, run_id: str) -> tuple[RunFolder, Changes]:
        """The same, of what changed since the last good build alone."""
        with Ledger(self.home.ledger) as ledger:
            ledger.export(self.home.lake / "ledger")
        link(self.home, FEEDS)
        folder = RunFolder(self.home, run_id)
        folder.begin()
        planned = carry_over.plan_changes(self.home, self.manifest, AS_OF)
        carry_over.note_state(self.home, folder, self.manifest, planned.signatures)
        increment = carry_over.plan(self.home, self.manifest)
        _, done = carry_over.carry(self.home, folder.build_file, increment, planned, self.manifest)
        names = [node["name"] for node in in_order(self.manifest, done.built)]
        run_dbt(self.home, build_arguments(names), writing_file(self.home), as_of=AS_OF, is_carried=True)
        return folder, done


def published_tables(folder: RunFolder) -> dict[str, Any]:
    """Fingerprint (rows, exclusive or and sum of all row hashes) of every table that would be published."""
    return read_back(folder.build_file)


def rows_of(folder: RunFolder, table: str, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder.build_file), read_only=True) as connection:
        return connection.execute(f"select {columns} from {table} where {where} order by all").fetchall()


@pytest.fixture(scope="module")
def city(published_home: Home, tmp_path_factory: pytest.TempPathFactory) -> City:
    root = tmp_path_factory.mktemp("increments") / "home"
    shutil.copytree(published_home.root, root, symlinks=True)
    return City(Home(root))


@pytest.fixture(scope="module")
def built(city: City) -> dict[str, Any]:
    """Two days built one on the other with a killed run between them, then the same lake from nothing."""
    hazards, checks = city.sent("yjgl.hazard", "隐患_202610*.csv"), city.sent("yjgl.self_check", "*_20261031.csv")
    tips = city.sent("szrx.safety_tip", "安全举报_202611*.csv")
    later = f"{AS_OF} 23:50:00"
    # a correction; a version older than what is known; the same moment with other content: arrival decides; a new one
    corrected = [{**r, "隐患类别": "更正后的类别", "更新时间": later} for r in hazards[:40]]
    outdated = [{**r, "隐患类别": "早先的类别", "更新时间": "2023-01-05 08:00:00"} for r in hazards[40:60]]
    again = [{**r, "隐患类别": "同一时刻再报"} for r in hazards[60:70]]
    new = [{**r, "隐患编号": f"{r['隐患编号']}-补"} for r in hazards[70:90]]
    refused = [{**r, "隐患编号": f"{r['隐患编号']}-误", "隐患级别": "较重"} for r in hazards[90:95]]
    before = set(city.batches())
    city.land("yjgl.hazard", "隐患_20261121.csv", [*corrected, *outdated, *again, *new, *refused])
    city.land(
        "yjgl.self_check", "企业自查_20261121.csv", [{**r, "发现隐患数": "9", "更新时间": later} for r in checks[:30]]
    )
    withdrawn = [{**r, "办理状态": "群众撤单", "更新时间": later} for r in tips[:25]]
    city.land("szrx.safety_tip", "安全举报_20261121.csv", withdrawn)
    # what the marts say in between is of no consequence to the next day
    first_day, first = city.build("day1", arguments=CARRIED_MODELS)
    carry_over.keep(city.home, first_day)
    landed = set(city.batches()) - before

    # the file of a day long past comes now; tips come back; what was refused is judged again under a wider contract
    city.land(
        "yjgl.hazard",
        "隐患_20240105.csv",
        [{**r, "隐患编号": f"{r['隐患编号']}-迟"} for r in hazards[95:110]] + outdated,
    )
    city.land("szrx.safety_tip", "安全举报_20261122.csv", [{**r, "更新时间": f"{AS_OF} 23:59:00"} for r in tips[:10]])
    redriven = redrive(city.home, with_level("较重"), AS_OF, "test", "李四", only="yjgl.hazard")
    half_done = RunFolder(city.home, "killed")
    half_done.begin()
    carry_over.note_state(city.home, half_done, city.manifest)
    carry_over.carry(city.home, half_done.build_file, city.plan())
    with duckdb.connect(str(half_done.build_file)) as connection:
        connection.execute(f"delete from {HAZARD}")  # it was in the middle of exchanging rows
    second_day, second = city.build("day2")
    carry_over.keep(city.home, second_day)
    later = set(city.batches()) - before - landed

    # at noon one file is corrected and one tip taken back: only what they reach is built
    city.land("yjgl.hazard", "隐患_20261124.csv", [{**r, "更新时间": f"{AS_OF} 23:59:30"} for r in hazards[:5]])
    city.land("szrx.safety_tip", "安全举报_20261124.csv", [{**withdrawn[3], "更新时间": f"{AS_OF} 23:59:30"}])
    noon, changed = city.build_changes("noon")
    full, none = city.build("full", full_refresh=True)
    return {
        "first": first,
        "second": second,
        "none": none,
        "landed": landed,
        "later": later,
        "redriven": sum(r.loaded for r in redriven),
        "refused": len(refused),
        "withdrawn": {r["工单号"] for r in withdrawn[10:]},
        "second_day": second_day,
        "noon": noon,
        "changed": changed,
        "full": full,
    }


def with_level(label: str) -> Mapping[str, Feed]:
    """The contracts, with one more word for an ordinary hazard."""
    feed = STRICT["yjgl.hazard"]
    columns = tuple(
        replace(c, codes=(*c.codes, (label, "general"))) if c.label == "隐患级别" else c for c in feed.columns
    )
    return {**STRICT, feed.id: replace(feed, columns=columns, version="9.9.9")}


def test_incremental_builds_and_a_full_refresh_have_the_same_fingerprint_in_every_published_table(
    built: dict[str, Any],
) -> None:
    assert built["first"].anew == built["second"].anew == {}
    assert set(built["first"].carried) == set(built["none"].anew) > set(KEYS)
    assert built["none"].carried == {}
    day, full = published_tables(built["noon"]), published_tables(built["full"])
    assert len(full) > 35
    assert {name: (day.get(name), full[name]) for name in full if day.get(name) != full[name]} == {}


def test_a_file_at_noon_lets_most_of_the_warehouse_be_kept(built: dict[str, Any]) -> None:
    changed = built["changed"]
    made = {name.rpartition(".")[2] for name in changed.built if name.startswith("model.")}
    kept = {name.rpartition(".")[2] for name in changed.kept if name.startswith("model.")}
    assert {"stg_hazard", "fct_hazard", "agg_inspection_month", "fct_tip", "fct_batch"} <= made
    assert {"fct_policy", "fct_accident", "dim_enterprise_history", "fct_credit_list"} <= kept
    assert len(kept) > len(made)
    assert not any(name.startswith("seed.") for name in changed.built)


def test_only_batches_not_seen_before_are_looked_at(built: dict[str, Any]) -> None:
    assert set(built["first"].unseen) == built["landed"]
    assert set(built["second"].unseen) == built["later"]
    assert (len(built["landed"]), len(built["later"]) >= 3) == (3, True)


def test_what_came_late_is_there(built: dict[str, Any]) -> None:
    found = dict(rows_of(built["second_day"], "inspection.fct_hazard", "category, count(*)", "true group by category"))
    assert (found["更正后的类别"], found["同一时刻再报"]) == (40, 10)
    assert "早先的类别" not in found
    keys = [k for (k,) in rows_of(built["second_day"], "inspection.fct_hazard", "hazard_id")]
    ends = [sum(k.endswith(f"-{mark}") for k in keys) for mark in "补迟误"]
    assert ends == [20, 15, built["refused"]]
    assert built["redriven"] >= built["refused"]
    tips = {k for (k,) in rows_of(built["second_day"], "inspection.fct_tip", "tip_id")}
    assert not tips & built["withdrawn"]


def test_only_the_keys_that_were_touched_are_computed(built: dict[str, Any], city: City) -> None:
    last = built["noon"]
    with duckdb.connect(str(last.build_file)) as connection:  # a mark that no computation would leave
        connection.execute(f"update {HAZARD} set category = '沿用'")
    carry_over.keep(city.home, last)
    [*known] = city.sent("yjgl.hazard", "隐患_202609*.csv")[:12]
    untouched = [{**r, "更新时间": "2023-01-05 08:00:00"} for r in known[8:]]
    touching = [{**r, "更新时间": f"{AS_OF} 23:58:00"} for r in known[:8]]
    city.land("yjgl.hazard", "隐患_20261123.csv", [*touching, *untouched])
    folder, _ = city.build("day3", arguments=["run", "--select", f"+{HAZARD.split('.')[1]}"])
    computed = {k for (k,) in rows_of(folder, HAZARD, "hazard_id", "category <> '沿用'")}
    assert computed == {r["隐患编号"] for r in touching}


def test_a_batch_that_changed_lets_only_the_tables_of_its_feed_be_built_anew(built: dict[str, Any], city: City) -> None:
    rewritten = backfill(
        city.home, with_level("较重"), "yjgl.hazard", AS_OF, AS_OF + timedelta(days=5), AS_OF, "test", "赵六"
    ).rewritten
    assert rewritten
    plan = city.plan()
    assert list(plan.anew) == [HAZARD]
    assert any(batch.batch_id in plan.anew[HAZARD] for batch in rewritten)
    assert TIP in plan.carried


def test_incremental_models_rest_on_the_lake_alone(city: City) -> None:
    nodes = city.manifest["nodes"]
    models = [n for n, node in nodes.items() if node["config"].get("materialized") == "incremental"]
    assert len(models) >= len(KEYS)
    for model in models:
        above = [nodes[n] for n in nodes if n in carry_over.ancestors(city.manifest, model)]
        assert {n["schema"] for n in above} == {"staging"}, model
        text = carry_over.code_of(city.manifest, model)
        assert not [w for w in ("as_of()", "var(", "run_started_at", "current_date") if w in text], model
