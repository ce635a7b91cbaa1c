"""What Dagster is given: assets from the contracts, one dbt call, a gate nobody passes around, schedule, sensor, retries."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Feed, Reference
from orchestration.run.daily import write_dagster_settings
from orchestration.run.daily_resource import JOB
from orchestration.run.definitions import build_definitions
from orchestration.run.intake_assets import LEDGER_KEY, RAW_CHECK, before, feed_key, retried_when_it_may_pass
from orchestration.run.warehouse_assets import GATE_KEY, PUBLISH_KEY, RECONCILIATION_CHECK, WRITER_POOL
from orchestration.state.run_folder import data_date
from orchestration.state.writer_lock import WriterLock


@pytest.fixture(scope="module")
def feeds() -> Mapping[str, Feed]:
    return load_feeds()


@pytest.fixture(scope="module")
def parsed(published_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A state folder with nothing but the parsed dbt project of the published city: parsing again costs 8 CPU-s."""
    home = Home(tmp_path_factory.mktemp("definitions") / "home")
    shutil.copytree(published_home.build / "dbt", home.build / "dbt")
    return home


@pytest.fixture(scope="module")
def definitions(parsed: Home, feeds: Mapping[str, Feed]) -> dg.Definitions:
    return build_definitions(home=parsed, feeds=feeds)


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> dg.AssetGraph:
    return definitions.resolve_asset_graph()


def test_dagster_neither_tells_nor_asks_anything_for_others(tmp_path: Path) -> None:
    settings = write_dagster_settings(Home(tmp_path / "home"))
    with dg.DagsterInstance.from_config(str(settings.parent)) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled


@pytest.fixture
def city(parsed: Home, tmp_path: Path) -> Home:
    """A copy with a landing that a test may fill."""
    shutil.copytree(parsed.root, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def sensor(city: Home, feeds: Mapping[str, Feed]) -> dg.SensorDefinition:
    [found] = build_definitions(home=city, feeds=feeds).sensors or []
    assert isinstance(found, dg.SensorDefinition)
    return found


def _land(home: Home, content: bytes) -> Path:
    file = home.landing / "yjgl" / "hazard" / "隐患_20261120.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def _look(sensor: dg.SensorDefinition, cursor: str | None = None) -> dg.SensorExecutionData:
    return sensor.evaluate_tick(dg.build_sensor_context(cursor=cursor, instance=dg.DagsterInstance.ephemeral()))


def test_every_contract_is_an_asset_under_the_name_dbt_knows(graph: dg.AssetGraph, feeds: Mapping[str, Feed]) -> None:
    keys = graph.materializable_asset_keys
    assert {feed_key(f) for f in feeds.values()} <= keys
    assert {k.path[-1] for k in keys if k.path[0] == "lake"} == {
        *(f"{f.department}__{f.name}" for f in feeds.values()),
        "entities",
        "ledger",
        "unknown_files",
    }


def test_all_models_are_one_dbt_call(definitions: dg.Definitions, graph: dg.AssetGraph) -> None:
    job = definitions.resolve_job_def(JOB)
    assert len([name for name in job.graph.node_dict if "dbt" in name]) == 1
    models = graph.get(GATE_KEY).parent_keys
    assert dg.AssetKey(["accident", "fct_accident"]) in models
    assert len({graph.assets_def_for_key(key) for key in models}) == 1


def test_what_writes_a_warehouse_file_takes_the_one_place_of_the_pool(graph: dg.AssetGraph) -> None:
    model = dg.AssetKey(["accident", "fct_accident"])
    assert {pool for key in (model, PUBLISH_KEY) for pool in graph.get(key).pools or ()} == {WRITER_POOL}


def test_every_feed_and_the_gate_have_blocking_checks(graph: dg.AssetGraph, feeds: Mapping[str, Feed]) -> None:
    specs = {key: graph.get_check_spec(key) for key in graph.asset_check_keys}
    for feed in feeds.values():
        assert specs[dg.AssetCheckKey(feed_key(feed), RAW_CHECK)].blocking
    at_the_gate = [spec for key, spec in specs.items() if key.asset_key == GATE_KEY]
    assert all(spec.blocking for spec in at_the_gate)
    assert {RECONCILIATION_CHECK, "accident__fct_accident"} <= {spec.name for spec in at_the_gate}


def test_publishing_comes_after_the_gate_and_the_gate_after_dbt_and_the_raw_checks(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def(JOB)
    structure = job.graph.dependency_structure
    below = {
        name: {
            output.node_name
            for outputs in structure.input_to_upstream_outputs_for_node(name).values()
            for output in outputs
        }
        for name in job.graph.node_dict
    }
    assert below["serving__published"] == {"serving__gate"}
    assert below["serving__gate"] == {"dbt_build"}
    assert "raw_checks" in below["dbt_build"]


def test_the_schedule_is_half_past_five_in_the_city_for_the_day_before(definitions: dg.Definitions) -> None:
    [schedule] = definitions.schedules or []
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 5 * * *", "Asia/Shanghai")
    # 05:30 on the 21st in Nanjing is still the 20th in UTC
    at = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    tick = schedule.evaluate_tick(
        dg.build_schedule_context(instance=dg.DagsterInstance.ephemeral(), scheduled_execution_time=at)
    )
    [request] = tick.run_requests or []
    assert request.run_config["resources"]["daily"]["config"]["date"] == "2026-11-20"


def test_nothing_in_landing_is_no_run(sensor: dg.SensorDefinition) -> None:
    seen = _look(sensor)
    assert seen.run_requests == []
    assert "没有新文件" in (seen.skip_message or "")


def test_a_file_is_waited_for_until_it_stands_still(sensor: dg.SensorDefinition, city: Home) -> None:
    file = _land(city, b"half")
    first = _look(sensor)
    assert first.run_requests == []
    file.write_bytes(b"half and more")
    second = _look(sensor, first.cursor)
    assert second.run_requests == []
    third = _look(sensor, second.cursor)
    [request] = third.run_requests or []
    config = request.run_config["resources"]["daily"]["config"]
    assert config == {"home": str(city.root), "date": data_date().isoformat()}
    assert date.fromisoformat(config["date"]) < datetime.now(UTC).date() + date.resolution


def test_while_another_run_writes_the_sensor_waits(sensor: dg.SensorDefinition, city: Home) -> None:
    _land(city, b"whole")
    cursor = _look(sensor).cursor
    lock = WriterLock(city)
    lock.acquire("r1")
    assert _look(sensor, cursor).run_requests == []
    lock.release()
    assert len(_look(sensor, cursor).run_requests or []) == 1


@pytest.mark.parametrize("error", [OSError("share gone"), TimeoutError(), duckdb.IOException("read error")])
def test_what_may_pass_on_a_second_try_is_tried_again(error: Exception) -> None:
    with pytest.raises(dg.RetryRequested), retried_when_it_may_pass():
        raise error


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyError("column"), duckdb.BinderException("no column")])
def test_a_defect_is_not_tried_again(error: Exception) -> None:
    with pytest.raises(type(error)), retried_when_it_may_pass():
        raise error


def test_the_ledger_stops_a_run_that_never_had_a_file(
    city: Home, feeds: Mapping[str, Feed], monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.run.daily import run_daily

    said: list[str] = []
    monkeypatch.setenv("DAGSTER_HOME", str(city.dagster))  # run_daily sets it; put back after the test
    assert not run_daily(city, date(2026, 11, 20), emit=said.append, feeds=feeds)
    verdict = json.loads((city.serving / "verdict.json").read_text("utf-8"))
    assert verdict["outcome"] == "blocked"
    assert "jgt synth" in verdict["reason"]
    assert LEDGER_KEY.path[-1] in verdict["reason"]
    assert not list(city.build.glob("*/jgt.duckdb"))


def test_a_feed_is_taken_in_after_those_it_refers_to(feeds: Mapping[str, Feed]) -> None:
    assert before(feeds["jrjg.claim"], feeds) == ["jrjg.policy"]
    assert before(feeds["jrjg.policy"], feeds) == []
    link = Reference("claim_no", "jrjg.claim", "claim_no")
    payment = replace(feeds["jrjg.policy"], id="jrjg.payment", references=(link,))
    assert before(payment, feeds) == ["jrjg.policy", "jrjg.claim"]
